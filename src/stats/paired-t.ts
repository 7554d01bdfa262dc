import { type IntervalOptions, type MeanInterval, meanEstimate } from "./mean.ts";
import type { PValues } from "./p-values.ts";
import { signFlipTest } from "./sign-flip.ts";
import { tCdf, tQuantile } from "./student-t.ts";

/** A mean difference with its test. Null is unknown: one row, or one cluster, says nothing of the spread. */
export interface PairedT extends MeanInterval {
  /** Mean / standard error; null where all units differ by the same, and it would be infinite. */
  readonly t: number | null;
  readonly p: PValues | null;
}

/**
 * Paired t test: whether the mean of candidate − base, one difference a row, is 0; `p.less` is evidence that it is below.
 * t = mean / SE with n − 1 degrees of freedom; with `clusters` the error of `meanEstimate` (CR1) with clusters − 1
 * (Student 1908; Miller 2024, arXiv 2411.00640). Rows of several trials enter with the difference of their means.
 * Where there is no variance at all p is that of the exact `signFlipTest`, and the interval is the mean alone, which is
 * no measure of what is known. Not for single pass-or-fail answers (`mcnemar`), nor for a handful of rows (`signFlipTest`).
 * Throws RangeError for what is not finite.
 */
export function pairedT(differences: ArrayLike<number>, options: IntervalOptions = {}): PairedT {
  const { n, mean, standardError, df } = meanEstimate(differences, options.clusters);
  if (mean !== null && !Number.isFinite(mean)) throw new RangeError("finite differences are needed");
  if (mean === null || standardError === null) {
    return { n, mean, standardError: null, df, t: null, p: null, low: null, high: null };
  }
  if (isRounding(standardError, differences)) {
    const { p } = signFlipTest(differences, options);
    return { n, mean, standardError: 0, df, t: null, p, low: mean, high: mean };
  }
  const t = mean / standardError;
  const half = tQuantile((1 + (options.confidence ?? 0.95)) / 2, df) * standardError;
  const p = { twoSided: 2 * tCdf(-Math.abs(t), df), less: tCdf(t, df), greater: tCdf(-t, df) };
  return { n, mean, standardError, df, t, p, low: mean - half, high: mean + half };
}

/** Whether an error is what rounding leaves of none: differences of thirds are rarely the same to the last bit. */
function isRounding(standardError: number, differences: ArrayLike<number>): boolean {
  let largest = 0;
  for (let i = 0; i < differences.length; i++) largest = Math.max(largest, Math.abs(differences[i] ?? 0));
  return standardError <= largest * 1e-13;
}
