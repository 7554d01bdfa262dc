import { seededRandom } from "../system/seeded-random.ts";
import type { Clusters } from "./mean.ts";
import { quantileSorted } from "./quantile.ts";

export interface BootstrapOptions {
  /** Default 0.95. */
  readonly confidence?: number;
  /** Default 10 000. */
  readonly resamples?: number;
  /** The same seed gives the same interval; default 1. */
  readonly seed?: number | string;
  /** Whole clusters are drawn: one name or number for each item. */
  readonly clusters?: Clusters;
}

/** A statistic with its bootstrap interval; null where fewer than two units, or no resample, gave a number. */
export interface BootstrapInterval {
  /** The statistic of the items as they are. */
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** Standard deviation of the statistic over resamples. */
  readonly standardError: number | null;
}

/**
 * Percentile bootstrap interval of any statistic (Efron and Tibshirani 1993, chapter 13): items are drawn with
 * replacement, as many as there are, and the interval holds the middle of what the statistic makes of them. An item is
 * whatever belongs together: a number, a row number, both sides of a row. The statistic gets one array that is used
 * again; resamples for which it gives no finite number are left out. For statistics without a formula; not for means and
 * rates (`meanInterval`, `rateInterval`), below some 20 items, or for extremes like a maximum, where it is too narrow.
 */
export function bootstrapInterval<T>(
  items: ArrayLike<T>,
  statistic: (sample: readonly T[]) => number | null,
  { confidence = 0.95, resamples = 10_000, seed = 1, clusters }: BootstrapOptions = {},
): BootstrapInterval {
  const units = drawnUnits(items, clusters);
  const whole = items.length === 0 ? null : finite(statistic(Array.from(items)));
  if (units.length < 2) return { value: whole, low: null, high: null, standardError: null };
  const random = seededRandom(seed);
  const replicates: number[] = [];
  const sample: T[] = [];
  for (let resample = 0; resample < resamples; resample++) {
    let size = 0;
    for (let draw = 0; draw < units.length; draw++) {
      for (const item of units[Math.floor(random() * units.length)] ?? []) {
        sample[size] = item;
        size++;
      }
    }
    sample.length = size;
    const replicate = finite(statistic(sample));
    if (replicate !== null) replicates.push(replicate);
  }
  const sorted = Float64Array.from(replicates).sort();
  return {
    value: whole,
    low: quantileSorted(sorted, (1 - confidence) / 2),
    high: quantileSorted(sorted, (1 + confidence) / 2),
    standardError: deviation(sorted),
  };
}

function drawnUnits<T>(items: ArrayLike<T>, clusters: Clusters | undefined): readonly (readonly T[])[] {
  if (clusters === undefined) return Array.from(items, (item) => [item]);
  if (clusters.length !== items.length) throw new RangeError("one cluster for each item is needed");
  const units = new Map<string | number, T[]>();
  for (const [i, item] of Array.from(items).entries()) {
    const cluster = clusters[i] ?? "";
    const unit = units.get(cluster);
    if (unit === undefined) units.set(cluster, [item]);
    else unit.push(item);
  }
  return [...units.values()];
}

function finite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null;
}

function deviation(values: Float64Array): number | null {
  if (values.length < 2) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}
