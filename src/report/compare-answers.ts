import stringWidth from "string-width";
import type { Flip, FlipSide } from "../compare/comparison.ts";
import { pairWords } from "./compare-columns.ts";
import { differingPart } from "./compare-diff.ts";
import { flipCounts, isRegression, type ShownFlips, turnWords } from "./compare-flips.ts";
import { harmless } from "./compare-words.ts";
import { excerpt, type Piece } from "./compare-wrap.ts";
import { cut } from "./text-table.ts";

/** How text is coloured; plain text gives it back as it is. */
export type Paint = (style: "bold" | "dim" | "red" | "green" | "yellow", text: string) => string;

/** Columns from which both answers stand side by side. */
const wideEnough = 100;
/** Lines of an answer that are shown. */
const mostLines = 6;
/** Scripts that run from right to left: side by side, a terminal would mix the two answers. */
const rightToLeft = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;

/**
 * Rows that changed sides with both answers: side by side from 100 columns on, else below each other. Each line of an
 * answer begins with `│`, so that no model can write a line of its own; the part that both have in common is dim.
 */
export function renderFlips(flips: ShownFlips, width: number, paint: Paint): string {
  const { comparison, shown, regressed, improved } = flips;
  const heading = `${flipCounts(flips)}: ${harmless(pairWords(comparison))}`;
  const left = regressed + improved - shown.length;
  return [
    paint("bold", heading),
    ...(width < wideEnough ? [] : [paint("dim", besides("base", "candidate", width))]),
    ...shown.flatMap((flip) => flipLines(flip, width, paint)),
    ...(left > 0 ? [paint("dim", `${left} more: \`--flips all\` shows them`)] : []),
  ]
    .map((line) => `${line}\n`)
    .join("");
}

function flipLines(flip: Flip, width: number, paint: Paint): readonly string[] {
  const worse = isRegression(flip);
  const title = `${paint(worse ? "red" : "green", worse ? "↓" : "↑")} row ${cut(harmless(flip.row_id), Math.max(8, width - 24))}: ${turnWords(flip)}`;
  const [before, after] = [flip.base.output, flip.candidate.output];
  if (before === after) return [title, ...labelled("both", lines(flip.base, [0, 0], width - 14, paint))];
  const part = differingPart(before ?? "", after ?? "");
  const mixed = rightToLeft.test(before ?? "") || rightToLeft.test(after ?? "");
  if (width < wideEnough || mixed) {
    return [
      title,
      ...labelled("base", lines(flip.base, [part.start, part.baseEnd], width - 14, paint)),
      ...labelled("candidate", lines(flip.candidate, [part.start, part.candidateEnd], width - 14, paint)),
    ];
  }
  const column = columnWidth(width);
  const left = lines(flip.base, [part.start, part.baseEnd], column, paint);
  const right = lines(flip.candidate, [part.start, part.candidateEnd], column, paint);
  return [
    title,
    ...Array.from({ length: Math.max(left.length, right.length) }, (_, i) =>
      besides(left[i] ?? "", right[i] ?? "", width),
    ),
  ];
}

function columnWidth(width: number): number {
  return Math.floor((width - 7) / 2);
}

/** A line of both answers, side by side. */
function besides(left: string, right: string, width: number): string {
  const space = " ".repeat(Math.max(0, columnWidth(width) - stringWidth(left)));
  return `  │ ${left}${space} │ ${right}`.trimEnd();
}

function labelled(label: string, answer: readonly string[]): readonly string[] {
  return answer.map((line, i) => `  ${(i === 0 ? label : "").padEnd(9)} │ ${line}`.trimEnd());
}

/** The lines of an answer that are shown; what lies outside of the part that differs is dim. */
function lines(
  { output }: FlipSide,
  [start, end]: readonly [number, number],
  width: number,
  paint: Paint,
): readonly string[] {
  if (output === null) return [paint("dim", "(not kept)")];
  if (output.trim() === "") return [paint("dim", output === "" ? "(empty)" : "(blank)")];
  const differs = (piece: Piece): boolean => piece.start < end && piece.end > start;
  return excerpt(output, start, width, mostLines).map((piece) => {
    const text = cut(piece.text, width);
    return differs(piece) ? text : paint("dim", text);
  });
}
