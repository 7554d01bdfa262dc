import type { RunEstimate } from "../cost/estimate-shape.ts";
import { harmless } from "./compare-words.ts";
import { estimateNotes } from "./estimate-notes.ts";
import { estimateLines, estimateTable } from "./estimate-table.ts";
import { markdownTable, markdownText } from "./markdown.ts";
import { renderFlatCsv } from "./summary-csv.ts";
import { printable, type TextTableOptions, textTable } from "./text-table.ts";

/** An estimate in each form of `--format`, as text. The CSV has a line for each variant. */
export const estimateFormats: Readonly<
  Record<string, (estimate: RunEstimate, options: TextTableOptions) => string>
> = {
  table: (estimate, options) => {
    const { columns, rows } = estimateTable(estimate);
    const lines = [...estimateLines(estimate), "", ...estimateNotes(estimate).map((note) => `- ${note}`)];
    const cells = rows.map((row) => row.map(harmless));
    return `${textTable(columns, cells, options)}\n${lines.map((line) => harmless(printable(line))).join("\n")}\n`;
  },
  json: (estimate) => `${JSON.stringify({ ...estimate, notes: estimateNotes(estimate) }, null, 2)}\n`,
  csv: (estimate) => renderFlatCsv(estimate.variants),
  markdown: (estimate) => {
    const { columns, rows } = estimateTable(estimate);
    const lines = estimateLines(estimate).map((line) => `${markdownText(line)}\\\n`);
    const notes = estimateNotes(estimate).map((note) => `- ${markdownText(note)}\n`);
    return `${markdownTable(columns, rows)}\n${lines.join("").replace(/\\\n$/, "\n")}\n${notes.join("")}`;
  },
};
