import { tQuantile } from "./student-t.ts";

/** Which values depend on each other: one cluster name or number for each value. */
export type Clusters = ArrayLike<string | number>;

/** A mean with its standard error. Null is unknown: no value has no mean, a single one no error. */
export interface MeanEstimate {
  readonly n: number;
  readonly mean: number | null;
  readonly standardError: number | null;
  /** Degrees of freedom of the error: n − 1, or clusters − 1. */
  readonly df: number;
}

/** A mean with its interval; bounds are null where one value, or one cluster, says nothing of the spread. */
export interface MeanInterval extends MeanEstimate {
  readonly low: number | null;
  readonly high: number | null;
}

export interface IntervalOptions {
  /** Share of intervals that hold the truth; default 0.95. */
  readonly confidence?: number;
  readonly clusters?: Clusters;
}

/**
 * Mean and standard error: s / √n with divisor n − 1; with `clusters` the square root of Σ_c (Σ deviations in c)² / n²
 * times C / (C − 1) (Miller 2024, arXiv 2411.00640, with the small-sample factor CR1). Singleton clusters change nothing.
 */
export function meanEstimate(values: ArrayLike<number>, clusters?: Clusters): MeanEstimate {
  const n = values.length;
  if (n === 0) return { n, mean: null, standardError: null, df: 0 };
  let sum = 0;
  for (let i = 0; i < n; i++) sum += values[i] ?? Number.NaN;
  const mean = sum / n;
  const deviations = clusters === undefined ? null : clusterSums(values, clusters, mean);
  const groups = deviations === null ? n : deviations.length;
  let squares = 0;
  for (let i = 0; i < groups; i++) squares += (deviations?.[i] ?? (values[i] ?? Number.NaN) - mean) ** 2;
  const standardError = groups < 2 ? null : Math.sqrt((squares * groups) / (groups - 1)) / n;
  return { n, mean, standardError, df: groups - 1 };
}

/** Mean with its t interval, n − 1 or clusters − 1 degrees of freedom. The bounds may lie outside of 0..1. */
export function meanInterval(values: ArrayLike<number>, options: IntervalOptions = {}): MeanInterval {
  const estimate = meanEstimate(values, options.clusters);
  const { mean, standardError, df } = estimate;
  if (mean === null || standardError === null) return { ...estimate, low: null, high: null };
  const half = tQuantile((1 + (options.confidence ?? 0.95)) / 2, df) * standardError;
  return { ...estimate, low: mean - half, high: mean + half };
}

/** Sum of value − centre for each cluster, in the order in which clusters first appear. */
export function clusterSums(
  values: ArrayLike<number>,
  clusters: Clusters,
  centre: number,
): readonly number[] {
  if (clusters.length !== values.length) throw new RangeError("one cluster for each value is needed");
  const sums = new Map<string | number, number>();
  for (let i = 0; i < values.length; i++) {
    const cluster = clusters[i] ?? "";
    sums.set(cluster, (sums.get(cluster) ?? 0) + (values[i] ?? Number.NaN) - centre);
  }
  return [...sums.values()];
}
