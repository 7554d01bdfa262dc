import type { Diagnostic, Place } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/nearest.ts";
import type { InputFiles } from "../system/input-files.ts";
import { FileCells, readJsonCells } from "./convert-cells.ts";
import type { Dataset, DatasetSpec, Row } from "./dataset.ts";
import { Findings } from "./findings.ts";
import { isObject, type RawTable } from "./raw-table.ts";
import { readTable } from "./read-table.ts";
import { rowIds } from "./row-ids.ts";
import { selectRows } from "./select-rows.ts";

/** A dataset that was read, or every problem that forbids it. Warnings may stand beside a dataset. */
export interface LoadedDataset {
  readonly dataset: Dataset | null;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads a dataset: rows and their ids, then the shuffle, `offset` and `limit`, then JSON cells and files (of the rows
 * that are left, so that a short trial reads few files). CSV cells are text, `""` where empty; JSON and YAML values keep
 * their types, and a key that a row lacks stays undefined. `at` is where the matrix names the dataset.
 */
export function loadDataset(spec: DatasetSpec, files: InputFiles, at?: Place): LoadedDataset {
  const findings = new Findings();
  const table = readTable(spec.path, files, findings, at);
  const result = (dataset: Dataset | null): LoadedDataset => ({
    dataset: findings.failed ? null : dataset,
    diagnostics: findings.list(),
  });
  if (table === null) return result(null);
  checkColumns(spec, table, findings, at);
  const ids = rowIds(table, known(spec.idColumn, table), findings);
  const clusterColumn = known(spec.clusterColumn, table);
  const json = spec.jsonColumns.filter((column) => table.columns.includes(column));
  const paths = spec.fileColumns.filter((column) => table.columns.includes(column));
  const fileCells = new FileCells(spec.path, files);
  const selected = selectRows(table.rows, spec);
  if (selected.length === 0)
    findings.error(
      "no-rows-left",
      nothingLeft(spec, table.rows.length),
      at === undefined ? {} : { place: at },
    );
  const rows = selected.map((row): Row => {
    const converted = {
      ...readJsonCells(row, json, table, findings),
      ...fileCells.read(row, paths, table, findings),
    };
    return {
      id: ids[row.index] ?? "",
      variables: Object.keys(converted).length === 0 ? row.values : { ...row.values, ...converted },
      line: row.line,
      cluster: clusterColumn === null ? null : cluster(row.values[clusterColumn]),
    };
  });
  return result({ rows, columns: table.columns, file: spec.path });
}

function known(column: string | null, table: RawTable): string | null {
  return column !== null && table.columns.includes(column) ? column : null;
}

function checkColumns(spec: DatasetSpec, table: RawTable, findings: Findings, at: Place | undefined): void {
  const stated: readonly (readonly [string, string | null])[] = [
    ["id_column", spec.idColumn],
    ["cluster_column", spec.clusterColumn],
    ...spec.jsonColumns.map((column) => ["json_columns", column] as const),
    ...spec.fileColumns.map((column) => ["file_columns", column] as const),
  ];
  for (const [key, column] of stated) {
    if (column === null || table.columns.includes(column)) continue;
    const close = nearest(column, table.columns);
    const place = at ?? { file: spec.path, line: 1, column: 1 };
    findings.error(
      "unknown-column",
      `\`${key}\` names \`${column}\`, which is no column of \`${spec.path}\``,
      {
        hint:
          close === null
            ? `columns: ${table.columns.map((name) => `\`${name}\``).join(", ")}`
            : `did you mean \`${close}\`?`,
        place,
      },
    );
  }
  for (const column of spec.jsonColumns.filter((name) => spec.fileColumns.includes(name))) {
    findings.error("column-twice", `\`${column}\` is in \`json_columns\` and in \`file_columns\``, {
      hint: "a cell is JSON text or the path of a file",
      ...(at === undefined ? {} : { place: at }),
    });
  }
}

/** Rows that name no cluster are each their own. */
function cluster(value: unknown): string | null {
  if (value === undefined || value === null || value === "") return null;
  return isObject(value) || Array.isArray(value) ? JSON.stringify(value) : String(value);
}

function nothingLeft({ path, offset, limit }: DatasetSpec, rows: number): string {
  const asked = [`offset ${offset}`, ...(limit === null ? [] : [`limit ${limit}`])].join(" and ");
  return `${asked} leave no row: \`${path}\` has ${rows} row${rows === 1 ? "" : "s"}`;
}
