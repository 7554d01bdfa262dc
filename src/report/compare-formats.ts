import type { Comparison, ComparisonReport } from "../compare/comparison.ts";
import { renderCompareMarkdown } from "./compare-markdown.ts";
import { type CompareViewOptions, renderCompareTable } from "./compare-table.ts";
import { renderFlatCsv } from "./summary-csv.ts";

/** A comparison in each form of `--format`, as text. */
export const compareFormats: Readonly<
  Record<string, (report: ComparisonReport, options: CompareViewOptions) => string>
> = {
  table: renderCompareTable,
  json: (report) => `${JSON.stringify(report, null, 2)}\n`,
  csv: (report) => compareCsv(report.comparisons),
  markdown: (report, { flips }) => renderCompareMarkdown(report, flips),
};

/** A comparison without anything in it: the columns of the CSV where there is no line. */
const blank: Comparison = {
  base: null,
  candidate: "",
  metric: "",
  slice: null,
  test: "none",
  n: 0,
  only_base: 0,
  only_candidate: 0,
  base_value: null,
  candidate_value: null,
  difference: { value: null, low: null, high: null },
  relative: false,
  regressed: null,
  improved: null,
  p_value: null,
  p_adjusted: null,
  mde: null,
  rows_needed: null,
  verdict: "none",
  reason: "",
  flipped: [],
};

/** One line per comparison, without the rows that flipped; the columns are always the same. */
function compareCsv(comparisons: readonly Comparison[]): string {
  const flat = comparisons.map(({ flipped: _, slice, ...others }) => {
    const { base, candidate, metric, currency = null, ...numbers } = others;
    return { base, candidate, metric, slice: slice ?? { column: null, value: null }, ...numbers, currency };
  });
  if (flat.length > 0) return renderFlatCsv(flat);
  return compareCsv([blank]).slice(0, compareCsv([blank]).indexOf("\n") + 1);
}
