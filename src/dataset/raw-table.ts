import type { Place } from "../diagnostics/diagnostic.ts";

/** The rows of a file of any format, before ids, conversions and selection. */
export interface RawTable {
  /** Headers, or keys in order of first appearance. */
  readonly columns: readonly string[];
  readonly rows: readonly RawRow[];
  /** Where a row's cell stands, or the row itself for `null`; as near as the format tells. */
  place(row: RawRow, column: string | null): Place;
  /** Where a column is named; null for formats without a header. */
  headerPlace(column: string): Place | null;
}

/** One row as its file has it. */
export interface RawRow {
  /** Position in the file, from 0. */
  readonly index: number;
  readonly line: number;
  readonly values: Readonly<Record<string, unknown>>;
}

/** All keys of the rows, in order of first appearance. */
export function keysOf(rows: readonly RawRow[]): readonly string[] {
  const keys = new Set<string>();
  for (const { values } of rows) for (const key of Object.keys(values)) keys.add(key);
  return [...keys];
}

/** Whether a value of JSON or YAML is an object, not a list. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What a value is, in the words of JSON. */
export function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "string") return "text";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
