import { readCsv } from "../dataset/csv.ts";
import { type CsvTable, cellPlace } from "../dataset/csv-table.ts";
import type { Diagnostic, Place } from "../diagnostics/diagnostic.ts";
import type { Path, YamlSource } from "./yaml-source.ts";

const numbers: ReadonlySet<string> = new Set([
  "input",
  "output",
  "cached_input",
  "batch_discount",
  "context",
  "up_to",
]);

/**
 * The lines of a CSV price file as a list of entries; the columns are the keys of an entry. Lines with `up_to` are tiers
 * of the model that they name: all lines of a provider and model together are one entry. `source` is null for a broken table.
 */
export function priceRows(
  bytes: Uint8Array,
  file: string,
): { readonly source: YamlSource | null; readonly diagnostics: readonly Diagnostic[] } {
  const { table, diagnostics } = readCsv(bytes, file, { what: "price file" });
  if (table === null) return { source: null, diagnostics };
  const groups = grouped(table);
  const place = (path: Path): Place => placeOf(table, groups, path);
  const value = groups.map((group) => group.entry);
  const source = { file, text: "", value, diagnostics: [], place, keyPlace: place, excerpt: () => null };
  return { source, diagnostics };
}

/** An entry, and the records of the table that it was made of. */
interface Group {
  readonly entry: Readonly<Record<string, unknown>>;
  readonly records: readonly number[];
}

function grouped(table: CsvTable): readonly Group[] {
  const tiered = table.columns.includes("up_to");
  const groups = new Map<string, { lines: Readonly<Record<string, unknown>>[]; records: number[] }>();
  table.records.forEach(({ cells }, i) => {
    const line = Object.fromEntries(
      table.columns.flatMap((name, at) => {
        const value = cellValue(name, cells[at] ?? "");
        return value === null ? [] : [[name, value]];
      }),
    );
    const key = tiered
      ? `${String(line.provider)}\n${String(line.model)}\n${String(line.currency)}`
      : String(i);
    const group = groups.get(key) ?? { lines: [], records: [] };
    group.lines.push(line);
    group.records.push(i);
    groups.set(key, group);
  });
  return [...groups.values()].map(({ lines, records }) => ({ entry: entryOf(lines), records }));
}

function entryOf(lines: readonly Readonly<Record<string, unknown>>[]): Readonly<Record<string, unknown>> {
  const [first = {}] = lines;
  if (lines.length === 1 && first.up_to === undefined) return first;
  const { up_to: _upTo, input: _input, output: _output, cached_input: _cached, ...shared } = first;
  const tiers = lines.map(({ up_to, input, output, cached_input }) => {
    return Object.fromEntries(
      Object.entries({ up_to, input, output, cached_input }).filter(([, value]) => value !== undefined),
    );
  });
  return { ...shared, tiers };
}

function cellValue(name: string, text: string): unknown {
  const cell = text.trim();
  if (cell === "") return null;
  const number = numbers.has(name) ? Number(cell) : Number.NaN;
  return Number.isNaN(number) ? cell : number;
}

function placeOf(table: CsvTable, groups: readonly Group[], path: Path): Place {
  const [index, key, tier, inner] = path;
  const group = groups[Number(index)];
  const record = table.records[group?.records[key === "tiers" ? Number(tier ?? 0) : 0] ?? -1];
  if (record === undefined) return { file: table.file, line: 1, column: 1 };
  const column = table.columns.indexOf(String(key === "tiers" ? inner : key));
  return column < 0 ? { file: table.file, line: record.line, column: 1 } : cellPlace(table, record, column);
}
