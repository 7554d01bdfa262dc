import { z } from "zod";

/** A list of texts as an option states it: a list, or one text with commas, as a dataset's cell holds it. */
export type TextList = string | readonly (string | number | boolean)[];

/** Schema of a `TextList`. */
export const textListSchema: z.ZodType<TextList> = z.union([
  z.array(z.union([z.string(), z.number(), z.boolean()])),
  z.string(),
]);

/**
 * The texts of a list. One text is read as a line of CSV: split at commas, items trimmed, an item in double quotes
 * keeps its commas. Empty items are left out of a text, and kept in a list, where they have a position.
 */
export function textsOf(list: TextList): readonly string[] {
  if (typeof list !== "string") return list.map(String);
  const items: string[] = [];
  const item = /\s*(?:"((?:[^"]|"")*)"\s*(?=,|$)|([^,]*))(?:,|$)/y;
  while (item.lastIndex < list.length) {
    const match = item.exec(list);
    if (match === null) break;
    const text = match[1]?.replaceAll('""', '"') ?? (match[2] ?? "").trim();
    if (text !== "") items.push(text);
  }
  return items;
}
