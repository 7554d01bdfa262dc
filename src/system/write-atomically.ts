import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";

/** Bytes that are collected before they are written. */
const blockBytes = 1 << 18;
/** The most that UTF-8 takes for a UTF-16 unit. */
const mostBytesPerUnit = 3;

/**
 * A file that appears whole or not at all: text goes to a temporary file beside it, which `commit` syncs and renames
 * over the target. Text is encoded into one block at once: strings that wait would outlive the collector's young space.
 */
export class AtomicFile {
  readonly #path: string;
  readonly #temporary: string;
  readonly #fd: number;
  readonly #block: Buffer = Buffer.allocUnsafeSlow(blockBytes);
  #held = 0;
  #open = true;

  constructor(path: string) {
    this.#path = path;
    this.#temporary = `${path}.${process.pid}.tmp`;
    this.#fd = openSync(this.#temporary, "w");
  }

  write(text: string): void {
    const most = text.length * mostBytesPerUnit;
    if (this.#held + most > blockBytes) this.#flush();
    if (most > blockBytes) writeAll(this.#fd, Buffer.from(text, "utf8"));
    else this.#held += this.#block.write(text, this.#held);
  }

  /** The bytes are copied. */
  writeBytes(bytes: Uint8Array): void {
    if (this.#held + bytes.length > blockBytes) this.#flush();
    if (bytes.length > blockBytes) writeAll(this.#fd, bytes);
    else {
      this.#block.set(bytes, this.#held);
      this.#held += bytes.length;
    }
  }

  commit(): void {
    this.#flush();
    fsyncSync(this.#fd);
    this.#close();
    renameSync(this.#temporary, this.#path);
  }

  /** Leaves the target as it was. */
  discard(): void {
    if (!this.#open) return;
    this.#close();
    rmSync(this.#temporary, { force: true });
  }

  #flush(): void {
    const held = this.#held;
    this.#held = 0;
    writeAll(this.#fd, this.#block.subarray(0, held));
  }

  #close(): void {
    this.#open = false;
    closeSync(this.#fd);
  }
}

/** Writes a whole file by temporary file and rename; the target is never half-written. */
export function writeAtomically(path: string, content: string | Uint8Array): void {
  const temporary = `${path}.${process.pid}.tmp`;
  const fd = openSync(temporary, "w");
  try {
    writeAll(fd, typeof content === "string" ? Buffer.from(content, "utf8") : content);
    fsyncSync(fd);
  } catch (error) {
    closeSync(fd);
    rmSync(temporary, { force: true });
    throw error;
  }
  closeSync(fd);
  renameSync(temporary, path);
}

/** Writes all bytes at the file's position; one `write` may take only a part. */
export function writeAll(fd: number, bytes: Uint8Array): void {
  let at = 0;
  while (at < bytes.length) at += writeSync(fd, bytes, at);
}
