import { binomialCdf } from "./binomial.ts";
import { quantileSorted } from "./quantile.ts";

/** A median with its interval; bounds are null where there are too few values for the confidence asked for. */
export interface MedianInterval {
  readonly median: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** Ranks of the bounds among the sorted values, from 1. */
  readonly lowRank: number | null;
  readonly highRank: number | null;
  /** What the interval really covers, at least the confidence asked for. */
  readonly coverage: number | null;
}

/**
 * Median with its interval from order statistics: the r-th smallest and r-th largest value with the largest r for which
 * 1 − 2 P(X ≤ r − 1), X ~ Bin(n, ½), is at least `confidence` (Conover 1999, section 3.2). Assumes nothing of the
 * distribution. Needs 6 values for 95 %, 8 for 99 %. Not for clustered values. Throws RangeError for NaN.
 */
export function medianInterval(values: ArrayLike<number>, confidence: number = 0.95): MedianInterval {
  if (!(confidence >= 0 && confidence < 1))
    throw new RangeError(`a confidence in 0..1 is needed, got ${confidence}`);
  const sorted = Float64Array.from(values).sort();
  const n = sorted.length;
  if (n > 0 && Number.isNaN(sorted[n - 1])) throw new RangeError("numbers are needed, got NaN");
  const median = quantileSorted(sorted, 0.5);
  const rank = largestRank(n, confidence);
  if (rank === 0) return { median, low: null, high: null, lowRank: null, highRank: null, coverage: null };
  return {
    median,
    low: sorted[rank - 1] ?? null,
    high: sorted[n - rank] ?? null,
    lowRank: rank,
    highRank: n + 1 - rank,
    coverage: coverageOf(rank, n),
  };
}

/** The largest rank whose interval covers enough; 0 for none. */
function largestRank(n: number, confidence: number): number {
  let [enough, beyond] = [0, Math.floor(n / 2) + 1];
  while (beyond - enough > 1) {
    const middle = (enough + beyond) >> 1;
    if (coverageOf(middle, n) >= confidence) enough = middle;
    else beyond = middle;
  }
  return enough;
}

function coverageOf(rank: number, n: number): number {
  return 1 - 2 * binomialCdf(rank - 1, n, 0.5);
}
