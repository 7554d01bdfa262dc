/** How many bytes a text is in UTF-8; half of a surrogate pair counts as the three of U+FFFD. */
export function byteCount(text: string): number {
  return Buffer.byteLength(text, "utf8");
}

/** A text of at most so many bytes in UTF-8: where it is longer, its beginning and a mark, whole characters only. */
export function cutBytes(text: string, most: number, mark = "…"): string {
  if (byteCount(text) <= most) return text;
  const room = most - byteCount(mark);
  if (room <= 0) return "";
  // No character takes less than one byte: what is beyond `room` units cannot stay.
  const bytes = Buffer.from(text.slice(0, room), "utf8").subarray(0, room);
  let end = bytes.length;
  while (end > 0 && !isWhole(bytes, end)) end--;
  return `${bytes.toString("utf8", 0, end)}${mark}`;
}

/** Whether no character reaches over this position. */
function isWhole(bytes: Uint8Array, end: number): boolean {
  let start = end - 1;
  while (start > 0 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start--;
  const lead = bytes[start] ?? 0;
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
  return start + length === end;
}
