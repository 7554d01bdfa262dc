import stringWidth from "string-width";
import { harmless } from "./compare-words.ts";
import { plural } from "./number-words.ts";

/** A piece of a text that fits on a line, with where it stands in the text (`end` excluded). */
export interface Piece {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** A text broken into lines of so many columns: at its line ends, at spaces, and inside of words that are too long. */
export function wrapText(text: string, width: number): readonly Piece[] {
  const pieces: Piece[] = [];
  let start = 0;
  for (const line of text.split("\n")) {
    wrapLine(line, start, Math.max(2, width), pieces);
    start += line.length + 1;
  }
  return pieces;
}

function wrapLine(line: string, offset: number, width: number, pieces: Piece[]): void {
  const add = (from: number, to: number): void => {
    pieces.push({ text: harmless(line.slice(from, to)).trimEnd(), start: offset + from, end: offset + to });
  };
  let start = 0;
  let columns = 0;
  let afterSpace = 0;
  for (const { segment, index } of new Intl.Segmenter().segment(line)) {
    const wide = segmentWidth(segment);
    if (columns + wide > width && index > start) {
      const space = segment === " ";
      const end = space ? index + 1 : afterSpace > start ? afterSpace : index;
      add(start, end);
      start = end;
      columns = space ? 0 : stringWidth(harmless(line.slice(end, index))) + wide;
      if (space) continue;
      if (columns > width) {
        add(start, index);
        start = index;
        columns = wide;
      }
    } else columns += wide;
    if (segment === " ") afterSpace = index + 1;
  }
  if (start < line.length || line === "") add(start, line.length);
}

/** Columns of a character as it is shown; most are plain ones, and looked at quickly. */
function segmentWidth(segment: string): number {
  return /^[ -~]$/.test(segment) ? 1 : stringWidth(harmless(segment));
}

/** What is left of a long text before it is wrapped: its beginning, its end and what is around the place that matters. */
const windowCharacters = 1_500;

/**
 * At most so many lines of a text: those around the place `focus`, its end and its beginning. What is left out between
 * them is a line of its own that says how much.
 */
export function excerpt(text: string, focus: number, width: number, lines: number): readonly Piece[] {
  const pieces = windows(text, focus).flatMap(([from, to]) =>
    wrapText(text.slice(from, to), width).map((piece) => ({
      ...piece,
      start: piece.start + from,
      end: piece.end + from,
    })),
  );
  const chosen = choose(pieces, focus, lines);
  return chosen.flatMap((piece, i) => {
    const before = i === 0 ? 0 : (chosen[i - 1]?.end ?? 0);
    const left = text.slice(before, piece.start).trim().length;
    return left === 0 ? [piece] : [{ text: gap(left), start: before, end: before }, piece];
  });
}

function gap(characters: number): string {
  return `⋯ ${plural(characters, "character")} ⋯`;
}

/** Parts of a text that are enough to choose lines from, in order and apart from each other. */
function windows(text: string, focus: number): readonly (readonly [number, number])[] {
  if (text.length <= 4 * windowCharacters) return [[0, text.length]];
  const wanted = [
    [0, windowCharacters],
    [focus - windowCharacters / 10, focus + windowCharacters],
    [text.length - windowCharacters, text.length],
  ] as const;
  const joined: [number, number][] = [];
  for (const [from, to] of wanted) {
    const start = whole(text, Math.max(0, from));
    const end = whole(text, Math.min(text.length, to));
    const last = joined.at(-1);
    if (last !== undefined && start <= last[1]) last[1] = Math.max(last[1], end);
    else joined.push([start, end]);
  }
  return joined;
}

/** A place that does not cut a surrogate pair. */
function whole(text: string, at: number): number {
  return /[\udc00-\udfff]/.test(text.charAt(at)) ? at - 1 : at;
}

/** The place that matters, the end, where answers have their conclusion, and the beginning; then what is beside them. */
function choose(pieces: readonly Piece[], focus: number, lines: number): readonly Piece[] {
  if (pieces.length <= lines) return pieces;
  const last = pieces.length - 1;
  const found = pieces.findIndex((piece) => piece.end > focus);
  const place = found < 0 ? last : found;
  const order = [place, last, 0, place + 1, last - 1, place - 1, place + 2, place + 3];
  const chosen = [...new Set(order.filter((position) => position >= 0 && position <= last))];
  return chosen
    .slice(0, lines)
    .sort((a, b) => a - b)
    .flatMap((position) => pieces[position] ?? []);
}
