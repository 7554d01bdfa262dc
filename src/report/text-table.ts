import { styleText } from "node:util";
import stringWidth from "string-width";

/** A column of a text table. */
export interface TextColumn {
  readonly title: string;
  readonly align: "left" | "right";
  /** May be cut to fit the width; the last such column gives way first. */
  readonly flexible?: boolean;
  /** May be left out where there is no room: 1 goes first. Without it a column always stays. */
  readonly spare?: number;
}

export interface TextTableOptions {
  /** Columns of the terminal; null is as wide as it needs. */
  readonly width: number | null;
  readonly color: boolean;
}

/** Columns a flexible column keeps while spare ones can be left out instead, and when none is left. */
const comfortable = 32;
const narrowest = 12;
const gap = "  ";

/**
 * Lines of an aligned table with its header; each ends in a newline. Wide characters count as two columns. Where the
 * width does not suffice, flexible columns are cut (in the middle), then spare ones are left out, then
 * flexible ones are cut further.
 */
export function textTable(
  columns: readonly TextColumn[],
  rows: readonly (readonly string[])[],
  options: TextTableOptions,
): string {
  const clean = rows.map((row) => row.map(printable));
  const widths = columns.map((column, i) =>
    clean.reduce((widest, row) => Math.max(widest, stringWidth(row[i] ?? "")), stringWidth(column.title)),
  );
  const dropped = firstSpare(columns);
  shrink(columns, widths, options.width, dropped === null ? narrowest : comfortable);
  if (options.width !== null && dropped !== null && totalWidth(widths) > options.width) {
    const kept = <T>(list: readonly T[]): readonly T[] => list.filter((_, i) => i !== dropped);
    return textTable(kept(columns), clean.map(kept), options);
  }
  const line = (cells: readonly string[]): string =>
    columns
      .map(({ align, flexible }, i) => {
        const width = widths[i] ?? 0;
        return pad((flexible === true ? cutMiddle : cut)(cells[i] ?? "", width), width, align);
      })
      .join(gap)
      .trimEnd();
  const header = line(columns.map((column) => column.title));
  return [options.color ? styleText("bold", header, { validateStream: false }) : header, ...clean.map(line)]
    .map((text) => `${text}\n`)
    .join("");
}

/** Text that a terminal only shows: no control characters, no escape sequences, no direction marks. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\u061c\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]+/gu, " ");
}

/** Text cut to so many columns, with `…` where something is left out. */
export function cut(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let kept = "";
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (stringWidth(kept + segment) > width - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

/** The same, with the middle left out: labels of variants differ at both ends. */
function cutMiddle(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  const segments = [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment);
  const head = cut(text, Math.ceil(width / 2)).slice(0, -1);
  let tail = "";
  for (let i = segments.length - 1; i >= 0 && stringWidth(head + (segments[i] ?? "") + tail) < width; i--) {
    tail = (segments[i] ?? "") + tail;
  }
  return `${head}…${tail}`;
}

function totalWidth(widths: readonly number[]): number {
  return widths.reduce((sum, one) => sum + one, 0) + gap.length * (widths.length - 1);
}

/** Position of the column that is left out first; null when all must stay. */
function firstSpare(columns: readonly TextColumn[]): number | null {
  const lowest = Math.min(...columns.map((column) => column.spare ?? Number.POSITIVE_INFINITY));
  return Number.isFinite(lowest) ? columns.findIndex((column) => column.spare === lowest) : null;
}

function shrink(columns: readonly TextColumn[], widths: number[], width: number | null, least: number): void {
  if (width === null) return;
  for (let i = columns.length - 1; i >= 0; i--) {
    const excess = totalWidth(widths) - width;
    const natural = widths[i] ?? 0;
    if (columns[i]?.flexible === true && excess > 0)
      widths[i] = Math.max(Math.min(least, natural), natural - excess);
  }
}

function pad(text: string, width: number, align: "left" | "right"): string {
  const space = " ".repeat(Math.max(0, width - stringWidth(text)));
  return align === "left" ? text + space : space + text;
}
