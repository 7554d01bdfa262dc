/** Numbers that are only ever appended, in one typed array: 8 bytes each. */
export class NumberList {
  #values = new Float64Array(64);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const grown = new Float64Array(this.#length * 2);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[this.#length++] = value;
  }

  /** The numbers so far, in the order they came. A view: it is not to be kept over a `push`. */
  view(): Float64Array {
    return this.#values.subarray(0, this.#length);
  }

  /** Forgets the numbers and gives their memory back. */
  clear(): void {
    this.#values = new Float64Array(64);
    this.#length = 0;
  }

  /** A sorted copy. */
  sorted(): Float64Array {
    return this.#values.slice(0, this.#length).sort();
  }
}
