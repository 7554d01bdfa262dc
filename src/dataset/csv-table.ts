import type { Place } from "../diagnostics/diagnostic.ts";

/** One record of a CSV file. */
export interface CsvRecord {
  /** Line it starts on, from 1. */
  readonly line: number;
  /** Where it starts in the table's `source`, in bytes. */
  readonly offset: number;
  /** As many as the table has columns. */
  readonly cells: readonly string[];
}

/** A CSV file without errors: a header and its records, all cells text. */
export interface CsvTable {
  readonly file: string;
  readonly columns: readonly string[];
  readonly records: readonly CsvRecord[];
  /** The header's own line and offset; its cells are `columns`. */
  readonly header: CsvRecord;
  /** The file's bytes without the byte order mark. */
  readonly source: Uint8Array;
  readonly delimiter: string;
}

const lf = 0x0a;
const cr = 0x0d;
const quote = 0x22;

/** Where a cell of a record begins. */
export function cellPlace(
  table: Pick<CsvTable, "file" | "source" | "delimiter">,
  record: Pick<CsvRecord, "line" | "offset">,
  index: number,
): Place {
  const { file, source } = table;
  const delimiter = table.delimiter.charCodeAt(0);
  let at = record.offset;
  let quoted = false;
  for (let cell = 0; cell < index && at < source.length; at++) {
    if (source[at] === quote) quoted = !quoted;
    else if (source[at] === delimiter && !quoted) cell++;
  }
  return placeAt(file, source, at, record);
}

/** Line and column of a byte. `known` is a place before it, on the start of its line, from where lines are counted. */
export function placeAt(
  file: string,
  source: Uint8Array,
  offset: number,
  known: { readonly line: number; readonly offset: number },
): Place {
  const line = known.line + countLines(source, known.offset, offset);
  let start = offset;
  while (start > 0 && source[start - 1] !== lf && source[start - 1] !== cr) start--;
  const column = new TextDecoder("utf-8").decode(source.subarray(start, offset)).length + 1;
  return { file, line, column };
}

/** How many lines end between two offsets: at CR LF, LF or CR. A CR LF is counted at its LF. */
export function countLines(source: Uint8Array, from: number, to: number): number {
  let lines = 0;
  for (let i = from; i < to; i++) {
    if (source[i] === lf || (source[i] === cr && source[i + 1] !== lf)) lines++;
  }
  return lines;
}
