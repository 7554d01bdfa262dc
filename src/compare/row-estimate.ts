import { type Clusters, meanInterval } from "../stats/mean.ts";
import { rateInterval } from "../stats/rate.ts";
import type { Estimate } from "./estimate.ts";
import type { Quantity } from "./metric.ts";
import type { Side } from "./side.ts";
import type { VariantMeans } from "./variant-means.ts";

/** What row means stand for, as far as their interval depends on it. */
export interface RowKind {
  /** Values between yes and no: a mean with its t interval instead of a rate with Wilson's. */
  readonly graded: boolean;
  /** Values behind all row means together. */
  readonly completions: number;
  /** One for each row mean; null where rows are independent. */
  readonly clusters: Clusters | null;
}

/** Six decimals, as the estimates of a summary have them. */
function short(value: number | null): number | null {
  return value === null ? null : Math.round(value * 1e6) / 1e6;
}

/** The value of some row means with its 95 % interval, by the rules of `RowScores`; all null for no row. */
export function estimateRows(means: Float64Array, { graded, completions, clusters }: RowKind): Estimate {
  const options = clusters === null ? {} : { clusters };
  if (!graded) {
    const { value, low, high, n } = rateInterval(means, { completions, ...options });
    return { value: short(value), low: short(low), high: short(high), n };
  }
  const { mean, low, high, n } = meanInterval(means, options);
  return {
    value: short(mean),
    low: low === null ? null : short(Math.max(0, low)),
    high: high === null ? null : short(Math.min(1, high)),
    n,
  };
}

/** The estimate of one variant over some rows, by their positions; those without a value do not count. */
export function estimateVariant(
  { means, counts }: VariantMeans,
  rows: Int32Array,
  graded: boolean,
  clusters: readonly string[] | null,
): Estimate {
  const values = new Float64Array(rows.length);
  const own: string[] = [];
  let known = 0;
  let completions = 0;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] ?? 0;
    const count = counts[row] ?? 0;
    if (count === 0) continue;
    values[known++] = means[row] ?? Number.NaN;
    completions += count;
    if (clusters !== null) own.push(clusters[row] ?? "");
  }
  return estimateRows(values.subarray(0, known), {
    graded,
    completions,
    clusters: clusters === null ? null : own,
  });
}

/**
 * Whether a score is graded: some row's values do not add up to a whole number, as yes (1) and no (0) always do. A side
 * holds no types of scorers, only what they said.
 */
export function isGradedQuantity(side: Side, quantity: Quantity): boolean {
  if (quantity === "pass") return false;
  return side.variants.some(({ series }) => {
    const found = series.get(quantity);
    return found?.means.some((mean, row) => !isWhole(mean * (found.counts[row] ?? 0))) ?? false;
  });
}

function isWhole(sum: number): boolean {
  return Number.isNaN(sum) || Math.abs(sum - Math.round(sum)) < 1e-9;
}
