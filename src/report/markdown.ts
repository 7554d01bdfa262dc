import type { Summary, VariantSummary } from "../aggregate/summary-shape.ts";
import { harmless } from "./compare-words.ts";
import { bestLine, effectsTables } from "./effects-table.ts";
import { otherReasons, verdictSentence, worstGates } from "./gate-words.ts";
import { plural } from "./number-words.ts";
import { paceTable } from "./pace-table.ts";
import { paretoTable } from "./pareto-table.ts";
import { summaryNotes, summaryTable } from "./summary-table.ts";
import { printable, type TextColumn } from "./text-table.ts";

/** Gates that are shown, and reasons besides the verdict's: a comment stays short. */
const mostGates = 50;
const mostReasons = 10;

/** A comment on a pull request may have 65 536 characters; the variants get so many of them, and all together these. */
const mostVariantCharacters = 25_000;
const mostCharacters = 60_000;

/**
 * `report.md`: the verdict, if there are gates, and the summary as Markdown, short enough for a comment on a pull request:
 * of many variants the best are shown, and folded tables that do not fit are left out, with a word.
 */
export function renderMarkdown(summary: Summary): string {
  const notes = [...summary.warnings.map((warning) => `warning: ${warning}`), ...summaryNotes(summary)];
  const title = `# ${markdownText(summary.run.name)}\n\n`;
  const best = bestLine(summary.best);
  const lines = list([...(best === null ? [] : [best]), ...notes]);
  const head = `${title}${gatesText(summary)}${variantsText(summary)}\n${lines}`;
  let room = mostCharacters - head.length;
  const shown = findings(summary).map((section) => {
    room -= section.length;
    return room >= 0 ? section : "";
  });
  const left = shown.filter((section) => section === "").length;
  const more = left === 0 ? "" : `\n${plural(left, "table")} left out: too long for a comment\n`;
  return `${head}${shown.join("")}${more}`;
}

/** The table of variants; where they are too many, the best of them in the order of the plan. */
function variantsText(summary: Summary): string {
  const { columns, rows } = summaryTable(summary);
  const quality = ({ pass_rate: rate, scores }: VariantSummary): number =>
    rate?.value ?? Object.values(scores)[0]?.value ?? -1;
  const ranked = summary.variants
    .map((variant, i) => ({ i, value: quality(variant) }))
    .sort((a, b) => b.value - a.value);
  const kept = new Set<number>();
  let room = mostVariantCharacters;
  for (const { i } of ranked) {
    room -= markdownTable([], [rows[i] ?? []]).length;
    if (room < 0 && kept.size > 0) break;
    kept.add(i);
  }
  const table = markdownTable(
    columns,
    rows.filter((_, i) => kept.has(i)),
  );
  const left = rows.length - kept.size;
  return left === 0
    ? table
    : `${table}\n${plural(left, "variant")} more in summary.csv: these are the best\n`;
}

/** The variants worth choosing from, the effect of each axis and the slices, folded away; none for a single variant. */
function findings(summary: Summary): readonly string[] {
  const pareto = paretoTable(summary.pareto);
  const pace = paceTable(summary.run.pace);
  return [
    ...(pareto === null ? [] : [pareto]),
    ...effectsTables(summary.effects, summary.slices),
    ...(pace === null ? [] : [pace]),
  ].map(({ title, columns, rows, notes }) => {
    const table = rows.length === 0 ? "" : `${markdownTable(columns, rows)}\n`;
    return `\n<details><summary>${markdownText(title)}</summary>\n\n${table}${list(notes)}\n</details>\n`;
  });
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
