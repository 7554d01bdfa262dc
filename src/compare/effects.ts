import { holm } from "../stats/adjust.ts";
import { averageOverAxis } from "./axis-averages.ts";
import { compareSeries } from "./compare-series.ts";
import type { Comparison } from "./comparison.ts";
import type { Estimate } from "./estimate.ts";
import type { Quantity } from "./metric.ts";
import { rounded } from "./numbers.ts";
import { pairMeans } from "./pair-means.ts";
import { rowClusters } from "./row-clusters.ts";
import { estimateRows, isGradedQuantity } from "./row-estimate.ts";
import type { Side } from "./side.ts";
import { type Axis, axesOf } from "./variant-axes.ts";
import { qualityMetric, type VariantMeans, variantMeans } from "./variant-means.ts";

/** What one value of an axis does, averaged over the other axes. Keys are those of `summary.json`. */
export interface AxisEffect {
  readonly metric: string;
  /** `prompt`, `provider` or a parameter. */
  readonly axis: string;
  /** As text; null where the parameter is not sent. */
  readonly value: string | null;
  /** False where the grid has no combination of the other axes with every value of this one: then there are no numbers. */
  readonly balanced: boolean;
  /** What is left out of the average, or why there is none; null where all is in it. */
  readonly note: string | null;
  /** Variants of this value that are averaged. */
  readonly variants: number;
  /** Mean over rows with its 95 % interval. */
  readonly value_mean: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** Rows. */
  readonly n: number;
  /** Against the mean of the other values of the axis, paired row by row, in points (0.05 is 5 points). */
  readonly difference: Comparison["difference"];
  readonly p_value: number | null;
  /** After Holm over the values of all axes; the two values of an axis of two are one test. */
  readonly p_adjusted: number | null;
}

/** What the effects of one side have in common. */
interface Sources {
  readonly quantity: Quantity;
  readonly means: readonly VariantMeans[];
  readonly clusters: readonly string[] | null;
  readonly graded: boolean;
}

/**
 * The marginal effect of each value of each axis (prompt, provider, parameters that vary) on `pass` or `scores.ID`.
 * Averages go over the combinations of the other axes that exist for every value of the axis, or they would mix its
 * effect with theirs; likewise each row goes over those combinations of which every value has an answer for it. Axes in
 * the order prompt, provider, parameters; empty for fewer than two variants. A value is tested against the mean of the
 * other values, two-sided; interactions between axes are averaged away, so that a value may help in one combination and
 * harm in another.
 */
export function effects(side: Side, quantity: Quantity): readonly AxisEffect[] {
  const sources: Sources = {
    quantity,
    means: variantMeans(side, quantity),
    clusters: rowClusters(side),
    graded: isGradedQuantity(side, quantity),
  };
  const byAxis = axesOf(side.variants).map((axis) => axisEffects(axis, sources));
  return adjusted(byAxis).map((line) => ({ ...line, p_value: rounded(line.p_value) }));
}

/** All lines with their p after Holm. */
function adjusted(byAxis: readonly (readonly AxisEffect[])[]): readonly AxisEffect[] {
  // Of an axis of two values the second line is the first one's test turned around.
  const testOf = (lines: readonly AxisEffect[], i: number): AxisEffect | undefined =>
    lines[lines.length === 2 ? 0 : i];
  const family = [...new Set(byAxis.flatMap((lines) => lines.map((_, i) => testOf(lines, i))))].filter(
    (line) => (line?.p_value ?? null) !== null,
  );
  const p = holm(family.map((line) => line?.p_value ?? 1));
  return byAxis.flatMap((lines) =>
    lines.map((line, i) => ({ ...line, p_adjusted: rounded(p[family.indexOf(testOf(lines, i))] ?? null) })),
  );
}

function axisEffects(axis: Axis, sources: Sources): readonly AxisEffect[] {
  const shared = axis.combinations.filter((cells) => cells.every((variant) => variant >= 0));
  const metric = qualityMetric(sources.quantity);
  const empty: AxisEffect = {
    metric: metric.name,
    axis: axis.name,
    value: null,
    balanced: shared.length > 0,
    note: noteOf(axis, shared.length),
    variants: shared.length,
    value_mean: null,
    low: null,
    high: null,
    n: 0,
    difference: { value: null, low: null, high: null },
    p_value: null,
    p_adjusted: null,
  };
  if (shared.length === 0) return axis.values.map((value) => ({ ...empty, value }));
  const { own, others, completions, clusters, single } = averageOverAxis(
    shared,
    sources.means,
    sources.clusters,
  );
  return axis.values.map((value, v) => {
    const means = own[v] ?? new Float64Array();
    const estimate: Estimate = estimateRows(means, {
      graded: sources.graded,
      completions: completions[v] ?? 0,
      clusters,
    });
    const found = compareSeries(pairMeans(others(v), means, { clusters, single }), metric);
    return {
      ...empty,
      value,
      value_mean: estimate.value,
      low: estimate.low,
      high: estimate.high,
      n: estimate.n,
      difference: { value: rounded(found.value), low: rounded(found.low), high: rounded(found.high) },
      p_value: found.p?.twoSided ?? null,
    };
  });
}

function noteOf({ combinations, values }: Axis, shared: number): string | null {
  if (shared === 0) return "no combination of the other axes exists for every value";
  if (shared === combinations.length) return null;
  const count = (cells: Int32Array): number => cells.filter((variant) => variant >= 0).length;
  const left = combinations.reduce((sum, cells) => sum + count(cells), 0) - shared * values.length;
  return `${left} ${left === 1 ? "variant is" : "variants are"} left out: their combination does not exist for every value`;
}
