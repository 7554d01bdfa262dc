import type { Place } from "../diagnostics/diagnostic.ts";
import { imageDataUrl } from "../system/image-data-url.ts";
import { type InputFiles, referredName } from "../system/input-files.ts";
import { decodeText } from "./decode-text.ts";
import type { Findings } from "./findings.ts";
import { readJson, reportUnsafe } from "./json-rows.ts";
import { kindOf, type RawRow, type RawTable } from "./raw-table.ts";
import { readInput } from "./read-table.ts";

/** Cells by column that take the place of those in the file. */
export type Converted = Readonly<Record<string, unknown>>;

/**
 * The values of a row's JSON cells. An empty cell is null, which as a parameter is not sent; what is a value already
 * (in a JSON or YAML dataset) stays as it is.
 */
export function readJsonCells(
  row: RawRow,
  columns: readonly string[],
  table: RawTable,
  findings: Findings,
): Converted {
  const values: [string, unknown][] = [];
  for (const column of columns) {
    const cell = row.values[column];
    if (typeof cell !== "string") continue;
    if (cell.trim() === "") {
      values.push([column, null]);
      continue;
    }
    const { value, fault, unsafe } = readJson(cell);
    if (fault !== null) {
      findings.error(
        "bad-json",
        `\`${column}\` is not JSON: ${fault.message}, at character ${fault.offset + 1} of the cell`,
        {
          place: table.place(row, column),
        },
      );
    }
    reportUnsafe(unsafe, () => table.place(row, column), findings);
    values.push([column, value]);
  }
  return Object.fromEntries(values);
}

/** Reads the files that cells name, each once: paths relative to the dataset, with or without `file://` before them. */
export class FileCells {
  readonly #dataset: string;
  readonly #files: InputFiles;
  readonly #texts = new Map<string, string>();

  constructor(dataset: string, files: InputFiles) {
    this.#dataset = dataset;
    this.#files = files;
  }

  /**
   * What the files that a row names hold: texts without their byte order marks, images as data URLs. An empty cell names
   * none and stays `""`.
   */
  read(row: RawRow, columns: readonly string[], table: RawTable, findings: Findings): Converted {
    const values: [string, unknown][] = [];
    for (const column of columns) {
      const cell = row.values[column];
      if (cell === undefined || cell === null || cell === "") continue;
      const place = table.place(row, column);
      if (typeof cell === "string") {
        const name = referredName(this.#dataset, cell.replace(/^file:\/\//, ""));
        values.push([column, this.#text(name, findings, place)]);
      } else {
        findings.error("bad-path", `found ${kindOf(cell)} in \`${column}\`, expected the path of a file`, {
          place,
        });
      }
    }
    return Object.fromEntries(values);
  }

  #text(name: string, findings: Findings, place: Place): string | null {
    const known = this.#texts.get(name);
    if (known !== undefined) return known;
    const bytes = readInput(name, this.#files, findings, { what: "file", place });
    if (bytes === null) return null;
    const text = imageDataUrl(name, bytes) ?? decodeText(bytes, name, findings) ?? "";
    this.#texts.set(name, text);
    return text;
  }
}
