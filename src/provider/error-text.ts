/** Collects the body of an error answer: its first 256 KB, because the rest is never read by anyone. */
export class ErrorText {
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  write(chunk: Buffer): void {
    if (this.#bytes >= mostBytes) return;
    this.#bytes += chunk.length;
    this.#chunks.push(chunk);
  }

  /** Whether more would not be read by anyone. */
  get isFull(): boolean {
    return this.#bytes >= mostBytes;
  }

  /** What came so far, as UTF-8. */
  text(): string {
    return Buffer.concat(this.#chunks).subarray(0, mostBytes).toString("utf8");
  }
}

const mostBytes = 256 * 1024;
