import { type Metric, passRate, type Quantity, scoreMetric } from "./metric.ts";
import type { Side } from "./side.ts";

/** One quantity of one variant, row by row of its side. */
export interface VariantMeans {
  /** NaN for a row without a value. */
  readonly means: Float64Array;
  readonly counts: Int32Array;
  /** Whether no row has more than one value. */
  readonly single: boolean;
}

/** The quantity of each variant of a side. Failed requests have no value, whatever they failed of. */
export function variantMeans(side: Side, quantity: Quantity): readonly VariantMeans[] {
  return side.variants.map(({ series }) => {
    const found = series.get(quantity);
    const size = side.rows.length;
    if (found === undefined)
      return { means: new Float64Array(size).fill(Number.NaN), counts: new Int32Array(size), single: true };
    return { means: found.means, counts: found.counts, single: found.counts.every((count) => count <= 1) };
  });
}

/** The metric of what slices, effects and the best variant look at: `pass` or `scores.ID`. */
export function qualityMetric(quantity: Quantity): Metric {
  return quantity === "pass" ? passRate : scoreMetric(quantity.replace(/^scores\./, ""));
}
