import { CsvError, parse } from "csv-parse/sync";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { checkHeader, checkLengths } from "./csv-checks.ts";
import { type CsvRecord, type CsvTable, countLines, placeAt } from "./csv-table.ts";
import { decodeText } from "./decode-text.ts";
import { Findings } from "./findings.ts";

/** A CSV file that was read, or every problem that forbids it. Warnings may stand beside a table. */
export interface ReadCsv {
  readonly table: CsvTable | null;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads a CSV file with a header: UTF-8 with or without a byte order mark, lines ended by LF, CR LF or CR, cells quoted
 * as in RFC 4180, delimiter `,` `;` or tab, whichever the header line has most of outside quotes (`.tsv` prefers tab).
 * Cells are exactly the text that stands there; nothing is trimmed or converted. A line without any character (and, in
 * a table of several columns, one of white space) is skipped, in a one-column file too: an empty cell there is `""`.
 * All problems are reported at once; `what` names the file's part in messages (`dataset`).
 */
export function readCsv(bytes: Uint8Array, file: string, { what }: { readonly what: string }): ReadCsv {
  const findings = new Findings();
  const text = decodeText(bytes, file, findings);
  if (text === null) return { table: null, diagnostics: findings.list() };
  const delimiter = findDelimiter(text, file);
  const source = Buffer.from(text);
  const records = parseRecords(source, file, delimiter, findings);
  const [header, ...rest] = records;
  if (header === undefined) {
    if (!findings.failed)
      findings.error("empty", `the ${what} \`${file}\` is empty`, {
        hint: "its first line names the columns",
      });
    return { table: null, diagnostics: findings.list() };
  }
  const table: CsvTable = {
    file,
    columns: header.cells,
    records: rest.filter(notBlank),
    header,
    source,
    delimiter,
  };
  checkHeader(table, findings);
  checkLengths(table, findings);
  if (table.records.length === 0 && !findings.failed) {
    findings.error("empty", `the ${what} \`${file}\` has a header but no rows`, {
      place: { file, line: header.line, column: 1 },
    });
  }
  return { table: findings.failed ? null : table, diagnostics: findings.list() };

  function notBlank({ cells, offset }: CsvRecord): boolean {
    const [only, ...others] = cells;
    return others.length > 0 || header?.cells.length === 1 || only?.trim() !== "" || source[offset] === 0x22;
  }
}

/** The delimiter the first line that is not blank has most of outside quotes; `,` where it has none. */
function findDelimiter(text: string, file: string): string {
  const counts = new Map([",", ";", "\t"].map((candidate) => [candidate, 0]));
  let quoted = false;
  let begun = false;
  for (const character of text) {
    if (character === '"') quoted = !quoted;
    const lineEnd = (character === "\n" || character === "\r") && !quoted;
    if (lineEnd && begun) break;
    if (!lineEnd) begun = true;
    const count = counts.get(character);
    if (count !== undefined && !quoted) counts.set(character, count + 1);
  }
  if (/\.tsv$/i.test(file) && counts.get("\t") !== 0) return "\t";
  const [best] = [...counts].sort(([, a], [, b]) => b - a);
  return best !== undefined && best[1] > 0 ? best[0] : /\.tsv$/i.test(file) ? "\t" : ",";
}

/**
 * The records, the header among them. The first parse knows nothing of errors; when a quote is wrong, a second, slower
 * one follows every cell, reports all wrong quotes and leaves their records out (none are left when the header is one).
 */
function parseRecords(
  source: Buffer,
  file: string,
  delimiter: string,
  findings: Findings,
): readonly CsvRecord[] {
  try {
    return parseGoodRecords(source, delimiter);
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return parseAroundErrors(source, file, delimiter, findings);
  }
}

const options = {
  record_delimiter: ["\r\n", "\n", "\r"],
  relax_column_count: true,
  skip_empty_lines: true,
};

function parseGoodRecords(source: Buffer, delimiter: string): readonly CsvRecord[] {
  const position = new Position(source);
  const records: CsvRecord[] = [];
  let end = 0;
  parse(source, {
    ...options,
    delimiter,
    on_record: (cells, { bytes }): null => {
      records.push({ ...position.recordAfter(end), cells });
      end = bytes;
      return null;
    },
  });
  return records;
}

function parseAroundErrors(
  source: Buffer,
  file: string,
  delimiter: string,
  findings: Findings,
): readonly CsvRecord[] {
  const position = new Position(source);
  let cellEnd = 0;
  let start = position.recordAfter(0);
  let lastBad = -1;
  let headerIsBad = false;
  const records: CsvRecord[] = [];
  parse(source, {
    ...options,
    delimiter,
    skip_records_with_error: true,
    cast: (cell, { bytes, index }): string => {
      if (index === 0) start = position.recordAfter(cellEnd);
      cellEnd = bytes;
      return cell;
    },
    on_record: (cells): null => {
      records.push({ ...start, cells });
      return null;
    },
    on_skip: (error): undefined => {
      // `index` counts the cells of the record that are complete: with none, the cell begins the record.
      const index = Number(error?.index ?? 0);
      if (index === 0) start = position.recordAfter(cellEnd);
      if (start.offset === lastBad) return;
      lastBad = start.offset;
      if (Number(error?.records ?? 0) === 0) headerIsBad = true;
      reportQuote(
        String(error?.code),
        index === 0 ? start.offset : cellEnd + 1,
        start,
        source,
        file,
        findings,
      );
    },
  });
  return headerIsBad ? [] : records;
}

function reportQuote(
  code: string,
  cell: number,
  record: { readonly line: number; readonly offset: number },
  source: Buffer,
  file: string,
  findings: Findings,
): void {
  const opening = placeAt(file, source, cell, record);
  if (code === "CSV_QUOTE_NOT_CLOSED") {
    findings.error("unclosed-quote", "the quote that opens here is never closed", {
      place: { ...opening, length: 1 },
    });
    return;
  }
  const closes = code === "CSV_INVALID_CLOSING_QUOTE";
  const at = closes ? closingQuote(source, cell + 1) : source.indexOf('"', cell);
  const place = { ...placeAt(file, source, at, record), length: 1 };
  const hint = 'write a quote inside a cell twice, and the whole cell in quotes: `"5"" pipe"`';
  if (closes)
    findings.error("bad-quote", "text follows the quote that closes the cell", {
      hint,
      place,
      related: opening,
    });
  else findings.error("bad-quote", "found a quote inside a cell that is not quoted", { hint, place });
}

/** Offset of the first quote from `from` on that is not written twice. */
function closingQuote(source: Buffer, from: number): number {
  let at = source.indexOf('"', from);
  while (source[at + 1] === 0x22) at = source.indexOf('"', at + 2);
  return at;
}

/** Counts lines along the file: asked for records in order, it reads every byte once. */
class Position {
  readonly #source: Buffer;
  #offset = 0;
  #line = 1;

  constructor(source: Buffer) {
    this.#source = source;
  }

  /** Where the record begins that follows what ended at `end`: behind line ends. */
  recordAfter(end: number): { readonly line: number; readonly offset: number } {
    let offset = end;
    while (this.#source[offset] === 0x0a || this.#source[offset] === 0x0d) offset++;
    this.#line += countLines(this.#source, this.#offset, offset);
    this.#offset = offset;
    return { line: this.#line, offset };
  }
}
