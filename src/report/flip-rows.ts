import type { Flip } from "../compare/comparison.ts";
import { differingPart } from "./compare-diff.ts";
import { isRegression, turnWords } from "./compare-flips.ts";
import { harmless } from "./compare-words.ts";
import { excerpt } from "./compare-wrap.ts";
import { markdownText } from "./markdown.ts";

/** Columns and lines of an answer in a cell. */
const answerWidth = 70;
const answerLines = 8;

/** What stands above rows that changed sides, in a Markdown table. */
export const flipTableHead = "| row |  | base | candidate |\n| --- | --- | --- | --- |\n";

/** A row that changed sides as a line of a Markdown table, with what matters of both answers. */
export function flipTableRow(flip: Flip): string {
  const { base, candidate } = flip;
  const { start } = differingPart(base.output ?? "", candidate.output ?? "");
  const cells = [
    markdownText(harmless(flip.row_id)),
    `${isRegression(flip) ? "↓" : "↑"} ${turnWords(flip)}`,
    answerCell(base.output, start),
    answerCell(candidate.output, start),
  ];
  return `| ${cells.join(" | ")} |\n`;
}

function answerCell(output: string | null, focus: number): string {
  if (output === null) return "*not kept*";
  if (output.trim() === "") return "*empty*";
  return excerpt(output, focus, answerWidth, answerLines)
    .map(({ text }) => markdownText(text))
    .join("<br>");
}
