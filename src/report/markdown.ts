import type { Summary } from "../aggregate/summary-shape.ts";
import { harmless } from "./compare-words.ts";
import { bestLine, effectsTables } from "./effects-table.ts";
import { otherReasons, verdictSentence, worstGates } from "./gate-words.ts";
import { paceTable } from "./pace-table.ts";
import { paretoTable } from "./pareto-table.ts";
import { summaryNotes, summaryTable } from "./summary-table.ts";
import { printable, type TextColumn } from "./text-table.ts";

/** Gates that are shown, and reasons besides the verdict's: a comment stays short. */
const mostGates = 50;
const mostReasons = 10;

/** `report.md`: the verdict, if there are gates, and the summary as Markdown, short enough for a comment on a pull request. */
export function renderMarkdown(summary: Summary): string {
  const { columns, rows } = summaryTable(summary);
  const notes = [...summary.warnings.map((warning) => `warning: ${warning}`), ...summaryNotes(summary)];
  const title = `# ${markdownText(summary.run.name)}\n\n`;
  const best = bestLine(summary.best);
  return `${title}${gatesText(summary)}${markdownTable(columns, rows)}\n${list([...(best === null ? [] : [best]), ...notes])}${findings(summary)}`;
}

/** The variants worth choosing from, the effect of each axis and the slices, folded away; empty for a single variant. */
function findings(summary: Summary): string {
  const pareto = paretoTable(summary.pareto);
  const pace = paceTable(summary.run.pace);
  return [
    ...(pareto === null ? [] : [pareto]),
    ...effectsTables(summary.effects, summary.slices),
    ...(pace === null ? [] : [pace]),
  ]
    .map(({ title, columns, rows, notes }) => {
      const table = rows.length === 0 ? "" : `${markdownTable(columns, rows)}\n`;
      return `\n<details><summary>${markdownText(title)}</summary>\n\n${table}${list(notes)}\n</details>\n`;
    })
    .join("");
}

function gatesText(summary: Summary): string {
  if (summary.gates.length === 0) return "";
  const { table, more } = worstGates(summary.gates, mostGates);
  const reasons = list(otherReasons(summary, mostReasons));
  const parts = [
    `**${summary.verdict}**: ${markdownText(harmless(verdictSentence(summary)))}\n`,
    ...(reasons === "" ? [] : [reasons]),
    markdownTable(table.columns, table.rows),
    ...(more === null ? [] : [`${more}\n`]),
  ];
  return parts.map((part) => `${part}\n`).join("");
}

function list(entries: readonly string[]): string {
  return entries.map((entry) => `- ${markdownText(harmless(entry))}\n`).join("");
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
    .replace(/\bGH-(?=\d)/gi, "$&\u200b")
    .replace(/:\/\//g, ":\u200b//")
    .replace(/\bwww\./gi, (start) => `${start.slice(0, 3)}\u200b.`);
}
