import { type IntervalOptions, meanEstimate } from "./mean.ts";
import { normalQuantile } from "./normal.ts";

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** A rate with its interval; `n` counts rows. All null for none. */
export interface RateInterval {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly n: number;
}

/**
 * Wilson's score interval of a proportion: centre (p + z²/2n) / (1 + z²/n), half-width z √(p(1−p)/n + z²/4n²) / (1 + z²/n).
 * Exactly 0 at no success and exactly 1 at nothing but successes. `successes` and `n` need not be whole (an effective
 * sample size is not). Throws RangeError unless 0 ≤ successes ≤ n and n > 0.
 */
export function wilsonInterval(successes: number, n: number, confidence: number = 0.95): Interval {
  if (!(n > 0 && successes >= 0 && successes <= n)) {
    throw new RangeError(`0 ≤ successes ≤ n and n > 0 are needed, got ${successes} of ${n}`);
  }
  const z = normalQuantile((1 + confidence) / 2);
  const p = successes / n;
  const shrink = 1 + (z * z) / n;
  const centre = (p + (z * z) / (2 * n)) / shrink;
  const half = (z * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n))) / shrink;
  return {
    low: successes === 0 ? 0 : Math.max(0, centre - half),
    high: successes === n ? 1 : Math.min(1, centre + half),
  };
}

export interface RateOptions extends IntervalOptions {
  /** Completions behind all rows together. Without it, rows that are all 0 or 1 are taken for one completion each. */
  readonly completions?: number;
}

/**
 * Pass rate over rows with its Wilson interval. Each value is one row's share of passes: 0 or 1 for one completion a
 * row, anything between for an average over trials and choices. The size that enters Wilson is
 * - the rows, for one completion a row without clusters, and wherever the rate is 0 or 1;
 * - else the effective n = p(1−p) / SE², SE of the row means, clustered when clusters are given. Where SE is 0 (every
 *   row half right) that is the number of completions; where it is unknown (one row, one cluster) it is the number of
 *   rows, or 1 for the one cluster.
 */
export function rateInterval(rows: ArrayLike<number>, options: RateOptions = {}): RateInterval {
  const estimate = meanEstimate(rows, options.clusters);
  const { mean: value, n } = estimate;
  if (value === null) return { value: null, low: null, high: null, n: 0 };
  const size = effectiveSize(rows, value, estimate.standardError, options);
  const interval = wilsonInterval(Math.min(size, value * size), size, options.confidence);
  return { value, ...interval, n };
}

function effectiveSize(
  rows: ArrayLike<number>,
  value: number,
  standardError: number | null,
  options: RateOptions,
): number {
  const clustered = options.clusters !== undefined;
  if (value <= 0 || value >= 1 || (!clustered && !isAveraged(rows, options.completions))) return rows.length;
  if (standardError === null) return clustered ? 1 : rows.length;
  const variance = standardError ** 2;
  // Rounding may leave a trace where every row is the same.
  if (variance < 1e-24) return options.completions ?? rows.length;
  const effective = (value * (1 - value)) / variance;
  return options.completions === undefined ? effective : Math.min(effective, options.completions);
}

function isAveraged(rows: ArrayLike<number>, completions: number | undefined): boolean {
  if (completions !== undefined) return completions > rows.length;
  for (let i = 0; i < rows.length; i++) {
    if (rows[i] !== 0 && rows[i] !== 1) return true;
  }
  return false;
}
