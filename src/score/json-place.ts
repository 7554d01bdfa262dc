import { type JSONPathQuery, jsonpath } from "json-p3";

const kept = new Map<string, JSONPathQuery>();
const mostKept = 200;

/** Why a JSONPath (RFC 9535) cannot be read, in words; null when it can. */
export function pathProblem(path: string): string | null {
  try {
    compiled(path);
    return null;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return `it is no JSONPath (RFC 9535), such as \`$.items[0].name\`: ${message.toLowerCase()}`;
  }
}

/** The values at a JSONPath. Throws for a path that cannot be read. */
export function valuesAt(value: unknown, path: string): readonly unknown[] {
  return compiled(path)
    .query(value as never)
    .values();
}

function compiled(path: string): JSONPathQuery {
  const known = kept.get(path);
  if (known !== undefined) return known;
  const query = jsonpath.compile(path);
  if (kept.size >= mostKept) kept.clear();
  kept.set(path, query);
  return query;
}
