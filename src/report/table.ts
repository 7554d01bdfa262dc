import type { Summary } from "../aggregate/summary-shape.ts";
import { harmless } from "./compare-words.ts";
import { wrapText } from "./compare-wrap.ts";
import { bestLine, effectsTables } from "./effects-table.ts";
import { otherReasons, verdictLine, worstGates } from "./gate-words.ts";
import type { BarStyle } from "./interval-bar.ts";
import { paretoLine } from "./pareto-table.ts";
import { summaryNotes, summaryTable } from "./summary-table.ts";
import { paint, type TextTableOptions, textTable } from "./text-table.ts";
import { verdictTone } from "./verdict-tone.ts";

/** Gates that are shown, and reasons besides the verdict's. */
const mostGates = 20;
const mostReasons = 5;

/** How a summary is shown. */
export interface SummaryViewOptions extends TextTableOptions {
  /** Draws rates and differences; absent or null draws nothing. */
  readonly bars?: BarStyle | null;
}

/**
 * The summary for a terminal: one line a variant, totals and notes, then the gates with the verdict last, where the eye
 * is. Nothing of it can steer the terminal or a CI system.
 */
export function renderTable(summary: Summary, options: SummaryViewOptions): string {
  const { columns, rows } = summaryTable(summary, options.bars ?? null);
  const dim = (text: string): string =>
    wrapped(harmless(text), options, (line) => paint("dim", line, options));
  const notes = summaryNotes(summary).map(dim);
  const warnings = summary.warnings.map((warning) => dim(`warning: ${warning}`));
  const found = findings(summary, options);
  const table = `${textTable(columns, rows, options)}\n${found}${[...notes, ...warnings].join("")}`;
  if (summary.gates.length === 0) return table;
  const gates = worstGates(summary.gates, mostGates);
  const reasons = otherReasons(summary, mostReasons).map((reason) =>
    verdictText(harmless(reason), "", options),
  );
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
    verdictText(harmless(verdictLine(summary)), "verdict: ", options),
  ].join("");
}

/** A sentence behind `lead` and a verdict's word, in colour as far as that word. */
function verdictText(sentence: string, lead: string, options: TextTableOptions): string {
  const end = sentence.indexOf(":", lead.length);
  const word = sentence.slice(lead.length, Math.max(lead.length, end));
  const head = lead + word;
  const tone = verdictTone(word) ?? (lead === "" ? null : "dim");
  return wrapped(sentence, options, (line, i) =>
    tone === null || i > 0 || !line.startsWith(head)
      ? line
      : `${paint(tone, head, options)}${line.slice(head.length)}`,
  );
}

/** A text in lines no wider than the terminal, those after the first indented. */
function wrapped(
  text: string,
  { width }: TextTableOptions,
  style: (line: string, i: number) => string = (line) => line,
): string {
  const pieces = width === null ? [text] : wrapText(text, Math.max(20, width - 2)).map((piece) => piece.text);
  return pieces.map((line, i) => `${i === 0 ? "" : "  "}${style(line, i)}\n`).join("");
}

/** The effect of each axis, the slices, the best variant and the unbeaten ones; empty for a single variant. */
function findings(summary: Summary, options: SummaryViewOptions): string {
  const tables = effectsTables(summary.effects, summary.slices, options.bars ?? null).map(
    ({ title, columns, rows, notes }) =>
      [
        `${title}\n`,
        rows.length === 0
          ? ""
          : textTable(
              columns,
              rows.map((row) => row.map(harmless)),
              options,
            ),
        ...notes.map((note) => wrapped(harmless(note), options)),
        "\n",
      ].join(""),
  );
  const lines = [bestLine(summary.best), paretoLine(summary.pareto)].filter((line) => line !== null);
  return [...tables, ...lines.map((line) => wrapped(harmless(line), options))].join("");
}
