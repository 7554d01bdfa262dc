import type { Place } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/nearest.ts";
import type { InputFiles } from "../system/input-files.ts";
import { readCsv } from "./csv.ts";
import { type CsvTable, cellPlace } from "./csv-table.ts";
import { decodeText } from "./decode-text.ts";
import type { Findings } from "./findings.ts";
import { readJsonLines, readJsonList } from "./json-rows.ts";
import type { RawTable } from "./raw-table.ts";
import { readYamlList } from "./yaml.ts";

const formats = ["csv", "tsv", "jsonl", "ndjson", "json", "yaml", "yml"];

/** The rows of a dataset file, read by the format its name ends in. `at` is where the file is named; null after errors. */
export function readTable(path: string, files: InputFiles, findings: Findings, at?: Place): RawTable | null {
  const where = at === undefined ? {} : { place: at };
  const extension = /\.([^./]+)$/.exec(path)?.[1]?.toLowerCase() ?? "";
  const bytes = readInput(path, files, findings, { what: "dataset", ...where });
  if (bytes === null) return null;
  if (!formats.includes(extension)) {
    findings.error("unknown-format", `the name of the dataset \`${path}\` does not tell its format`, {
      hint: `it ends in ${formats.map((format) => `\`.${format}\``).join(", ")}`,
      ...where,
    });
    return null;
  }
  if (extension === "csv" || extension === "tsv") {
    const { table, diagnostics } = readCsv(bytes, path, { what: "dataset" });
    for (const diagnostic of diagnostics) findings.add(diagnostic);
    return table === null ? null : csvTable(table);
  }
  const text = decodeText(bytes, path, findings);
  if (text === null) return null;
  if (text.trim() === "") {
    findings.error("empty", `the dataset \`${path}\` is empty`, where);
    return null;
  }
  const read = extension === "json" ? readJsonList : extension.startsWith("y") ? readYamlList : readJsonLines;
  const table = read(text, path, findings);
  if (findings.failed) return null;
  if (table.rows.length > 0) return table;
  findings.error("empty", `the dataset \`${path}\` has no rows`, where);
  return null;
}

function csvTable(table: CsvTable): RawTable {
  const { columns, records, file, header } = table;
  return {
    columns,
    rows: records.map(({ line, cells }, index) => ({
      index,
      line,
      // fromEntries defines members, so that a column named `__proto__` is one like any other.
      values: Object.fromEntries(columns.map((column, i) => [column, cells[i] ?? ""])),
    })),
    place: ({ index, line }, column) => {
      const record = records[index];
      if (record === undefined || column === null) return { file, line, column: 1 };
      return cellPlace(table, record, columns.indexOf(column));
    },
    headerPlace: (column) => cellPlace(table, header, columns.indexOf(column)),
  };
}

/** The bytes of a file that something refers to; what is wrong with the reference is reported, with the nearest name. */
export function readInput(
  path: string,
  files: InputFiles,
  findings: Findings,
  reference: { readonly what: string; readonly place?: Place },
): Uint8Array | null {
  const { what, ...where } = reference;
  try {
    return files.read(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "EISDIR") {
      findings.error("is-a-folder", `the ${what} \`${path}\` is a folder, expected a file`, {
        ...holds(path, files),
        ...where,
      });
    } else if (code === "ENOENT" || code === "ENOTDIR") {
      findings.error("missing-file", `there is no ${what} \`${path}\``, {
        ...nearestFile(path, files),
        ...where,
      });
    } else {
      const reason = error instanceof Error ? error.message : String(error);
      findings.error("unreadable-file", `cannot read the ${what} \`${path}\`: ${reason}`, where);
    }
    return null;
  }
}

function nearestFile(path: string, files: InputFiles): { hint: string } {
  const { folder, name } = split(path);
  const close = nearest(
    name,
    files.list(folder).map((other) => split(other).name),
  );
  if (close === null)
    return {
      hint: "paths are relative to the file they stand in, on the command line to the working directory",
    };
  return { hint: `did you mean \`${folder === "." ? "" : `${folder.replace(/\/$/, "")}/`}${close}\`?` };
}

function holds(folder: string, files: InputFiles): { hint?: string } {
  const names = files
    .list(folder)
    .filter((name) => formats.some((format) => name.toLowerCase().endsWith(`.${format}`)));
  const shown = names.slice(0, 5).map((name) => `\`${name}\``);
  if (shown.length === 0) return {};
  return { hint: `it holds ${shown.join(", ")}${names.length > shown.length ? " and more" : ""}` };
}

function split(path: string): { readonly folder: string; readonly name: string } {
  const cut = path.lastIndexOf("/");
  return { folder: cut === -1 ? "." : path.slice(0, cut) || "/", name: path.slice(cut + 1) };
}
