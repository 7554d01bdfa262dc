import { quantileSorted } from "../stats/quantile.ts";
import type { Estimate } from "./estimate.ts";
import { rowClusters } from "./row-clusters.ts";
import { estimateVariant, isGradedQuantity } from "./row-estimate.ts";
import type { Series, Side, SideVariant } from "./side.ts";
import { type SliceRows, sliceRows } from "./slice-rows.ts";
import { type VariantMeans, variantMeans } from "./variant-means.ts";

/** One variant on the rows that have one value in a dataset column. Keys are those of `summary.json`. */
export interface Slice {
  readonly column: string;
  /** As text; an empty cell is the empty text. */
  readonly value: string;
  readonly variant_id: string;
  readonly variant: string;
  /** Rows of the slice that the variant asks. */
  readonly rows: number;
  readonly requests: number;
  readonly failed: number;
  /** Never asked. */
  readonly pending: number;
  /** Null where no scorer is required to pass, or nothing was scored. */
  readonly pass_rate: Estimate | null;
  readonly scores: Readonly<Record<string, Estimate>>;
  /** Milliseconds, over answers that were not reused; null where single times are not known. */
  readonly latency_p50: number | null;
}

/** A column that cannot be sliced by. */
export interface SliceProblem {
  readonly column: string;
  readonly problem: string;
  readonly hint: string;
}

export interface Slices {
  /** By column as named, value in order of first appearance, variant in plan order; without those that ask none of it. */
  readonly slices: readonly Slice[];
  readonly problems: readonly SliceProblem[];
}

/**
 * Each variant on the rows of each value of some dataset columns: pass rate and scores by the rules of the summary (row
 * means, clusters), failures and the median latency. A column that the side does not have, or of more than 100 values, is
 * a problem and has no slices. Many slices are many chances: the lowest of twenty is not a finding by itself.
 */
export function slices(side: Side, columns: readonly string[]): Slices {
  const quantities = [...new Set(side.variants.flatMap(({ series }) => [...series.keys()]))];
  const sources: Sources = {
    clusters: rowClusters(side),
    measures: quantities
      .filter((quantity) => quantity === "pass" || quantity.startsWith("scores."))
      .map((quantity) => ({
        quantity,
        graded: isGradedQuantity(side, quantity),
        means: variantMeans(side, quantity),
      })),
  };
  const found: Slice[] = [];
  const problems: SliceProblem[] = [];
  for (const column of new Set(columns)) {
    const rows = sliceRows(side, column);
    if ("problem" in rows) problems.push({ column, ...rows });
    else found.push(...rows.flatMap((slice) => sliceLines(side, column, slice, sources)));
  }
  return { slices: found, problems };
}

interface Measure {
  readonly quantity: string;
  readonly graded: boolean;
  readonly means: readonly VariantMeans[];
}

interface Sources {
  readonly clusters: readonly string[] | null;
  readonly measures: readonly Measure[];
}

function sliceLines(
  side: Side,
  column: string,
  { value, rows }: SliceRows,
  { clusters, measures }: Sources,
): readonly Slice[] {
  return side.variants.flatMap((variant, i) => {
    const asked = askedRows(variant, rows);
    if (asked.length === 0) return [];
    const estimates = measures.flatMap(({ quantity, graded, means }) => {
      const own = means[i];
      if (own === undefined || !variant.series.has(quantity)) return [];
      return [{ quantity, estimate: estimateVariant(own, asked, graded, clusters) }];
    });
    const passRate = estimates.find(({ quantity }) => quantity === "pass")?.estimate;
    const scores = estimates.filter(({ quantity }) => quantity !== "pass");
    return [
      {
        column,
        value,
        variant_id: variant.variantId,
        variant: variant.label,
        rows: asked.length,
        ...requestCounts(variant, asked),
        pass_rate: passRate === undefined || passRate.n === 0 ? null : passRate,
        scores: Object.fromEntries(
          scores.map(({ quantity, estimate }) => [quantity.slice("scores.".length), estimate]),
        ),
        latency_p50: median(variant.series.get("latency_ms"), asked),
      },
    ];
  });
}

/** The rows that a variant asks. */
function askedRows({ requests }: SideVariant, rows: Int32Array): Int32Array {
  const asked = new Int32Array(rows.length);
  let count = 0;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] ?? 0;
    if ((requests[row] ?? 0) > 0) asked[count++] = row;
  }
  return asked.subarray(0, count);
}

function requestCounts(
  { requests, missing }: SideVariant,
  rows: Int32Array,
): Pick<Slice, "requests" | "failed" | "pending"> {
  const sum = (counts: Int32Array): number => sumOver(counts, rows);
  return {
    requests: sum(requests),
    failed: [...missing.failed.values()].reduce((total, counts) => total + sum(counts), 0),
    pending: missing.pending === null ? 0 : sum(missing.pending),
  };
}

function sumOver(counts: Int32Array, rows: Int32Array): number {
  let sum = 0;
  for (let i = 0; i < rows.length; i++) sum += counts[rows[i] ?? 0] ?? 0;
  return sum;
}

/** Median over the single values of some rows; null where a row has several and they were not kept. */
function median(series: Series | undefined, rows: Int32Array): number | null {
  if (series === undefined) return null;
  const { means, counts, values } = series;
  const all = new Float64Array(sumOver(counts, rows));
  let next = 0;
  for (const row of rows) {
    const count = counts[row] ?? 0;
    if (count === 1) all[next] = means[row] ?? Number.NaN;
    else if (count > 1 && values === null) return null;
    else if (count > 1 && values !== null) all.set(values(row), next);
    next += count;
  }
  const found = quantileSorted(all.sort(), 0.5);
  return found === null ? null : Math.round(found * 1_000) / 1_000;
}
