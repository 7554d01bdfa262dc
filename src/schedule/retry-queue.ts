/** A request that waits for its next attempt. */
export interface Waiting<T> {
  readonly dueAt: number;
  readonly item: T;
}

/** Requests that wait for a retry, the soonest first (a binary heap). A waiting one holds no slot. */
export class RetryQueue<T> {
  readonly #heap: Waiting<T>[] = [];

  get size(): number {
    return this.#heap.length;
  }

  /** When the soonest is due; Infinity for none. */
  get nextDueAt(): number {
    return this.#heap[0]?.dueAt ?? Number.POSITIVE_INFINITY;
  }

  /** The soonest; null for none. */
  get next(): T | null {
    return this.#heap[0]?.item ?? null;
  }

  push(waiting: Waiting<T>): void {
    const heap = this.#heap;
    heap.push(waiting);
    let at = heap.length - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if ((heap[parent]?.dueAt ?? 0) <= waiting.dueAt) break;
      this.#swap(at, parent);
      at = parent;
    }
  }

  /** The soonest, taken out; null for none. */
  pop(): Waiting<T> | null {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined) return null;
    if (heap.length > 0) {
      heap[0] = last;
      this.#sink();
    }
    return first;
  }

  #sink(): void {
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const right = left + 1;
      let least = at;
      if (this.#due(left) < this.#due(least)) least = left;
      if (this.#due(right) < this.#due(least)) least = right;
      if (least === at) return;
      this.#swap(at, least);
      at = least;
    }
  }

  #due(at: number): number {
    return this.#heap[at]?.dueAt ?? Number.POSITIVE_INFINITY;
  }

  #swap(a: number, b: number): void {
    const heap = this.#heap;
    const x = heap[a];
    const y = heap[b];
    if (x === undefined || y === undefined) return;
    heap[a] = y;
    heap[b] = x;
  }
}
