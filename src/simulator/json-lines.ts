/** The values of a JSONL text with their line numbers, or what is wrong with each bad line, as `file:line: message`. */
export interface JsonLines<Value> {
  readonly values: readonly Value[];
  readonly problems: readonly string[];
}

/**
 * Reads JSONL (UTF-8 text, BOM allowed, blank lines skipped). `decode` gives a value, or a text that says what is
 * wrong with the object.
 */
export function readJsonLines<Value extends object>(
  text: string,
  fileName: string,
  decode: (line: Readonly<Record<string, unknown>>) => Value | string,
): JsonLines<Value> {
  const values: Value[] = [];
  const problems: string[] = [];
  const lines = (text.startsWith("\uFEFF") ? text.slice(1) : text).split("\n");
  lines.forEach((line, index) => {
    if (line.trim() === "") return;
    const decoded = decodeLine(line, decode);
    if (typeof decoded === "string") problems.push(`${fileName}:${index + 1}: ${decoded}`);
    else values.push(decoded);
  });
  return { values, problems };
}

function decodeLine<Value extends object>(
  line: string,
  decode: (line: Readonly<Record<string, unknown>>) => Value | string,
): Value | string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    return `not JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "expected a JSON object";
  return decode(value as Readonly<Record<string, unknown>>);
}

/** The first 20 problems as one message; the number of the others is said. */
export function problemText(problems: readonly string[]): string {
  const shown = problems.slice(0, 20);
  if (problems.length > shown.length) shown.push(`and ${problems.length - shown.length} more`);
  return shown.join("\n");
}
