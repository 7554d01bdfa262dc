import { styleText } from "node:util";
import type { Summary } from "../aggregate/summary-shape.ts";
import type { Verdict } from "../compare/comparison.ts";
import { harmless } from "./compare-words.ts";
import { bestLine, effectsTables } from "./effects-table.ts";
import { otherReasons, verdictLine, worstGates } from "./gate-words.ts";
import { paretoLine } from "./pareto-table.ts";
import { summaryNotes, summaryTable } from "./summary-table.ts";
import { type TextTableOptions, textTable } from "./text-table.ts";

/** Gates that are shown, and reasons besides the verdict's. */
const mostGates = 20;
const mostReasons = 5;

const colors: Readonly<Record<Verdict, "red" | "yellow" | "green" | "dim">> = {
  fail: "red",
  invalid: "red",
  inconclusive: "yellow",
  pass: "green",
  none: "dim",
};

/**
 * The summary for a terminal: one line a variant, totals and notes, then the gates with the verdict last, where the eye
 * is. Nothing of it can steer the terminal or a CI system.
 */
export function renderTable(summary: Summary, options: TextTableOptions): string {
  const { columns, rows } = summaryTable(summary);
  const paint = (style: "dim" | "red" | "yellow" | "green", text: string): string =>
    options.color ? styleText(style, text, { validateStream: false }) : text;
  const dim = (text: string): string => `${paint("dim", harmless(text))}\n`;
  const notes = summaryNotes(summary).map(dim);
  const warnings = summary.warnings.map((warning) => dim(`warning: ${warning}`));
  const found = findings(summary, options);
  const table = `${textTable(columns, rows, options)}\n${found}${[...notes, ...warnings].join("")}`;
  if (summary.gates.length === 0) return table;
  const gates = worstGates(summary.gates, mostGates);
  const reasons = otherReasons(summary, mostReasons).map((reason) => `${harmless(reason)}\n`);
  const head = `verdict: ${summary.verdict}`;
  const rest = harmless(verdictLine(summary)).slice(head.length);
  return [
    `${table}\n`,
    textTable(
      gates.table.columns,
      gates.table.rows.map((row) => row.map(harmless)),
      options,
    ),
    gates.more === null ? "" : dim(gates.more),
    "\n",
    ...reasons,
    `${paint(colors[summary.verdict], head)}${rest}\n`,
  ].join("");
}

/** The effect of each axis, the slices, the best variant and the unbeaten ones; empty for a single variant. */
function findings(summary: Summary, options: TextTableOptions): string {
  const tables = effectsTables(summary.effects, summary.slices).map(({ title, columns, rows, notes }) =>
    [
      `${title}\n`,
      rows.length === 0
        ? ""
        : textTable(
            columns,
            rows.map((row) => row.map(harmless)),
            options,
          ),
      ...notes.map((note) => `${harmless(note)}\n`),
      "\n",
    ].join(""),
  );
  const lines = [bestLine(summary.best), paretoLine(summary.pareto)].filter((line) => line !== null);
  return [...tables, ...lines.map((line) => `${harmless(line)}\n`)].join("");
}
