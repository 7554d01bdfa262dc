import type { Diagnostic, Place } from "../diagnostics/diagnostic.ts";
import { checkMatrixColumns } from "./csv-matrix-columns.ts";
import { readMatrixLine } from "./csv-matrix-line.ts";
import { type CsvRecord, type CsvTable, cellPlace } from "./csv-table.ts";
import type { Row } from "./dataset.ts";
import { Findings } from "./findings.ts";
import { hashedIds } from "./row-ids.ts";

/** One line of a CSV matrix. */
export interface CsvMatrixLine {
  readonly promptId: string;
  /** The row that the line is, in a matrix without a dataset; null with one. */
  readonly rowId: string | null;
  readonly line: number;
  readonly place: Place;
  /** The message list as a template: `{ role, content }`, or what the JSON says; a text is a placeholder to splice in. */
  readonly messages: readonly unknown[];
  /** The cell `expected`, null where it is empty. With a dataset a template; without one also the variable `expected`. */
  readonly expected: string | null;
  /** What `var.<name>` and `expected` give the line's templates; empty with a dataset, whose rows do that. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** The values of each `param.<name>`: axes of this line alone. */
  readonly parameters: Readonly<Record<string, readonly unknown[]>>;
}

/** A CSV matrix: prompts as lines. */
export interface CsvMatrix {
  readonly file: string;
  /** In file order. With a dataset each is a prompt of its own; else the lines of one prompt id form one prompt. */
  readonly lines: readonly CsvMatrixLine[];
  /** One row a line, in a matrix without a dataset; null with one. */
  readonly rows: readonly Row[] | null;
  /** Whether any line says what it expects. */
  readonly hasExpected: boolean;
}

/** The prompt id of all lines in a matrix that has neither a dataset nor a column `prompt_id`. */
const onlyPromptId = "prompt";

/**
 * Reads the lines of a CSV matrix. Columns: `id`, `prompt_id`, `system`, `user` (or `prompt`), `messages` (a JSON list,
 * in place of the texts), `expected`, `var.<name>`, `param.<name>`; an empty cell is "not set", for `var.` too.
 *
 * With a dataset each line is a prompt. Its id is its `id`, in a table without that column its `prompt_id`, and where
 * neither column is there `line-N`, N being the line of the file.
 *
 * Without one each line is a row: its id is its `id`, or a hash of its cells (as for datasets) in a table without that
 * column. The lines of one `prompt_id` form one prompt, in a table without that column all lines do (`prompt`).
 */
export function readCsvMatrix(
  table: CsvTable,
  file: string,
  { hasDataset }: { readonly hasDataset: boolean },
): { readonly matrix: CsvMatrix | null; readonly diagnostics: readonly Diagnostic[] } {
  const findings = new Findings();
  checkMatrixColumns(table, hasDataset, findings);
  // Cells cannot be understood while columns are not.
  if (findings.failed) return { matrix: null, diagnostics: findings.list() };
  const ids = lineIds(table, hasDataset, findings);
  const lines = table.records.map((record, i): CsvMatrixLine => {
    const read = readMatrixLine(table, record, findings);
    const variables = hasDataset
      ? {}
      : { ...read.variables, ...(read.expected === null ? {} : { expected: read.expected }) };
    return { ...read, variables, promptId: ids.prompts[i] ?? onlyPromptId, rowId: ids.rows?.[i] ?? null };
  });
  if (findings.failed) return { matrix: null, diagnostics: findings.list() };
  const rows = lines.map(
    ({ rowId, variables, line }): Row => ({ id: rowId ?? "", variables, line, cluster: null }),
  );
  const hasExpected = lines.some(({ expected }) => expected !== null);
  return {
    matrix: { file, lines, rows: hasDataset ? null : rows, hasExpected },
    diagnostics: findings.list(),
  };
}

interface LineIds {
  readonly prompts: readonly string[];
  readonly rows: readonly string[] | null;
}

function lineIds(table: CsvTable, hasDataset: boolean, findings: Findings): LineIds {
  const { columns, records } = table;
  if (hasDataset) {
    const column = ["id", "prompt_id"].find((name) => columns.includes(name));
    if (column === undefined) return { prompts: records.map(({ line }) => `line-${line}`), rows: null };
    const hint = "with a dataset each line is a prompt with an id of its own";
    return {
      prompts: columnIds(table, column, { code: "duplicate-prompt-id", what: "prompts", hint }, findings),
      rows: null,
    };
  }
  const prompts = columns.includes("prompt_id")
    ? columnIds(table, "prompt_id", null, findings)
    : records.map(() => onlyPromptId);
  const hint = columns.includes("prompt_id")
    ? "each line is a row of its own, whatever its `prompt_id`; to ask several prompts about the same rows, put the rows in a dataset"
    : "an id names one row; for several answers to the same row use `trials`";
  const rows = columns.includes("id")
    ? columnIds(table, "id", { code: "duplicate-row-id", what: "rows", hint }, findings)
    : hashedIds(records.map(({ cells }) => Object.fromEntries(columns.map((name, i) => [name, cells[i]]))));
  return { prompts, rows };
}

/** The cells of an id column, none of them empty; `unique` says what two equal ones are. */
function columnIds(
  table: CsvTable,
  column: string,
  unique: { readonly code: string; readonly what: string; readonly hint: string } | null,
  findings: Findings,
): readonly string[] {
  const index = table.columns.indexOf(column);
  const first = new Map<string, CsvRecord>();
  return table.records.map((record) => {
    const id = record.cells[index] ?? "";
    const other = first.get(id);
    if (id.trim() === "") {
      findings.error("empty-id", `the line has no \`${column}\``, {
        hint: "give it one, or leave out the column",
        place: cellPlace(table, record, index),
      });
    } else if (other === undefined) {
      first.set(id, record);
    } else if (unique !== null) {
      findings.error(
        unique.code,
        `two ${unique.what} have the id \`${id}\`, on lines ${other.line} and ${record.line}`,
        {
          hint: unique.hint,
          place: { ...cellPlace(table, record, index), length: id.length },
          related: cellPlace(table, other, index),
        },
      );
    }
    return id;
  });
}
