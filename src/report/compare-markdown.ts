import type { ComparisonReport, PromptChange } from "../compare/comparison.ts";
import { compareTables } from "./compare-cells.ts";
import { pairWords } from "./compare-columns.ts";
import { chooseFlips, flipCounts, type ShownFlips } from "./compare-flips.ts";
import { compareNotes } from "./compare-notes.ts";
import { diffSigns, promptDiff } from "./compare-prompts.ts";
import { verdictWords } from "./compare-verdict.ts";
import { harmless } from "./compare-words.ts";
import { flipTableHead, flipTableRow } from "./flip-rows.ts";
import { markdownTable, markdownText } from "./markdown.ts";

/** A comment on a pull request may have 65 536 characters: what folds open gets so many of them. */
const mostCharacters = 40_000;

/**
 * A comparison as Markdown, for a comment on a pull request: verdict, tables, notes, and folded below them what changed in
 * the prompts and in the answers. Sections that would make the comment too long are left out, and counted.
 */
export function renderCompareMarkdown(report: ComparisonReport, flips: number): string {
  const { base, candidate, tables } = compareTables(report.comparisons);
  const words = verdictWords(report);
  const parts = [
    `**${inline(words.verdict)}**: ${inline(words.sentence)}\n`,
    list(words.details.map(({ verdict, text }) => `**${verdict}** ${inline(text)}`)),
    words.more > 0 ? `${words.more} more, in the tables below\n` : "",
    [
      ...(base === null ? [] : [`base: ${inline(base)}`]),
      ...(candidate === null ? [] : [`candidate: ${inline(candidate)}`]),
    ].join("  \n"),
    ...tables.map(
      ({ title, columns, rows }) =>
        `${title === null ? "" : `**${inline(title)}**\n\n`}${markdownTable(
          columns,
          rows.map((row) => row.map(harmless)),
        )}`,
    ),
    list(compareNotes(report).map(inline)),
    ...folded(report, flips),
  ];
  return parts
    .filter((part) => part !== "")
    .map((part) => (part.endsWith("\n") ? part : `${part}\n`))
    .join("\n");
}

function inline(text: string): string {
  return markdownText(harmless(text));
}

/** Text inside of an HTML element, where Markdown's backslashes would show. */
function htmlText(text: string): string {
  return inline(text).replace(/\\([\\`*_{}[\]|~$])/g, "$1");
}

function list(entries: readonly string[]): string {
  return entries.map((entry) => `- ${entry}\n`).join("");
}

function folded(report: ComparisonReport, limit: number): readonly string[] {
  const sections = [
    ...report.prompts.map(promptSection),
    ...chooseFlips(report.comparisons, limit).map(flipSection),
  ];
  const kept: string[] = [];
  let characters = 0;
  for (const section of sections) {
    characters += section.length;
    if (characters > mostCharacters) break;
    kept.push(section);
  }
  const left = sections.length - kept.length;
  return left === 0
    ? kept
    : [...kept, `${left} section${left === 1 ? "" : "s"} left out: too long for a comment\n`];
}

function details(summary: string, body: string): string {
  return `<details><summary>${htmlText(summary)}</summary>\n\n${body}\n</details>\n`;
}

function promptSection(change: PromptChange): string {
  const lines = promptDiff(change, Number.POSITIVE_INFINITY).map(({ kind, text }) =>
    kind === "skipped" ? `@@ ${text} @@` : `${diffSigns[kind]} ${harmless(text)}`.trimEnd(),
  );
  const longest = Math.max(2, ...lines.flatMap((line) => line.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  return details(`prompt ${change.prompt_id} changed`, `${fence}diff\n${lines.join("\n")}\n${fence}\n`);
}

function flipSection(flips: ShownFlips): string {
  const { comparison, shown, regressed, improved } = flips;
  const rows: string[] = [];
  let characters = 0;
  for (const flip of shown) {
    const row = flipTableRow(flip);
    characters += row.length;
    if (characters > mostCharacters / 2) break;
    rows.push(row);
  }
  const left = regressed + improved - rows.length;
  const body = `${rows.length > 0 ? `${flipTableHead}${rows.join("")}` : ""}${left > 0 ? `\n${left} more\n` : ""}`;
  return details(`${flipCounts(flips)}: ${pairWords(comparison)}`, body);
}
