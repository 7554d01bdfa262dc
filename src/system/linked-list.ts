/** What can be in one list at a time. The fields belong to the list. */
export interface Linked<T> {
  previous: T | null;
  next: T | null;
}

/**
 * Items in the order they were added, linked through themselves. For what comes and goes with every request: a Map or a Set
 * makes a new table after as many changes as it has places, and V8's old table, dead but among the old, points to the new one, so
 * that the collector keeps whatever stood in any of them (docs/design/speed.md).
 */
export class LinkedList<T extends Linked<T>> implements Iterable<T> {
  #first: T | null = null;
  #last: T | null = null;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get first(): T | null {
    return this.#first;
  }

  /** Adds an item that is in no list. */
  add(item: T): void {
    item.previous = this.#last;
    if (this.#last === null) this.#first = item;
    else this.#last.next = item;
    this.#last = item;
    this.#size++;
  }

  /** Takes an item out; false where it is not in the list. */
  delete(item: T): boolean {
    const { previous, next } = item;
    if (previous === null && this.#first !== item) return false;
    if (previous === null) this.#first = next;
    else previous.next = next;
    if (next === null) this.#last = previous;
    else next.previous = previous;
    item.previous = null;
    item.next = null;
    this.#size--;
    return true;
  }

  clear(): void {
    for (let item = this.#first; item !== null; item = this.#first) this.delete(item);
  }

  /** In order. An item may be taken out while it is looked at. */
  *[Symbol.iterator](): Iterator<T> {
    for (let item = this.#first; item !== null; ) {
      const { next } = item;
      yield item;
      item = next;
    }
  }
}
