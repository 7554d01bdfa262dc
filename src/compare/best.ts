import { holm } from "../stats/adjust.ts";
import { compareSeries } from "./compare-series.ts";
import type { Comparison } from "./comparison.ts";
import type { Estimate } from "./estimate.ts";
import type { Quantity } from "./metric.ts";
import { rounded } from "./numbers.ts";
import { pairMeans } from "./pair-means.ts";
import { rowClusters } from "./row-clusters.ts";
import { estimateVariant, isGradedQuantity } from "./row-estimate.ts";
import type { Side } from "./side.ts";
import { qualityMetric, type VariantMeans, variantMeans } from "./variant-means.ts";

/** A variant that the data does not tell from the best one. */
export interface Indistinguishable {
  readonly variant_id: string;
  readonly variant: string;
  /** This variant − the best one, in points, over the rows that both have; null where they share none. */
  readonly difference: Comparison["difference"];
  /** Two-sided, after Holm over all comparisons with the best; null where nothing could be tested. */
  readonly p_adjusted: number | null;
}

/** The best variant with those that may be as good. Keys are those of `summary.json`. */
export interface BestVariant {
  readonly metric: string;
  readonly variant_id: string;
  readonly variant: string;
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
  /** Other variants with exactly the same value; of these the first in plan order is called the best. */
  readonly tied: number;
  /** In plan order. */
  readonly not_distinguishable: readonly Indistinguishable[];
  /** How many variants are worse for certain. */
  readonly distinguishable: number;
}

const alpha = 0.05;
/** Of the rows of the fullest variant: one with fewer has not been seen enough to be called the best. */
const leastShareOfRows = 0.5;

/**
 * The variant with the highest `pass` or `scores.ID` (mean over rows), and all that paired two-sided tests at 0.05,
 * Holm over the comparisons with it, do not show to be worse. Null for fewer than two variants with a value. A variant
 * with less than half the rows of the fullest one is never the best. The best value is optimistic: of many equal variants
 * the luckiest is picked, so a new run of it will mostly be a little lower, and its interval does not know of the choice.
 */
export function best(side: Side, quantity: Quantity): BestVariant | null {
  const means = variantMeans(side, quantity);
  const clusters = rowClusters(side);
  const graded = isGradedQuantity(side, quantity);
  const rows = Int32Array.from({ length: side.rows.length }, (_, row) => row);
  const estimates = means.map((one) => estimateVariant(one, rows, graded, clusters));
  const top = highest(estimates);
  const value = estimates[top]?.value ?? null;
  const variant = side.variants[top];
  if (value === null || variant === undefined) return null;
  const others = estimates.flatMap(({ n }, i) => (i === top || n === 0 ? [] : [i]));
  if (others.length === 0) return null;
  const compared = compareWith(top, others, { side, means, clusters, quantity });
  const alike = compared.filter((line) => !isWorse(line));
  return {
    metric: qualityMetric(quantity).name,
    variant_id: variant.variantId,
    variant: variant.label,
    value,
    low: estimates[top]?.low ?? null,
    high: estimates[top]?.high ?? null,
    tied: others.filter((i) => estimates[i]?.value === value && isSeenEnough(estimates, i)).length,
    not_distinguishable: alike,
    distinguishable: compared.length - alike.length,
  };
}

/** Position of the highest value, the first of equal ones; -1 for none. */
function highest(estimates: readonly Estimate[]): number {
  let top = -1;
  estimates.forEach(({ value }, i) => {
    if (value === null || !isSeenEnough(estimates, i)) return;
    if (top < 0 || value > (estimates[top]?.value ?? 0)) top = i;
  });
  return top;
}

function isSeenEnough(estimates: readonly Estimate[], position: number): boolean {
  const fullest = estimates.reduce((most, { n }) => Math.max(most, n), 0);
  return (estimates[position]?.n ?? 0) >= fullest * leastShareOfRows;
}

interface Sources {
  readonly side: Side;
  readonly means: readonly VariantMeans[];
  readonly clusters: readonly string[] | null;
  readonly quantity: Quantity;
}

/** Some variants against one: the difference of each with its p after Holm. */
function compareWith(top: number, others: readonly number[], sources: Sources): readonly Indistinguishable[] {
  const { side, means, clusters, quantity } = sources;
  const found = others.flatMap((position) => {
    const [variant, base, candidate] = [side.variants[position], means[top], means[position]];
    if (variant === undefined || base === undefined || candidate === undefined) return [];
    const pairs = pairMeans(base.means, candidate.means, {
      clusters,
      single: base.single && candidate.single,
    });
    return [{ variant, difference: compareSeries(pairs, qualityMetric(quantity)) }];
  });
  const tested = found.filter(({ difference }) => difference.p !== null);
  const adjusted = holm(tested.map(({ difference }) => difference.p?.twoSided ?? 1));
  return found.map((one) => ({
    variant_id: one.variant.variantId,
    variant: one.variant.label,
    difference: {
      value: rounded(one.difference.value),
      low: rounded(one.difference.low),
      high: rounded(one.difference.high),
    },
    p_adjusted: rounded(adjusted[tested.indexOf(one)] ?? null),
  }));
}

/** Where rows are missing, a variant may be better on the rows it shares with the best one: that is not worse. */
function isWorse({ difference, p_adjusted }: Indistinguishable): boolean {
  return p_adjusted !== null && p_adjusted <= alpha && difference.value !== null && difference.value < 0;
}
