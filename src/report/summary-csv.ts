import { stringify } from "csv-stringify/sync";
import type { Summary } from "../aggregate/summary-shape.ts";

/** `summary.csv`: one line per variant, nested keys joined with dots; lists as JSON; unknown is empty. */
export function renderSummaryCsv(summary: Summary): string {
  return renderFlatCsv(summary.variants);
}

/** Any list of objects as CSV, flattened with dots. Columns in order of first appearance. */
export function renderFlatCsv(objects: readonly object[]): string {
  const flat = objects.map((object) => flatten(object, ""));
  const columns = [...new Set(flat.flatMap((entry) => [...entry.keys()]))];
  const lines = flat.map((entry) => columns.map((column) => cell(entry.get(column))));
  return stringify([columns, ...lines], {
    record_delimiter: "\n",
    cast: { boolean: String, number: String },
  });
}

function flatten(object: object, prefix: string): Map<string, unknown> {
  const flat = new Map<string, unknown>();
  for (const [key, value] of Object.entries(object)) {
    const name = prefix === "" ? key : `${prefix}.${key}`;
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      for (const [inner, leaf] of flatten(value as object, name)) flat.set(inner, leaf);
    } else flat.set(name, value);
  }
  return flat;
}

function cell(value: unknown): string | number | boolean | null {
  if (value === undefined || value === null) return null;
  if (typeof value === "object") return JSON.stringify(value);
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? value
    : String(value);
}
