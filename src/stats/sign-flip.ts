import { seededRandom } from "../system/seeded-random.ts";
import { binomialUpperTail } from "./binomial.ts";
import { type Clusters, clusterSums } from "./mean.ts";
import type { PValues } from "./p-values.ts";

export interface SignFlipOptions {
  /** Whole clusters flip together: the unit is the sum of its differences. */
  readonly clusters?: Clusters;
  /** For the sampled test of many units; the same seed gives the same p. Default 1. */
  readonly seed?: number | string;
}

export interface SignFlip {
  /** Units: differences, or clusters of them. */
  readonly n: number;
  readonly p: PValues;
  /** False where flips were sampled. */
  readonly exact: boolean;
}

/** Up to so many units that are not 0 all flips are counted. */
const mostExactUnits = 32;
const sampledFlips = 100_000;
/** Sums that differ by less than this share of all magnitudes together are equal, and rounding parted them. */
const rounding = 1e-12;

/**
 * Sign-flip (Fisher's randomisation) test of paired differences: if nothing changed, each difference is as likely with
 * the other sign, so p is the share of all sign patterns whose sum is as far out as the real one; for two sides |sum|.
 * Differences of 0 stay and do not change p. Counted exactly for up to 32 units that are not 0 (both halves of the units
 * are listed and sorted, then counted against each other, Horowitz and Sahni 1974) and, as a binomial tail, wherever all
 * of these are of one magnitude; else 100 000 seeded flips with p = (hits + 1) / (flips + 1) (Phipson and Smyth 2010).
 * Nothing at all gives p = 1. Not for unpaired samples, and it tests symmetry about 0, not the mean of skewed differences.
 * Throws RangeError for what is not finite.
 */
export function signFlipTest(differences: ArrayLike<number>, options: SignFlipOptions = {}): SignFlip {
  const sums = options.clusters === undefined ? differences : clusterSums(differences, options.clusters, 0);
  const n = sums.length;
  const units = unitsThatCount(sums);
  const positive = units.filter((value) => value > 0).length;
  if (sameMagnitude(units)) return { n, p: binomialP(positive, units.length), exact: true };
  if (units.length <= mostExactUnits) return { n, p: countedP(units), exact: true };
  return { n, p: sampledP(units, options.seed ?? 1), exact: false };
}

function unitsThatCount(sums: ArrayLike<number>): Float64Array {
  const values = Float64Array.from(sums);
  let total = 0;
  for (const value of values) {
    if (!Number.isFinite(value)) throw new RangeError(`finite differences are needed, got ${value}`);
    total += Math.abs(value);
  }
  return values.filter((value) => Math.abs(value) > total * rounding);
}

function sameMagnitude(units: Float64Array): boolean {
  const first = Math.abs(units[0] ?? 0);
  return units.every((value) => Math.abs(Math.abs(value) - first) <= first * rounding);
}

function binomialP(positive: number, units: number): PValues {
  const greater = binomialUpperTail(positive, units, 0.5);
  const less = binomialUpperTail(units - positive, units, 0.5);
  return { twoSided: Math.min(1, 2 * Math.min(less, greater)), less, greater };
}

function countedP(units: Float64Array): PValues {
  const middle = units.length >> 1;
  const left = flippedSums(units.subarray(0, middle)).sort();
  const right = flippedSums(units.subarray(middle)).sort();
  const patterns = left.length * right.length;
  const { sum, slack } = observed(units);
  // Flipping every sign mirrors the distribution, so P(S ≤ s) = P(S ≥ −s).
  const greater = pairsFrom(left, right, sum - slack) / patterns;
  const less = pairsFrom(left, right, -sum - slack) / patterns;
  return { twoSided: Math.min(1, 2 * Math.min(less, greater)), less, greater };
}

/** The sums of all sign patterns. */
function flippedSums(units: Float64Array): Float64Array {
  const sums = new Float64Array(2 ** units.length);
  let size = 1;
  for (const unit of units) {
    for (let i = 0; i < size; i++) {
      const sum = sums[i] ?? 0;
      sums[i + size] = sum + unit;
      sums[i] = sum - unit;
    }
    size *= 2;
  }
  return sums;
}

/** How many pairs of ascending numbers reach a bound together. */
function pairsFrom(left: Float64Array, right: Float64Array, bound: number): number {
  let count = 0;
  let j = right.length;
  for (const value of left) {
    while (j > 0 && value + (right[j - 1] ?? 0) >= bound) j--;
    count += right.length - j;
  }
  return count;
}

function observed(units: Float64Array): { readonly sum: number; readonly slack: number } {
  let sum = 0;
  let total = 0;
  for (const unit of units) {
    sum += unit;
    total += Math.abs(unit);
  }
  return { sum, slack: total * rounding };
}

function sampledP(units: Float64Array, seed: number | string): PValues {
  const random = seededRandom(seed);
  const { sum, slack } = observed(units);
  let twoSided = 1;
  let less = 1;
  let greater = 1;
  for (let flip = 0; flip < sampledFlips; flip++) {
    let flipped = 0;
    let bits = 0;
    for (let i = 0; i < units.length; i++) {
      // One random number has signs for 32 units.
      bits = i % 32 === 0 ? (random() * 2 ** 32) | 0 : bits >>> 1;
      flipped += (bits & 1) === 0 ? (units[i] ?? 0) : -(units[i] ?? 0);
    }
    if (flipped <= sum + slack) less++;
    if (flipped >= sum - slack) greater++;
    if (Math.abs(flipped) >= Math.abs(sum) - slack) twoSided++;
  }
  const flips = sampledFlips + 1;
  return { twoSided: twoSided / flips, less: less / flips, greater: greater / flips };
}
