const opening = "<think>";
const closing = "</think>";

/**
 * Content split into reasoning and answer, where the model wrote `<think>…</think>` at its start, or `…</think>` alone:
 * chat templates that open the tag themselves leave only its end to the model. Null otherwise. White space around both
 * parts belongs to the tags. A tag never closed leaves an empty answer; an end alone counts at a line's end or beginning,
 * because within a line it is spoken of.
 */
export function splitThinking(content: string): { reasoning: string; content: string } | null {
  const start = content.search(/\S/);
  const opened = start >= 0 && content.startsWith(opening, start);
  const from = opened ? start + opening.length : 0;
  const end = content.indexOf(closing, from);
  if (end < 0) return opened ? { reasoning: content.slice(from).trim(), content: "" } : null;
  if (!opened && !endsThinking(content, end)) return null;
  return {
    reasoning: content.slice(from, end).trim(),
    content: content.slice(end + closing.length).trimStart(),
  };
}

function endsThinking(content: string, end: number): boolean {
  if (content.slice(0, end).includes(opening)) return false;
  const before = content[end - 1];
  const after = content[end + closing.length];
  return before === undefined || before === "\n" || after === undefined || after === "\n";
}
