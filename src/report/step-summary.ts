import type { Summary } from "../aggregate/summary-shape.ts";
import type { GateResult } from "../compare/comparison.ts";
import { type Block, fitBlocks } from "./byte-budget.ts";
import { pairWords } from "./compare-columns.ts";
import { chooseFlips, flipCounts, type ShownFlips } from "./compare-flips.ts";
import { harmless } from "./compare-words.ts";
import { cutBytes } from "./cut-bytes.ts";
import { flipTableHead, flipTableRow } from "./flip-rows.ts";
import { gateTable, otherReasons, verdictSentence, worstFirst } from "./gate-words.ts";
import { markdownTable, markdownText } from "./markdown.ts";
import { countWords } from "./number-words.ts";
import { type SummaryTable, summaryNotes, summaryTable } from "./summary-table.ts";

/** Bytes of the verdict's line and of other lines, and of a cell. */
const lineBytes = 2_000;
const cellBytes = 300;
/** Reasons besides the verdict's, lines of a table, and rows that changed sides with their answers, over all gates. */
const mostReasons = 10;
const mostRows = 200;
const mostFlips = 60;
/** Bytes of everything: a page with more is not read, and takes long to show. */
const mostBytes = 400_000;

/**
 * The summary of a run for the page of a CI job: Markdown, the verdict first, then gates, variants, notes, and folded
 * below them the rows that changed sides. Never more than `room` bytes, since GitHub drops the whole of a summary that
 * is too long: rows and sections are left out from the end, and it says so. Empty where there is no room even for that.
 */
export function stepSummary(summary: Summary, room: number): string {
  const blocks = [
    heading(summary),
    ...gateBlocks(summary),
    tableBlock(summaryTable(summary), "variant"),
    listBlock([...summary.warnings.map((warning) => `warning: ${warning}`), ...summaryNotes(summary)]),
    ...flipBlocks(worstFirst(summary.gates)),
  ].filter(({ head, items }) => head !== "" || items.length > 0);
  return fitBlocks(blocks, Math.min(room, mostBytes), cutNote);
}

const cutNote =
  "\n_The rest is left out: it would be too long. `report.md` and `completions.csv` of the run have it._\n";

function heading(summary: Summary): Block {
  const name = inline(summary.run.name);
  const verdict =
    summary.gates.length === 0 ? "" : `**${summary.verdict}**: ${inline(verdictSentence(summary))}\n\n`;
  return { head: "", items: [`## ${name}\n\n`, verdict], tail: "", left: () => "" };
}

function gateBlocks(summary: Summary): readonly Block[] {
  if (summary.gates.length === 0) return [];
  return [
    listBlock(otherReasons(summary, mostReasons)),
    tableBlock(gateTable(worstFirst(summary.gates)), "gate"),
  ];
}

function listBlock(entries: readonly string[]): Block {
  return {
    head: "",
    items: entries.map((entry) => `- ${inline(entry)}\n`),
    tail: entries.length > 0 ? "\n" : "",
    left: (count) => `${countWords(count)} more\n\n`,
  };
}

function tableBlock({ columns, rows }: SummaryTable, word: string): Block {
  const shown = rows.slice(0, mostRows).map((row) => row.map(cellText));
  const untold = rows.length - shown.length;
  const more = (count: number): string => (count > 0 ? `${countWords(count)} more ${word}s\n\n` : "");
  return {
    head: markdownTable(columns, []),
    items: markdownTable([], shown)
      .split(/(?<=\n)/)
      .slice(2),
    tail: `\n${more(untold)}`,
    left: more,
  };
}

/** Comparisons that are the same but for their limit have the same rows: they are shown once. */
function flipBlocks(gates: readonly GateResult[]): readonly Block[] {
  const distinct = new Map(gates.map((gate) => [JSON.stringify([gate.metric, pairWords(gate)]), gate]));
  return chooseFlips([...distinct.values()], mostFlips)
    .filter(({ shown }) => shown.length > 0)
    .map(flipBlock);
}

function flipBlock(flips: ShownFlips): Block {
  const { comparison, shown, regressed, improved } = flips;
  const untold = regressed + improved - shown.length;
  const title = `${flipCounts(flips)}: ${inline(pairWords(comparison))}`;
  return {
    head: `<details><summary>${title}</summary>\n\n${flipTableHead}`,
    items: shown.map(flipTableRow),
    tail: `\n${untold > 0 ? `${countWords(untold)} more\n\n` : ""}</details>\n\n`,
    left: (count) => `${countWords(count)} more of these rows\n\n`,
  };
}

function inline(text: string): string {
  return markdownText(harmless(cutBytes(text, lineBytes)));
}

function cellText(text: string): string {
  return harmless(cutBytes(text, cellBytes));
}
