/**
 * A map that forgets what was not asked for lately. It holds two generations: an entry that is read moves to the young
 * one, and when that is full the old one goes. Between one and two capacities of the latest entries stay.
 */
export class RecentMap<Value> {
  readonly #capacity: number;
  #young = new Map<string, { readonly value: Value; readonly weight: number }>();
  #old = new Map<string, { readonly value: Value; readonly weight: number }>();
  #weight = 0;

  /** `capacity` is in the unit of the weights. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get(key: string): Value | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young.value;
    const old = this.#old.get(key);
    if (old === undefined) return undefined;
    this.set(key, old.value, old.weight);
    return old.value;
  }

  /** An entry heavier than the whole capacity is not kept. */
  set(key: string, value: Value, weight: number): void {
    if (weight > this.#capacity) return;
    if (this.#weight + weight > this.#capacity) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#weight = 0;
    }
    this.#weight += weight - (this.#young.get(key)?.weight ?? 0);
    this.#young.set(key, { value, weight });
  }
}
