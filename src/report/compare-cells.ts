import type { Comparison } from "../compare/comparison.ts";
import { type LineNames, type NameColumn, nameLines } from "./compare-columns.ts";
import { changeWords, flipWords, markOf, markWords, pWords, seenWords, valueWords } from "./compare-words.ts";
import { countWords } from "./number-words.ts";
import type { TextColumn } from "./text-table.ts";
import { verdictTone } from "./verdict-tone.ts";

/** Comparisons that are read together, as cells for the terminal and for Markdown. */
export interface CompareTable {
  /** What all lines have in common and no column says: the metric; null where each line is a metric. */
  readonly title: string | null;
  readonly columns: readonly TextColumn[];
  readonly rows: readonly (readonly string[])[];
}

/** The tables of a report, and what all comparisons have in common. */
export interface CompareTables {
  /** The base of every comparison, or what all bases have in common; null where they differ. */
  readonly base: string | null;
  readonly candidate: string | null;
  readonly tables: readonly CompareTable[];
}

interface Column extends TextColumn {
  readonly cell: (comparison: Comparison) => string;
}

/**
 * One pair on several metrics is one table, a line a metric. Several pairs, or slices of one, are a table for each metric,
 * in the order of the report: p values are adjusted within a metric, and so are read within it.
 */
export function compareTables(comparisons: readonly Comparison[]): CompareTables {
  const names = nameLines(comparisons);
  const single = names.columns.length === 0;
  const groups = single ? [comparisons] : byMetric(comparisons);
  return {
    base: names.base,
    candidate: names.candidate,
    tables: comparisons.length === 0 ? [] : groups.map((group) => table(group, names, single)),
  };
}

function table(group: readonly Comparison[], names: LineNames, single: boolean): CompareTable {
  const naming: readonly NameColumn[] = single
    ? [{ title: "metric", cell: ({ metric }) => metric }]
    : names.columns;
  const columns: readonly Column[] = [
    ...naming.map((column): Column => ({ ...column, align: "left", flexible: true })),
    ...numberColumns(group, single),
  ];
  const [metric = ""] = group.map((one) => one.metric);
  return {
    title: single ? null : names.axis === null ? metric : `${metric} by ${names.axis}`,
    columns,
    rows: group.map((one) => columns.map(({ cell }) => cell(one))),
  };
}

function numberColumns(group: readonly Comparison[], single: boolean): readonly Column[] {
  const some = (test: (comparison: Comparison) => boolean): boolean => group.some(test);
  const right = (title: string, cell: Column["cell"], spare?: number): Column => ({
    title,
    align: "right",
    cell,
    ...(spare === undefined ? {} : { spare }),
  });
  const judged = group.filter(({ verdict }) => verdict !== "none").length;
  const adjusted = some((one) => one.p_adjusted !== null && one.p_adjusted !== one.p_value);
  return [
    right(single ? "base" : "from", (one) => valueWords(one.base_value, one), 10),
    right(single ? "candidate" : "to", (one) => valueWords(one.candidate_value, one), 11),
    { title: "change", align: "left", cell: changeWords },
    { title: "", align: "left", tone: markTone, cell: (one) => markWords(markOf(one)) },
    right("p", (one) => pWords(one.p_value), adjusted ? 4 : undefined),
    ...(adjusted ? [right("Holm", (one) => pWords(one.p_adjusted))] : []),
    ...(some((one) => flipWords(one) !== "") ? [right("flips", flipWords, 3)] : []),
    right("rows", (one) => countWords(one.n), 2),
    ...(some((one) => one.mde !== null) ? [right("could see", seenWords, 1)] : []),
    ...(!single && judged > 1
      ? [
          {
            title: "verdict",
            align: "left",
            spare: 5,
            tone: verdictTone,
            cell: (one: Comparison) => one.verdict,
          } as const,
        ]
      : []),
  ];
}

function markTone(mark: string): "red" | "green" | null {
  return mark === "worse" ? "red" : mark === "better" ? "green" : null;
}

function byMetric(comparisons: readonly Comparison[]): readonly (readonly Comparison[])[] {
  const groups = new Map<string, Comparison[]>();
  for (const one of comparisons) groups.set(one.metric, [...(groups.get(one.metric) ?? []), one]);
  return [...groups.values()];
}
