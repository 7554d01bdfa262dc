/** Something that holds part of an answer and can let go of it. */
export interface BytesHolder {
  /** Ends what is held; the message says which limit was passed. */
  giveUp(message: string): void;
}

/** The most that all unfinished large answers of a client may hold together, in bytes. */
export const mostHeld: number = 256 * 1024 * 1024;

/**
 * Bytes that the exchanges of a client hold of unfinished answers. When they pass the limit, whoever holds the most is
 * given up, so that servers gone wild cannot fill the memory, and a small answer beside them is never the victim.
 */
export class HeldBytes {
  readonly #most: number;
  readonly #held = new Map<BytesHolder, number>();
  #sum = 0;

  constructor(most: number = mostHeld) {
    this.#most = most;
  }

  /** The holder now has so many bytes. */
  grew(holder: BytesHolder, bytes: number): void {
    this.#sum += bytes - (this.#held.get(holder) ?? 0);
    this.#held.set(holder, bytes);
    while (this.#sum > this.#most && this.#held.size > 0) {
      const largest = [...this.#held].reduce((a, b) => (b[1] > a[1] ? b : a))[0];
      this.release(largest);
      largest.giveUp(`unfinished answers hold more than ${this.#most / 1024 / 1024} MB together`);
    }
  }

  /** The holder has nothing any more. */
  release(holder: BytesHolder): void {
    const bytes = this.#held.get(holder);
    if (bytes === undefined) return;
    this.#held.delete(holder);
    this.#sum -= bytes;
  }
}
