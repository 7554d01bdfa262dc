import type { Comparison, ComparisonReport } from "../compare/comparison.ts";
import { pairWords } from "./compare-columns.ts";
import { markOf } from "./compare-words.ts";
import { countWords, plural } from "./number-words.ts";

/** Rows and pairs that are named before `and N more`. */
const mostRows = 20;
const mostPairs = 5;

/** What stands below the tables: rows that were left out, what makes the numbers doubtful, how to read the marks. */
export function compareNotes({ comparisons, changed_rows, warnings }: ComparisonReport): readonly string[] {
  const notes = [...leftOut(comparisons)];
  if (changed_rows.length > 0) notes.push(`changed rows, left out: ${named(changed_rows, mostRows)}`);
  notes.push(...warnings.map((warning) => `warning: ${warning}`));
  if (comparisons.some((one) => markOf(one) === "same"))
    notes.push("~ no difference that the data can tell: p > 0.05, two-sided, after Holm");
  return notes;
}

/** Rows that only one side has: once where it is the same for all pairs, else for each. */
function leftOut(comparisons: readonly Comparison[]): readonly string[] {
  const metric = comparisons[0]?.metric;
  const entries = comparisons
    .filter((one) => one.metric === metric)
    .map((one) => ({ pair: pairWords(one), rows: onlyWords(one) }));
  const distinct = new Set(entries.map(({ rows }) => rows));
  const [only] = distinct;
  if (distinct.size === 1) return only === undefined || only === "" ? [] : [only];
  const some = entries.filter(({ rows }) => rows !== "").map(({ pair, rows }) => `${pair}: ${rows}`);
  const more = some.length - mostPairs;
  return more > 0 ? [...some.slice(0, mostPairs), `rows are left out in ${plural(more, "pair")} more`] : some;
}

function onlyWords({ only_base, only_candidate }: Comparison): string {
  const sides = [
    ...(only_base > 0 ? [`${plural(only_base, "row")} only in the base`] : []),
    ...(only_candidate > 0 ? [`${plural(only_candidate, "row")} only in the candidate`] : []),
  ];
  return sides.length === 0 ? "" : `left out: ${sides.join(", ")}`;
}

function named(ids: readonly string[], most: number): string {
  const more = ids.length > most ? ` and ${countWords(ids.length - most)} more` : "";
  return `${ids.slice(0, most).join(", ")}${more}`;
}
