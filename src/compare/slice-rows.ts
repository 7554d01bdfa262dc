import type { Side } from "./side.ts";

/** The rows, by position, that have one value in a column. */
export interface SliceRows {
  /** As text. */
  readonly value: string;
  readonly rows: Int32Array;
}

const mostValues = 100;

/** The rows of a side by their value in a column, in order of first appearance; or why it cannot be sliced by. */
export function sliceRows(
  side: Side,
  column: string,
): readonly SliceRows[] | { readonly problem: string; readonly hint: string } {
  const rowsOf = new Map<string, number[]>();
  for (let row = 0; row < side.rows.length; row++) {
    const value = side.column(row, column);
    if (value === null)
      return { problem: `${side.name} has no column \`${column}\``, hint: "name a column of the dataset" };
    const known = rowsOf.get(value);
    if (known === undefined) rowsOf.set(value, [row]);
    else known.push(row);
  }
  if (rowsOf.size > mostValues)
    return {
      problem: `column \`${column}\` has ${rowsOf.size} values, more than the ${mostValues} that can be shown as slices`,
      hint: "slice by a column that groups rows, such as a category",
    };
  return [...rowsOf].map(([value, rows]) => ({ value, rows: Int32Array.from(rows) }));
}
