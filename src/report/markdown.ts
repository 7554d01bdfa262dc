import type { Summary } from "../aggregate/summary-shape.ts";
import { summaryNotes, summaryTable } from "./summary-table.ts";
import { printable, type TextColumn } from "./text-table.ts";

/** `report.md`: the summary as Markdown, short enough for a comment on a pull request. */
export function renderMarkdown(summary: Summary): string {
  const { columns, rows } = summaryTable(summary);
  const notes = summaryNotes(summary).map((note) => `- ${markdownText(note)}\n`);
  return `# ${markdownText(summary.run.name)}\n\n${markdownTable(columns, rows)}\n${notes.join("")}`;
}

/** A Markdown table; each line ends in a newline. */
export function markdownTable(columns: readonly TextColumn[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |\n`;
  return [
    line(columns.map((column) => markdownText(column.title))),
    line(columns.map((column) => (column.align === "right" ? "---:" : "---"))),
    ...rows.map((row) => line(row.map(markdownText))),
  ].join("");
}

/** Text that Markdown shows as it is: no markup, no HTML, no mention or link is made of it, and it stays on its line. */
export function markdownText(text: string): string {
  return printable(text)
    .replace(/[\\`*_{}[\]<>|~$]/g, "\\$&")
    .replace(/&/g, "&amp;")
    .replace(/\\</g, "&lt;")
    .replace(/\\>/g, "&gt;")
    .replace(/@(?=\w)/g, "@\u200b")
    .replace(/#(?=\d)/g, "#\u200b")
    .replace(/:\/\//g, ":\u200b//")
    .replace(/\bwww\./gi, (start) => `${start.slice(0, 3)}\u200b.`);
}
