import { styleText } from "node:util";
import type { ComparisonReport, Verdict } from "../compare/comparison.ts";
import { type Paint, renderFlips } from "./compare-answers.ts";
import { type CompareTable, compareTables } from "./compare-cells.ts";
import { chooseFlips, withFlips } from "./compare-flips.ts";
import { compareNotes } from "./compare-notes.ts";
import { renderPromptChange } from "./compare-prompts.ts";
import { verdictWords } from "./compare-verdict.ts";
import { harmless } from "./compare-words.ts";
import { wrapText } from "./compare-wrap.ts";
import { plural } from "./number-words.ts";
import { type TextTableOptions, textTable } from "./text-table.ts";
import { verdictTone } from "./verdict-tone.ts";

/** How a comparison is shown. */
export interface CompareViewOptions extends TextTableOptions {
  /** Rows that changed sides, shown with their answers, in all; infinity is every one. */
  readonly flips: number;
}

/** Columns for answers and prompts where the terminal does not say its width. */
const usualWidth = 120;
/** Prompts whose changes are shown. */
const mostPrompts = 5;

/**
 * A comparison for a terminal. What a person reads first is what stands last, above the next prompt of the shell: the
 * verdict, over it the numbers, over these what changed.
 */
export function renderCompareTable(report: ComparisonReport, options: CompareViewOptions): string {
  const width = options.width ?? usualWidth;
  const paint: Paint = (style, text) =>
    options.color ? styleText(style, text, { validateStream: false }) : text;
  const { base, candidate, tables } = compareTables(report.comparisons);
  const chosen = chooseFlips(report.comparisons, options.flips);
  const hidden = options.flips > 0 ? withFlips(report.comparisons).length - chosen.length : 0;
  const prompts = report.prompts.slice(0, mostPrompts);
  const sections = [
    ...prompts.map((change) => renderPromptChange(change, width, paint)),
    ...(report.prompts.length > mostPrompts
      ? [`${report.prompts.length - mostPrompts} prompts more changed\n`]
      : []),
    ...chosen.map((flips) => renderFlips(flips, width, paint)),
    hidden > 0 ? `rows flipped in ${plural(hidden, "more comparison")}: \`--flips all\` shows them\n` : "",
    sidesLines(base, candidate),
    ...tables.map((table) => tableText(table, options, paint)),
    compareNotes(report)
      .map((note) => paragraph("", harmless(note), options.width, (text) => paint("dim", text)))
      .join(""),
    verdictText(report, options.width, paint),
  ];
  return sections.filter((section) => section !== "").join("\n");
}

/** Base and candidate, where all lines have the same. */
function sidesLines(base: string | null, candidate: string | null): string {
  return [
    ...(base === null ? [] : [`base       ${harmless(base)}\n`]),
    ...(candidate === null ? [] : [`candidate  ${harmless(candidate)}\n`]),
  ].join("");
}

function tableText({ title, columns, rows }: CompareTable, options: TextTableOptions, paint: Paint): string {
  const text = textTable(
    columns,
    rows.map((row) => row.map(harmless)),
    options,
  );
  return title === null ? text : `${paint("bold", harmless(title))}\n${text}`;
}

function verdictText(report: ComparisonReport, width: number | null, paint: Paint): string {
  const words = verdictWords(report);
  const color = (verdict: Verdict, text: string): string => {
    const style = verdictTone(verdict);
    return style === null ? text : paint(style, text);
  };
  const details = words.details.map(({ verdict, text }) =>
    paragraph(
      `${verdict}: `,
      harmless(text),
      width,
      (line) => line,
      (name) => color(verdict, name),
    ),
  );
  const more = words.more > 0 ? [`${words.more} more, in the tables above\n`] : [];
  const verdict = paragraph(
    `${words.verdict}: `,
    harmless(words.sentence),
    width,
    (line) => line,
    (name) => paint("bold", color(report.verdict, name)),
  );
  return [...details, ...more, verdict].join("");
}

/** A text behind a word, its further lines indented by two columns. */
function paragraph(
  lead: string,
  text: string,
  width: number | null,
  paint: (line: string) => string,
  paintLead: (word: string) => string = paint,
): string {
  if (width === null) return `${lead === "" ? "" : paintLead(lead)}${paint(text)}\n`;
  const [first, ...others] = wrapText(`${lead}${text}`, Math.max(20, width - 2)).map((piece) => piece.text);
  const head = `${lead === "" ? "" : paintLead(lead)}${paint((first ?? "").slice(lead.length))}`;
  return [head, ...others.map((line) => `  ${paint(line)}`)].map((line) => `${line}\n`).join("");
}
