/** A text as reasons quote it: on one line, cut to `length` characters with an ellipsis, in backticks. */
export function excerpt(text: string, length: number = 80): string {
  const line = text
    .slice(0, 4 * length)
    .replace(/\s+/g, " ")
    .trim();
  const characters = [...line];
  const shown = characters.length > length ? `${characters.slice(0, length - 1).join("")}…` : line;
  return `\`${shown}\``;
}
