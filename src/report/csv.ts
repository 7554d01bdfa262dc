import { stringify } from "csv-stringify/sync";

/** What a cell of a CSV file may hold; null is empty. */
export type Cell = string | number | boolean | null;

const options = {
  record_delimiter: "\n",
  quoted_match: /^\s|\s$|\r/,
  cast: { boolean: (value: boolean) => String(value), number: (value: number) => String(value) },
} as const;

/** Lines of CSV, each ending in `\n`: quoted as RFC 4180 says, numbers and booleans as JSON writes them. */
export function csvLines(lines: readonly (readonly Cell[])[]): string {
  return lines.length === 0 ? "" : stringify(lines as Cell[][], options);
}

/** Any value as a cell: lists and maps as JSON, unknown as empty. */
export function toCell(value: unknown): Cell {
  if (value === undefined || value === null) return null;
  if (typeof value === "object") return JSON.stringify(value);
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? value
    : String(value);
}

/**
 * A text that a spreadsheet would take for a formula gets a `'` in front (OWASP, CSV injection), also behind a `;` or a tab,
 * where a spreadsheet of another country begins a cell. Numbers stay.
 */
export function guarded(cell: Cell): Cell {
  if (typeof cell !== "string") return cell;
  const inner = cell.replace(/([;\t])(?=[=+\-@＝＋－＠])/g, "$1'");
  return /^[=+\-@\t\r\n＝＋－＠]/.test(cell) ? `'${inner}` : inner;
}

/** How a CSV file is written. */
export interface CsvStyle {
  /** Guard cells that a spreadsheet would run as a formula. */
  readonly safe: boolean;
  /** A byte order mark in front, by which Excel knows that it is UTF-8. */
  readonly bom: boolean;
}

/** Exactly what is there, for other programs. */
export const plainCsv: CsvStyle = { safe: false, bom: false };

/** What a CSV file begins with. */
export function csvStart({ bom }: CsvStyle): string {
  return bom ? "\ufeff" : "";
}
