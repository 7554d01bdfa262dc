import { contentId } from "../plan/canonical-json.ts";
import type { Findings } from "./findings.ts";
import { isObject, kindOf, type RawTable } from "./raw-table.ts";

/** Digits of a row id that is a hash. */
const hashDigits = 10;

/**
 * The ids of a table's rows, in their order: the values of `idColumn`, else of a column `id`, else a hash of the row's
 * cells as the file has them (10 hex digits of SHA-256 over their canonical JSON), so that such an id survives moving
 * the row and changes with any cell. Values of a column must differ and not be empty.
 */
export function rowIds(table: RawTable, idColumn: string | null, findings: Findings): readonly string[] {
  const column = idColumn ?? (table.columns.includes("id") ? "id" : null);
  return column === null
    ? hashedIds(table.rows.map(({ values }) => values))
    : columnIds(table, column, findings);
}

/** A hash for each of the values; the second equal one gets `~2` behind it, the third `~3`. */
export function hashedIds(values: readonly Readonly<Record<string, unknown>>[]): readonly string[] {
  const met = new Map<string, number>();
  return values.map((value) => {
    const hash = contentId(value, hashDigits);
    const times = (met.get(hash) ?? 0) + 1;
    met.set(hash, times);
    return times === 1 ? hash : `${hash}~${times}`;
  });
}

function columnIds(table: RawTable, column: string, findings: Findings): readonly string[] {
  const first = new Map<string, RawTable["rows"][number]>();
  return table.rows.map((row) => {
    const value = row.values[column];
    const found = () => ({ place: table.place(row, column) });
    if (isObject(value) || Array.isArray(value)) {
      findings.error("bad-id", `found ${kindOf(value)} as row id, expected text or a number`, found());
      return "";
    }
    const id = value === undefined || value === null ? "" : String(value);
    const other = first.get(id);
    if (id.trim() === "") {
      findings.error("empty-id", `the row has no id: \`${column}\` is empty`, {
        hint: `give it one, or leave out the column`,
        ...found(),
      });
    } else if (other === undefined) {
      first.set(id, row);
    } else {
      findings.error(
        "duplicate-row-id",
        `two rows have the id \`${id}\`, on lines ${other.line} and ${row.line}`,
        {
          hint: "an id names one row; for several answers to the same row use `trials`",
          ...found(),
          related: table.place(other, column),
        },
      );
    }
    return id;
  });
}
