import type { Place } from "./diagnostic.ts";

/** A piece of a file as it is written: where its text begins, and the text. */
export interface Excerpt {
  readonly place: Place;
  readonly text: string;
}

/** The place of `length` characters at an offset of an excerpt's text; the length ends with its line. */
export function placeAt(excerpt: Excerpt, offset: number, length: number): Place {
  const before = excerpt.text.slice(0, offset).split(/\r\n|\r|\n/);
  const last = before.at(-1) ?? "";
  const { file, line, column } = excerpt.place;
  const rest = excerpt.text.slice(offset).split(/\r\n|\r|\n/)[0] ?? "";
  return {
    file,
    line: line + before.length - 1,
    column: before.length === 1 ? column + last.length : last.length + 1,
    length: Math.max(1, Math.min(length, rest.length)),
  };
}

/** The place of a word (not a part of a longer one) in the first of the excerpts that holds it; null when none does. */
export function placeOfWord(excerpts: readonly Excerpt[], word: string): Place | null {
  const escaped = word.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
  const pattern = new RegExp(String.raw`(?<![\w.-])${escaped}(?![\w-])`);
  for (const excerpt of excerpts) {
    const found = pattern.exec(excerpt.text);
    if (found !== null) return placeAt(excerpt, found.index, word.length);
  }
  return null;
}
