const opening = "<think>";
const closing = "</think>";

/**
 * Content split into reasoning and answer, where the model wrote `<think>…</think>` at its start; null otherwise.
 * White space around both parts belongs to the tags. A tag never closed leaves an empty answer.
 */
export function splitThinking(content: string): { reasoning: string; content: string } | null {
  const start = content.search(/\S/);
  if (start < 0 || !content.startsWith(opening, start)) return null;
  const from = start + opening.length;
  const end = content.indexOf(closing, from);
  if (end < 0) return { reasoning: content.slice(from).trim(), content: "" };
  return {
    reasoning: content.slice(from, end).trim(),
    content: content.slice(end + closing.length).trimStart(),
  };
}
