import { quantileSorted } from "../stats/quantile.ts";
import { seededRandom } from "../system/seeded-random.ts";
import type { PairedSeries } from "./compare-series.ts";
import { quantileShares, type Statistic } from "./metric.ts";

/** The seed of every resampling: the same data gives the same interval. */
const seed = "promptgrid";
const mostResamples = 2_000;
const fewestResamples = 200;
/** Values that all resamples together may look at. */
const work = 2e8;

/** A quantile on both sides and its relative change, with resampled changes in ascending order. */
export interface QuantileChange {
  readonly base: number | null;
  readonly candidate: number | null;
  readonly value: number | null;
  readonly replicates: Float64Array;
}

/**
 * The relative change of a quantile over all single values, and its bootstrap distribution: rows (or whole clusters) are
 * drawn with replacement, both sides of a row together. 2 000 resamples, fewer (at least 200) for large runs.
 */
export function quantileChange(
  series: PairedSeries,
  statistic: Exclude<Statistic, "mean" | "sum">,
): QuantileChange {
  const q = quantileShares[statistic];
  const base = sortedWithUnits(series, "base");
  const candidate = sortedWithUnits(series, "candidate");
  const whole = (of: SortedValues): number | null => quantileSorted(of.values, q);
  const before = whole(base);
  const after = whole(candidate);
  if (before === null || after === null || !(before > 0))
    return { base: before, candidate: after, value: null, replicates: new Float64Array() };
  const value = after / before - 1;
  const units = base.units;
  if (units < 2) return { base: before, candidate: after, value, replicates: new Float64Array() };
  const size = base.values.length + candidate.values.length;
  const resamples = Math.max(fewestResamples, Math.min(mostResamples, Math.floor(work / size)));
  const random = seededRandom(seed);
  const weights = new Int32Array(units);
  const replicates = new Float64Array(resamples);
  for (let i = 0; i < resamples; i++) {
    weights.fill(0);
    for (let k = 0; k < units; k++) {
      const drawn = Math.floor(random() * units);
      weights[drawn] = (weights[drawn] ?? 0) + 1;
    }
    const lowest = weighted(base, weights, q);
    // A base that may as well be 0 has no relative change, and no interval of one.
    if (!(lowest > 0)) return { base: before, candidate: after, value, replicates: new Float64Array() };
    replicates[i] = weighted(candidate, weights, q) / lowest - 1;
  }
  return { base: before, candidate: after, value, replicates: replicates.sort() };
}

/** Values in ascending order, each with the number of the unit (row or cluster) it belongs to. */
interface SortedValues {
  readonly values: Float64Array;
  readonly unitOf: Int32Array;
  readonly units: number;
}

function sortedWithUnits(series: PairedSeries, side: "base" | "candidate"): SortedValues {
  const values: number[] = [];
  const unitOf: number[] = [];
  const known = new Map<string, number>();
  for (let pair = 0; pair < series.base.length; pair++) {
    const cluster = series.clusters?.[pair] ?? String(pair);
    const unit = known.get(cluster) ?? known.size;
    known.set(cluster, unit);
    for (const value of Array.from(series.values(pair)[side])) {
      values.push(value);
      unitOf.push(unit);
    }
  }
  const order = Int32Array.from(values, (_, i) => i).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  return {
    values: Float64Array.from(order, (i) => values[i] ?? 0),
    unitOf: Int32Array.from(order, (i) => unitOf[i] ?? 0),
    units: known.size,
  };
}

/** The quantile of the values as often as their units were drawn: the first that reaches the share. */
function weighted({ values, unitOf }: SortedValues, weights: Int32Array, q: number): number {
  let total = 0;
  for (const unit of unitOf) total += weights[unit] ?? 0;
  const wanted = q * (total - 1);
  let seen = 0;
  for (let i = 0; i < values.length; i++) {
    seen += weights[unitOf[i] ?? 0] ?? 0;
    if (seen > wanted) return values[i] ?? Number.NaN;
  }
  return values.at(-1) ?? Number.NaN;
}
