import type { Summary } from "../aggregate/summary-shape.ts";
import { type CsvStyle, csvLines, csvStart, guarded, plainCsv, toCell } from "./csv.ts";

/** `summary.csv`: one line per variant, nested keys joined with dots; lists as JSON; unknown is empty. */
export function renderSummaryCsv(summary: Summary, style: CsvStyle = plainCsv): string {
  return `${csvStart(style)}${renderFlatCsv(summary.variants, style)}`;
}

/** Any list of objects as CSV, flattened with dots; a key that some objects lack stands where the others have it. */
export function renderFlatCsv(objects: readonly object[], { safe }: CsvStyle = plainCsv): string {
  const flat = objects.map((object) => flatten(object, ""));
  // Maps whose keys differ from object to object stay where the objects have them.
  const keys = [...new Set(objects.flatMap((object) => Object.keys(object)))];
  const rank = (column: string): number => keys.indexOf(column.split(".")[0] ?? column);
  const columns = [...columnsOf(flat)].sort((a, b) => rank(a) - rank(b));
  const lines = [columns, ...flat.map((entry) => columns.map((column) => toCell(entry.get(column))))];
  return csvLines(safe ? lines.map((line) => line.map(guarded)) : lines);
}

function columnsOf(entries: readonly ReadonlyMap<string, unknown>[]): readonly string[] {
  const columns: string[] = [];
  for (const entry of entries) {
    let position = 0;
    for (const name of entry.keys()) {
      const known = columns.indexOf(name);
      if (known < 0) columns.splice(position, 0, name);
      position = (known < 0 ? position : known) + 1;
    }
  }
  // What is null in one object and a map in another is that map's columns, empty.
  const isEmpty = (name: string): boolean => entries.every((entry) => (entry.get(name) ?? null) === null);
  return columns.filter((name) => !(isEmpty(name) && columns.some((other) => other.startsWith(`${name}.`))));
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
