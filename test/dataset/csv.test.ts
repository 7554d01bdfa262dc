import { describe, expect, it } from "vitest";
import { readCsv } from "../../src/dataset/csv.ts";
import { cellPlace } from "../../src/dataset/csv-table.ts";

function read(text: string, file = "t.csv") {
  const { table, diagnostics } = readCsv(Buffer.from(text), file, { what: "dataset" });
  return {
    columns: table?.columns,
    rows: table?.records.map(({ line, cells }) => [line, ...cells]),
    diagnostics,
    table,
  };
}

describe("readCsv", () => {
  it("finds the delimiter in the header, whatever stands inside quotes or in the rows", () => {
    expect(read('"a,b,c";d\n1;"2,3,4"\n').columns).toEqual(["a,b,c", "d"]);
    expect(read("a\tb\n1,2,3\t4;5\n").rows).toEqual([[2, "1,2,3", "4;5"]]);
    expect(read("a,b;c\n1,2\n").columns).toEqual(["a", "b;c"]);
  });

  it("prefers a tab in a file named .tsv, though the header has more commas", () => {
    expect(read("a, b, c\td\n1\t2\n", "t.TSV").columns).toEqual(["a, b, c", "d"]);
    expect(read("a,b\n1,2\n", "t.tsv").columns).toEqual(["a", "b"]);
  });

  it("skips lines that are blank, also before the header, and keeps counting them", () => {
    expect(read("\n\na,b\r\n\r\n1,2\n   \n3,4\n\n").rows).toEqual([
      [5, "1", "2"],
      [7, "3", "4"],
    ]);
  });

  it("skips a blank line of a one-column file, where an empty cell is written in quotes", () => {
    expect(read('a\n\n""\n \n').rows).toEqual([
      [3, ""],
      [4, " "],
    ]);
  });

  it("keeps every character of a cell: white space, braces, quotes and line ends", () => {
    expect(read('a,b\n  x ,"{{ y }} ""z""\r\n"\n').rows).toEqual([[2, "  x ", '{{ y }} "z"\r\n']]);
  });

  it("reads a cell of a megabyte", () => {
    const long = "word ".repeat(200_000);
    expect(read(`a,b\n"${long}",x\n`).rows).toEqual([[2, long, "x"]]);
  });

  it("shows 20 problems of a file and counts the others", () => {
    const { diagnostics } = read(`a,b\n${"1\n".repeat(1000)}`);
    expect(diagnostics).toHaveLength(21);
    expect(diagnostics.at(-1)).toEqual({
      code: "dataset/more",
      severity: "error",
      message: "and 980 more errors from here on",
      place: { file: "t.csv", line: 22, column: 1 },
    });
  });
});

describe("cellPlace", () => {
  it("finds a cell behind quoted delimiters, quotes and line ends, in characters", () => {
    const { table } = read('a,b,c\n"é,""\nx",中,z\n');
    const [record] = table?.records ?? [];
    if (table === null || record === undefined) throw new Error("no record");
    expect([0, 1, 2].map((i) => cellPlace(table, record, i))).toEqual([
      { file: "t.csv", line: 2, column: 1 },
      { file: "t.csv", line: 3, column: 4 },
      { file: "t.csv", line: 3, column: 6 },
    ]);
  });
});
