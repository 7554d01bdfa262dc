import { rmSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Comparison, ComparisonReport } from "../compare/comparison.ts";
import { effects } from "../compare/effects.ts";
import type { Quantity } from "../compare/metric.ts";
import type { Side } from "../compare/side.ts";
import { UsageError } from "../errors.ts";
import { nameLines, pairWords } from "../report/compare-columns.ts";
import { isRegression, turnWords, withFlips } from "../report/compare-flips.ts";
import type { ComparisonFlips, FlippedRow, HtmlFlip } from "../report/comparison-data.ts";
import { renderComparisonPage } from "../report/comparison-page.ts";
import { shortText } from "../report/html-row.ts";
import { writeAtomically } from "../system/write-atomically.ts";
import { compareRuns } from "./compare-runs.ts";
import type { RunFile } from "./run-file.ts";

/** Characters of rows and answers that the page holds. */
const mostCharacters = 8_000_000;

/** A comparison as a page: one file, without any request of its own. */
export function comparisonHtml(report: ComparisonReport, sides: readonly Side[]): string {
  const { flips, of } = chosenFlips(report.comparisons, sides);
  const { columns } = nameLines(report.comparisons);
  const data = {
    sides: sides.map(({ name }) => name),
    comparisons: report.comparisons.map((comparison) => {
      const { flipped: _, ...rest } = comparison;
      const told = columns.map(({ title, cell }) => `${title}=${cell(comparison)}`).join(", ");
      return { ...rest, pair: told === "" ? pairWords(comparison) : told };
    }),
    effects: sides.map((side) => effects(side, mainQuantity(side))),
    prompts: report.prompts,
    flips: { shown: flips.rows.length, of },
  };
  return renderComparisonPage(report, data, flips);
}

/** The comparison of two run directories as a page. Throws UsageError where there is nothing to compare. */
export function comparisonPage(
  baseDirectory: string,
  candidateDirectory: string,
  names: readonly [base: string, candidate: string],
): string {
  const { report, sides } = compareRuns({
    workingDirectory: candidateDirectory,
    base: resolve(baseDirectory),
    candidate: ".",
    names,
    variants: null,
    axis: null,
    against: null,
    vary: [],
    metrics: [],
    maxDrop: null,
    by: null,
  });
  return comparisonHtml(report, sides);
}

/** Writes `comparison.html` of a run and its base; none where they have nothing in common. */
export function writeComparison(directory: string, run: Pick<RunFile, "against" | "name">): void {
  if (run.against === null) return;
  const path = join(directory, "comparison.html");
  try {
    const base = resolve(directory, run.against.directory);
    writeAtomically(path, comparisonPage(base, directory, [run.against.ref, run.name]));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    rmSync(path, { force: true });
  }
}

function mainQuantity({ required, scorers }: Side): Quantity {
  const [first] = scorers.keys();
  return required.length > 0 || first === undefined ? "pass" : `scores.${first}`;
}

/** Rows with all their flips, those that got worse most often first, until the page is full. */
function chosenFlips(
  comparisons: readonly Comparison[],
  sides: readonly Side[],
): { readonly flips: ComparisonFlips; readonly of: number } {
  const found = new Map<string, HtmlFlip[]>();
  for (const one of withFlips(comparisons)) {
    const comparison = comparisons.indexOf(one);
    for (const flip of one.flipped) {
      const own = found.get(flip.row_id) ?? [];
      found.set(flip.row_id, own);
      own.push({
        comparison,
        regressed: isRegression(flip),
        turn: turnWords(flip),
        base: shortText(flip.base.output),
        candidate: shortText(flip.candidate.output),
      });
    }
  }
  const worse = (flips: readonly HtmlFlip[]): number => flips.filter(({ regressed }) => regressed).length;
  const ranked = [...found].sort(([, a], [, b]) => worse(b) - worse(a));
  const rows: FlippedRow[] = [];
  let room = mostCharacters;
  for (const [rowId, flips] of ranked) {
    const row = { row_id: rowId, variables: variablesOf(rowId, sides), flips };
    room -= JSON.stringify(row).length;
    if (room < 0) break;
    rows.push(row);
  }
  return { flips: { rows }, of: found.size };
}

/** What prompts and scorers use of a row. */
function variablesOf(rowId: string, sides: readonly Side[]): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const side of sides) {
    const row = side.rowOfId.get(rowId);
    if (row === undefined) continue;
    for (const name of side.variables) {
      const value = side.column(row, name);
      if (value !== null) found[name] ??= shortText(value);
    }
  }
  return found;
}
