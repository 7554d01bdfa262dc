import { styleText } from "node:util";
import stringWidth from "string-width";

/** How a cell stands out; colour is never all that says it. */
export type Tone = "red" | "green" | "yellow" | "dim";

/** A column of a text table. */
export interface TextColumn {
  readonly title: string;
  /** Instead of title and cells (absent: the same ones) where the width does not suffice. */
  readonly short?: { readonly title: string; readonly cells?: readonly string[] };
  readonly align: "left" | "right";
  /** May be cut to fit the width; the last such column gives way first. */
  readonly flexible?: boolean;
  /**
   * Left out where there is no room: the least goes first, from 10 on only once what is flexible is cut to its least.
   * Columns without it go last, from the right; the first one stays.
   */
  readonly spare?: number;
  /** Only draws what another column says: left out without a word. */
  readonly isDrawing?: boolean;
  /** Null is plain. */
  readonly tone?: (cell: string) => Tone | null;
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
/** From here on a column matters more than whole names do. */
const lastSpare = 10;

/**
 * Lines of an aligned table with its header; each ends in a newline. Wide characters count as two columns. Where the
 * width does not suffice, titles and names get shorter, flexible columns are cut (in the middle), then columns are left out, which
 * a line below names. No line is wider than the width.
 */
export function textTable(
  columns: readonly TextColumn[],
  rows: readonly (readonly string[])[],
  options: TextTableOptions,
): string {
  const { header, lines, leftOut } = alignedLines(columns, rows, options, true);
  const notes = leftOut.length === 0 ? [] : [paint("dim", leftOutWords(leftOut, options.width), options)];
  return [paint("bold", header, options), ...lines, ...notes].map((text) => `${text}\n`).join("");
}

/** `left out for width: tokens in, p95 and 2 more`, as many names as fit. */
function leftOutWords(titles: readonly string[], width: number | null): string {
  for (let named = titles.length; named > 0; named--) {
    const more = titles.length - named;
    const names = titles.slice(0, named).join(", ");
    const note = `left out for width: ${names}${more === 0 ? "" : ` and ${more} more`}`;
    if (width === null || stringWidth(note) <= width) return note;
  }
  return cut(`${titles.length} columns left out for width`, width ?? Number.POSITIVE_INFINITY);
}

/** Rows in aligned columns, no line wider than the width, and the titles of the columns that found no room. */
export function alignedLines(
  columns: readonly TextColumn[],
  rows: readonly (readonly string[])[],
  options: TextTableOptions,
  hasHeader: boolean,
): { readonly header: string; readonly lines: readonly string[]; readonly leftOut: readonly string[] } {
  const { kept, widths, texts } = fitColumns(columns, rows, options.width, hasHeader);
  const line = (row: number): string =>
    kept
      .map((i, at) => {
        const { align, flexible, tone } = columns[i] ?? emptyColumn;
        const width = widths[at] ?? 0;
        const cell = texts[i]?.[row] ?? "";
        const text = (flexible === true ? cutMiddle : cut)(cell, width);
        const style = row === 0 ? null : (tone?.(cell) ?? null);
        return pad(style === null ? text : paint(style, text, options), width, align);
      })
      .join(gap)
      .trimEnd();
  return {
    header: line(0),
    lines: rows.map((_, row) => line(row + 1)),
    leftOut: columns.flatMap(({ title, isDrawing }, i) =>
      kept.includes(i) || isDrawing === true || title === "" ? [] : [printable(title)],
    ),
  };
}

const emptyColumn: TextColumn = { title: "", align: "left" };

interface FittedColumns {
  /** Positions of the columns that fit, and their widths. */
  readonly kept: readonly number[];
  readonly widths: readonly number[];
  /** Of all columns: title, then cells. */
  readonly texts: readonly (readonly string[])[];
}

function fitColumns(
  columns: readonly TextColumn[],
  rows: readonly (readonly string[])[],
  width: number | null,
  hasHeader: boolean,
): FittedColumns {
  const long = columns.map(({ title }, i) => [
    hasHeader ? title : "",
    ...rows.map((row) => printable(row[i] ?? "")),
  ]);
  const short = columns.map(({ short: other }, i) => {
    const [title = "", ...cells] = long[i] ?? [];
    if (other === undefined) return [title, ...cells];
    return [hasHeader ? other.title : "", ...(other.cells?.map(printable) ?? cells)];
  });
  let kept = columns.map((_, i) => i);
  for (;;) {
    const hasShort = kept.some((i) => columns[i]?.short !== undefined);
    const dropped = firstToGo(columns, kept);
    const least = (columns[dropped]?.spare ?? lastSpare) >= lastSpare ? narrowest : comfortable;
    for (const texts of hasShort ? [long, short] : [long]) {
      const widths = kept.map((i) => widest(texts[i] ?? []));
      if (width === null || totalWidth(widths) <= width) return { kept, widths, texts };
      if (hasShort && texts === long) continue;
      shrink(columns, kept, widths, width, least);
      if (totalWidth(widths) <= width) return { kept, widths, texts };
      if (kept.length <= 1) return { kept, widths: widths.map(() => width), texts };
    }
    kept = kept.filter((i) => i !== dropped);
  }
}

function widest(texts: readonly string[]): number {
  return texts.reduce((most, text) => Math.max(most, stringWidth(text)), 0);
}

/** Position of the column that is left out next. */
function firstToGo(columns: readonly TextColumn[], kept: readonly number[]): number {
  const spare = kept.filter((i) => columns[i]?.spare !== undefined);
  const least = (best: number, i: number): number =>
    (columns[i]?.spare ?? 0) < (columns[best]?.spare ?? 0) ? i : best;
  return spare.length > 0 ? spare.reduce(least) : (kept.at(-1) ?? 0);
}

/** A text in a style, where there is colour. */
export function paint(
  style: Tone | "bold",
  text: string,
  { color }: Pick<TextTableOptions, "color">,
): string {
  return color && text !== "" ? styleText(style, text, { validateStream: false }) : text;
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

function shrink(
  columns: readonly TextColumn[],
  kept: readonly number[],
  widths: number[],
  width: number,
  least: number,
): void {
  for (let at = kept.length - 1; at >= 0; at--) {
    const excess = totalWidth(widths) - width;
    const natural = widths[at] ?? 0;
    if (columns[kept[at] ?? 0]?.flexible === true && excess > 0)
      widths[at] = Math.max(Math.min(least, natural), natural - excess);
  }
}

function pad(text: string, width: number, align: "left" | "right"): string {
  const space = " ".repeat(Math.max(0, width - stringWidth(text)));
  return align === "left" ? text + space : space + text;
}
