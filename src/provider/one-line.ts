/** The most characters a failure's message has. */
export const longestMessage = 2000;

/** Text made fit for a message: one line, control characters gone, at most `limit` characters, cut with `…`. */
export function oneLine(text: string, limit: number = longestMessage): string {
  const line = text
    .slice(0, limit * 4)
    .replace(/[\s\p{Cc}]+/gu, " ")
    .trim();
  if (line.length <= limit) return line;
  const cut = line.slice(0, limit - 1);
  // A lone half of a surrogate pair would not survive UTF-8.
  return `${/[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
}
