import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { completionsCsv, csvColumnNames } from "../../src/report/completions-csv.ts";
import { answered, choiceOf } from "../aggregate/results.ts";
import { scorers, variants } from "./sample.ts";

const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc
    .array(
      fc.constantFrom('"', ",", "\n", "\r", "'", "=", "+", "-", "@", "\t", " ", "\ufeff", "\u0000", ";", "x"),
      { maxLength: 12 },
    )
    .map((parts) => parts.join("")),
);

function csvOf(outputs: readonly string[], variable: unknown, safe: boolean): string {
  const writer = completionsCsv({ variants, variables: ["v"], scorers, style: { safe, bom: false } });
  const rows = outputs.map((content, i) =>
    answered(0, `r${i}`, [choiceOf(true, { content, reasoning: content })], { variables: { v: variable } }),
  );
  return [writer.begin(), ...rows.map((row) => writer.row(row)), writer.end()].join("");
}

function parsed(csv: string): readonly Record<string, string>[] {
  return parse(csv, { columns: true, bom: false, record_delimiter: "\n" });
}

describe("completions.csv", () => {
  test("names an image of the row by its type and size", () => {
    const photo = `data:image/png;base64,${Buffer.alloc(1234).toString("base64")}`;
    const writer = completionsCsv({
      variants,
      variables: ["photo"],
      scorers,
      style: { safe: false, bom: false },
    });
    const text =
      writer.begin() +
      writer.row(answered(0, "r", [choiceOf(true)], { variables: { photo } })) +
      writer.end();
    expect(text).toContain('"image/png, 1234 bytes"');
    expect(text).not.toContain("base64");
  });

  test("parses back to exactly what was received, whatever a model wrote", () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 5 }), text, (outputs, variable) => {
        const lines = parsed(csvOf(outputs, variable, false));
        expect(lines.map((line) => [line.output, line.reasoning, line["var.v"]])).toEqual(
          outputs.map((output) => [output, output, variable]),
        );
      }),
      { numRuns: 500 },
    );
  });

  test("numbers, lists and maps come back as the JSON they were", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.double({ noNaN: true, noDefaultInfinity: true }),
          fc.integer(),
          fc.boolean(),
          fc.array(fc.jsonValue()),
          fc.dictionary(fc.string(), fc.jsonValue()),
        ),
        (value) => {
          const [line] = parsed(csvOf(["x"], value, false));
          expect(JSON.parse(line?.["var.v"] ?? "")).toEqual(JSON.parse(JSON.stringify(value)));
        },
      ),
    );
  });

  test("guarded cells begin with nothing that a spreadsheet runs, in any country, and differ by quote marks alone", () => {
    fc.assert(
      fc.property(text, (output) => {
        const [line] = parsed(csvOf([output], output, true));
        const cell = line?.output ?? "";
        expect(cell).not.toMatch(/^[=+\-@\t\r]|[;\t][=+\-@]/);
        expect(cell.replaceAll("'", "")).toBe(output.replaceAll("'", ""));
      }),
      { numRuns: 500 },
    );
  });

  test("numbers are not guarded, so that a negative one stays a number", () => {
    const [line] = parsed(csvOf(["x"], -5, true));
    expect(line?.["var.v"]).toBe("-5");
  });

  test("every line has every column, over any number of batches", () => {
    const outputs = Array.from({ length: 1_000 }, (_, i) => `answer ${i}`);
    const lines = parsed(csvOf(outputs, "v", false));
    const names = csvColumnNames({ variants, variables: ["v"], scorers, style: { safe: false, bom: false } });
    expect(lines.map((line) => line.output)).toEqual(outputs);
    expect(lines.every((line) => Object.keys(line).join() === names.join())).toBe(true);
  });

  test("writes tens of thousands of lines a second", () => {
    const writer = completionsCsv({
      variants,
      variables: ["question"],
      scorers,
      style: { safe: true, bom: false },
    });
    const row = answered(0, "r", [choiceOf(true, { content: 'a "quoted", text\n'.repeat(10) })]);
    const start = performance.now();
    for (let i = 0; i < 20_000; i++) writer.row(row);
    expect(20_000 / ((performance.now() - start) / 1_000)).toBeGreaterThan(10_000);
  });
});
