import { styleText } from "node:util";
import type { Summary } from "../aggregate/summary-shape.ts";
import { summaryNotes, summaryTable } from "./summary-table.ts";
import { printable, type TextTableOptions, textTable } from "./text-table.ts";

/** The summary for a terminal: one line a variant, then totals and notes. Nothing of it can steer the terminal. */
export function renderTable(summary: Summary, options: TextTableOptions): string {
  const { columns, rows } = summaryTable(summary);
  const dim = (text: string): string =>
    options.color ? styleText("dim", text, { validateStream: false }) : text;
  const notes = summaryNotes(summary).map((note) => `${dim(printable(note))}\n`);
  return `${textTable(columns, rows, options)}\n${notes.join("")}`;
}
