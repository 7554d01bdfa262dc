import { createHash } from "node:crypto";

/**
 * Gives numbers in [0, 1) with 53 random bits, the same ones for the same seed on every machine and version.
 * Chris Doty-Humphrey's sfc32 (PractRand), its state the first 128 bits of SHA-256 over the seed as text, so that near
 * seeds give unrelated numbers; `7` and `"7"` are one seed. Not for secrets.
 */
export function seededRandom(seed: number | string): () => number {
  const digest = createHash("sha256").update(String(seed)).digest();
  let a = digest.readUInt32LE(0);
  let b = digest.readUInt32LE(4);
  let c = digest.readUInt32LE(8);
  let counter = digest.readUInt32LE(12);
  const next32 = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  for (let i = 0; i < 12; i++) next32();
  return () => ((next32() >>> 5) * 2 ** 26 + (next32() >>> 6)) / 2 ** 53;
}

/** Something with places that can be swapped: an array or a typed array. */
interface Swappable<T> {
  readonly length: number;
  [index: number]: T;
}

/** Puts the items in a random order (Fisher and Yates, Durstenfeld's form); every order is equally likely. */
export function shuffleInPlace<T>(items: Swappable<T>, random: () => number): void {
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const held = items[i] as T;
    items[i] = items[j] as T;
    items[j] = held;
  }
}

/** The numbers 0 … n−1 in an order that the seed alone decides; `n` is at most 2^31 − 1. */
export function permutation(n: number, seed: number | string): Int32Array {
  const order = new Int32Array(n);
  for (let i = 0; i < n; i++) order[i] = i;
  shuffleInPlace(order, seededRandom(seed));
  return order;
}
