const longest = 200;
const ending = 79;

/** An answer in 200 characters at most: beginning and end, with an ellipsis for the middle. */
export function shortAnswer(text: string): string {
  if (text.length <= longest) return text;
  // Twice as many code units are enough on either end, whatever the text is.
  const head = [...text.slice(0, 2 * longest)];
  if (text.length <= 2 * longest && head.length <= longest) return text;
  const tail = [...text.slice(-2 * longest)].slice(-ending);
  return `${head.slice(0, longest - ending - 1).join("")}…${tail.join("")}`;
}
