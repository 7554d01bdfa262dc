import { contentId } from "../plan/canonical-json.ts";

/** 12 hex digits over the values of the named variables: equal ones mean that a row is asked the same. */
export function rowDigest(values: Readonly<Record<string, unknown>>, names: readonly string[]): string {
  return contentId(Object.fromEntries(names.map((name) => [name, values[name] ?? null])), 12);
}
