import { createHash } from "node:crypto";

/** Scatters the bits of a 32-bit word (the finaliser of MurmurHash3): different words give different words. */
function scattered(word: number): number {
  let bits = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/** 32 hex digits for the `count`th of something, cheap to make: no two counts of one seed share an id. */
export function countedId(seed: number, count: number): string {
  const words = [count, count ^ 0x9e3779b9, seed ^ scattered(count), seed];
  return words.map((word) => scattered(word).toString(16).padStart(8, "0")).join("");
}

/**
 * A repeatable source of choices: equal parts give equal draws, whatever the order of arrival. The first uniform
 * number has 48 bits of SHA-256; what is picked afterwards comes from mulberry32 started with further bits.
 */
export class Draw {
  /** In [0, 1). */
  readonly uniform: number;
  /** 32 hex digits that no other draw shares. */
  readonly id: string;
  #state: number;

  constructor(parts: readonly (string | number)[]) {
    const digest = createHash("sha256").update(JSON.stringify(parts)).digest();
    this.uniform = digest.readUIntBE(0, 6) / 2 ** 48;
    this.#state = digest.readUInt32BE(6);
    this.id = digest.toString("hex", 10, 26);
  }

  /** The next number in [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let word = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    word = (word + Math.imul(word ^ (word >>> 7), 61 | word)) ^ word;
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
  }

  /** The next integer from 0 to `count` − 1. */
  below(count: number): number {
    return Math.floor(this.next() * count);
  }

  /** One of the items. Throws for an empty list. */
  pick<Item>(items: readonly Item[]): Item {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new RangeError("nothing to pick from");
    return item;
  }
}
