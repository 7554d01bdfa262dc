import type { Place } from "../diagnostics/diagnostic.ts";
import { type CsvTable, cellPlace } from "./csv-table.ts";
import type { Findings } from "./findings.ts";

/** Reports columns without a name, of equal names, and of names with white space around them. */
export function checkHeader(table: CsvTable, findings: Findings): void {
  const first = new Map<string, number>();
  table.columns.forEach((name, i) => {
    const place = (index: number): Place => cellPlace(table, table.header, index);
    const length = Math.max(1, name.length);
    const other = first.get(name);
    if (name.trim() === "") {
      findings.error("empty-header", `column ${i + 1} has no name`, {
        hint: "name it, or take the column out",
        place: place(i),
      });
    } else if (other !== undefined) {
      findings.error("duplicate-header", `two columns are named \`${name}\``, {
        place: { ...place(i), length },
        related: place(other),
      });
    } else if (name.trim() !== name) {
      findings.warning("header-spaces", `the column name \`${name}\` has white space around it`, {
        hint: `only \`row["${name}"]\` reaches it; take the white space out`,
        place: { ...place(i), length },
      });
    }
    if (other === undefined) first.set(name, i);
  });
}

/** Reports records that have not as many cells as the header. */
export function checkLengths(table: CsvTable, findings: Findings): void {
  const expected = table.columns.length;
  for (const { cells, line } of table.records) {
    if (cells.length === expected) continue;
    const found = `${cells.length} cell${cells.length === 1 ? "" : "s"}`;
    const name = table.delimiter === "\t" ? "a tab" : `\`${table.delimiter}\``;
    findings.error("ragged-line", `found ${found}, expected ${expected}`, {
      hint:
        cells.length > expected
          ? `a cell that holds ${name} stands in double quotes`
          : `cells are separated by ${name}; an empty cell needs its separator too`,
      place: { file: table.file, line, column: 1 },
    });
  }
}
