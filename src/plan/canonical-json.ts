import { hash } from "node:crypto";

/**
 * JSON with the keys of every object sorted by code unit and no white space, so that equal values have equal text
 * (the rule of RFC 8785 for keys; numbers as JavaScript prints them). `undefined` members are left out.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const record = value as Readonly<Record<string, unknown>>;
    const members = Object.keys(record)
      .filter((key) => record[key] !== undefined)
      .sort()
      .map((key) => `${JSON.stringify(key)}:${canonicalJson(record[key])}`);
    return `{${members.join(",")}}`;
  }
  return JSON.stringify(value) ?? "null";
}

/** The first `digits` hex digits of SHA-256 over the canonical JSON of a value. */
export function contentId(value: unknown, digits: number): string {
  return textId(canonicalJson(value), digits);
}

/** The same over canonical JSON that is there already. */
export function textId(text: string, digits: number): string {
  return hash("sha256", text, "hex").slice(0, digits);
}
