import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readCsv } from "../../src/dataset/csv.ts";

const delimiters = [",", ";", "\t"];
const awkward = fc.constantFrom(
  '"',
  '""',
  ",",
  ";",
  "\t",
  "\n",
  "\r\n",
  "\r",
  " ",
  "a",
  "é",
  "中",
  "😀",
  "\u2028",
  "{{",
  "0",
);
const cell = fc.oneof(
  fc.array(awkward, { maxLength: 6 }).map((parts) => parts.join("")),
  fc.string(),
);
const withoutNul = cell.map((text) => text.replaceAll("\0", "").replaceAll("\uFEFF", ""));

interface Layout {
  readonly delimiter: string;
  readonly lineEnd: string;
  readonly lastLineEnd: boolean;
  readonly bom: boolean;
  /** Which cells are quoted without need. */
  readonly quoted: readonly boolean[];
}

const layout: fc.Arbitrary<Layout> = fc.record({
  delimiter: fc.constantFrom(...delimiters),
  lineEnd: fc.constantFrom("\n", "\r\n", "\r"),
  lastLineEnd: fc.boolean(),
  bom: fc.boolean(),
  quoted: fc.array(fc.boolean(), { minLength: 1, maxLength: 7 }),
});

/** Headers that are no problem: different, not empty, without white space around them. */
const headers = fc.uniqueArray(
  withoutNul.map((text) => text.trim()).filter((text) => text !== ""),
  { minLength: 1, maxLength: 5 },
);

const table = headers.chain((columns) =>
  fc.record({
    columns: fc.constant(columns),
    rows: fc.array(fc.array(withoutNul, { minLength: columns.length, maxLength: columns.length }), {
      minLength: 1,
      maxLength: 8,
    }),
  }),
);

/** Writes by RFC 4180: what must be quoted is, and so is what `layout.quoted` picks. */
function write(
  rows: readonly (readonly string[])[],
  { delimiter, lineEnd, lastLineEnd, bom, quoted }: Layout,
): string {
  let count = 0;
  const lines = rows.map((cells, line) =>
    cells
      .map((text) => {
        const special = line === 0 ? delimiters : [delimiter];
        const alone = cells.length === 1 && text.trim() === "";
        const needed = alone || ['"', "\n", "\r", ...special].some((mark) => text.includes(mark));
        return needed || quoted[count++ % quoted.length] === true ? `"${text.replaceAll('"', '""')}"` : text;
      })
      .join(delimiter),
  );
  return (bom ? "\uFEFF" : "") + lines.join(lineEnd) + (lastLineEnd ? lineEnd : "");
}

const lineEnds = (text: string): number => text.match(/\r\n|\r|\n/g)?.length ?? 0;

describe("readCsv", () => {
  it("gives back every table of texts that is written by RFC 4180, and the line of each record", () => {
    fc.assert(
      fc.property(table, layout, ({ columns, rows }, how) => {
        // One column has no delimiter to find: a comma is assumed, so nothing else may need quotes.
        const chosen = columns.length === 1 ? { ...how, delimiter: "," } : how;
        const text = write([columns, ...rows], chosen);
        const { table: read, diagnostics } = readCsv(Buffer.from(text), "t.csv", { what: "dataset" });
        expect(diagnostics).toEqual([]);
        expect(read?.columns).toEqual(columns);
        expect(read?.records.map(({ cells }) => cells)).toEqual(rows);
        const written = text.slice(chosen.bom ? 1 : 0);
        for (const record of read?.records ?? []) {
          const before = Buffer.from(written).subarray(0, record.offset).toString();
          expect(record.line).toBe(lineEnds(before) + 1);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("never throws, whatever the bytes, and says what is wrong when it gives no table", () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc
        .array(fc.constantFrom('"', ",", "\n", "\r", "a", ";", " "), { maxLength: 40 })
        .map((parts) => Buffer.from(parts.join(""))),
    );
    fc.assert(
      fc.property(bytes, (input) => {
        const { table: read, diagnostics } = readCsv(input, "t.csv", { what: "dataset" });
        const errors = diagnostics.filter(({ severity }) => severity === "error");
        expect(read === null).toBe(errors.length > 0);
        for (const { place } of diagnostics) {
          if (place === undefined) continue;
          const lines = new TextDecoder("utf-8").decode(input).split(/\r\n|\r|\n/);
          expect(place.line).toBeLessThanOrEqual(lines.length);
          expect(place.column).toBeLessThanOrEqual((lines[place.line - 1]?.length ?? 0) + 1);
        }
        for (const { cells } of read?.records ?? []) expect(cells).toHaveLength(read?.columns.length ?? 0);
      }),
      { numRuns: 3000 },
    );
  });
});
