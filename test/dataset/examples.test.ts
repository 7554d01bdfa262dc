import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseDocument } from "yaml";
import { readCsv } from "../../src/dataset/csv.ts";
import { readCsvMatrix } from "../../src/dataset/csv-matrix.ts";
import type { Row } from "../../src/dataset/dataset.ts";
import { loadDataset } from "../../src/dataset/load.ts";
import { DiskFiles } from "../../src/system/input-files.ts";

const root = join(import.meta.dirname, "../..");
const files = new DiskFiles(root);

function rowsOf(path: string, fileColumns: readonly string[] = []): readonly Row[] {
  const spec = {
    path,
    limit: null,
    offset: 0,
    shuffleSeed: null,
    idColumn: null,
    clusterColumn: null,
    jsonColumns: [],
    fileColumns,
  };
  const { dataset, diagnostics } = loadDataset(spec, files);
  expect(diagnostics).toEqual([]);
  return dataset?.rows ?? [];
}

const column = (rows: readonly Row[], name: string): readonly unknown[] =>
  rows.map(({ variables }) => variables[name]);

describe("the shipped datasets", () => {
  it("hold 48 word problems whose answers are plain decimals", () => {
    const rows = rowsOf("datasets/arithmetic.csv");
    expect(rows).toHaveLength(48);
    for (const answer of column(rows, "answer")) expect(answer).toMatch(/^-?\d+(\.\d*[1-9])?$/);
    expect(new Set(column(rows, "question")).size).toBe(48);
  });

  it("hold multiple choice with four different options and the right letter on each as often", () => {
    const rows = rowsOf("datasets/trivia_choice.csv");
    expect(rows.length).toBeGreaterThanOrEqual(40);
    const letters = ["A", "B", "C", "D"];
    for (const { variables } of rows)
      expect(new Set(letters.map((letter) => variables[letter])).size).toBe(4);
    const answers = column(rows, "answer");
    for (const letter of letters)
      expect(answers.filter((answer) => answer === letter)).toHaveLength(rows.length / 4);
  });

  it("hold contacts whose every field stands in the text, or is null", () => {
    const rows = rowsOf("datasets/contacts_json.jsonl");
    expect(rows.length).toBeGreaterThanOrEqual(30);
    for (const { variables } of rows) {
      const expected = variables.expected as Record<string, string | null>;
      expect(Object.keys(expected)).toEqual(["name", "email", "phone", "company", "city"]);
      for (const value of Object.values(expected))
        if (value !== null) expect(variables.text).toContain(value);
    }
  });

  it("hold tool calls that fit the tools on offer", () => {
    interface Tool {
      readonly function: {
        readonly name: string;
        readonly parameters: { readonly properties: object; readonly required: readonly string[] };
      };
    }
    const rows = rowsOf("datasets/tool_calls.jsonl");
    expect(rows.length).toBeGreaterThanOrEqual(30);
    for (const { variables } of rows) {
      const tools = new Map(
        (variables.tools as readonly Tool[]).map((tool) => [tool.function.name, tool.function.parameters]),
      );
      for (const call of variables.expected as readonly {
        readonly name: string;
        readonly arguments: object;
      }[]) {
        const { properties, required } = tools.get(call.name) ?? {
          properties: {},
          required: ["such a tool"],
        };
        expect(Object.keys(properties)).toEqual(expect.arrayContaining(Object.keys(call.arguments)));
        expect(Object.keys(call.arguments)).toEqual(expect.arrayContaining([...required]));
      }
    }
  });

  it.each([
    ["datasets/contacts_json.jsonl", "text", "datasets/contacts_answers.jsonl"],
    ["datasets/tool_calls.jsonl", "question", "datasets/tool_answers.jsonl"],
  ])("%s has its right answers, by `%s`, in %s", (path, prompt, answers) => {
    const known = rowsOf(answers).map(({ variables }) => [variables.prompt, variables.answer]);
    expect(known).toEqual(rowsOf(path).map(({ variables }) => [variables[prompt], variables.expected]));
  });

  it("hold Chinese questions with short answers", () => {
    const rows = rowsOf("datasets/chinese.csv");
    expect(rows.length).toBeGreaterThanOrEqual(40);
    for (const question of column(rows, "question")) expect(question).toMatch(/\p{Script=Han}/u);
    for (const answer of column(rows, "answer")) expect(String(answer).length).toBeLessThanOrEqual(6);
  });
});

describe("the shipped matrices", () => {
  const matrices = readdirSync(join(root, "configs")).filter((name) => name.endsWith(".yaml"));

  it.each(matrices)("%s is YAML, names the editor schema first, and every file it names is there", (name) => {
    const text = readFileSync(join(root, "configs", name), "utf8");
    expect(text.split("\n")[0]).toBe("# yaml-language-server: $schema=../promptgrid.schema.json");
    const document = parseDocument(text, { version: "1.2" });
    expect([...document.errors, ...document.warnings]).toEqual([]);
    const named = text.matchAll(
      /(?:file:\/\/|file: |dataset: |path: |answers: |prompts: )((?:\.\.\/)?[\w./-]+\.(?:csv|jsonl|json|ya?ml|md))/g,
    );
    const missing = [...named]
      .map((match) => match[1] ?? "")
      .filter((path) => !existsSync(join(root, "configs", path)));
    expect(missing).toEqual([]);
  });

  it.each([
    ["configs/prompts.csv", false],
    ["configs/prompts-with-dataset.csv", true],
  ])("%s is a CSV matrix without problems", (path, hasDataset) => {
    const { table, diagnostics } = readCsv(files.read(path), path, { what: "CSV matrix" });
    expect(diagnostics).toEqual([]);
    if (table === null) throw new Error("no table");
    const read = readCsvMatrix(table, path, { hasDataset });
    expect(read.diagnostics).toEqual([]);
    expect(read.matrix?.lines).toHaveLength(table.records.length);
  });
});

const shared = join(root, "../shared/datasets");

describe.skipIf(!existsSync(shared))("public datasets that lie beside the project", () => {
  const here = existsSync(shared) ? readdirSync(shared).filter((name) => /\.(csv|jsonl)$/.test(name)) : [];

  it.each(here)("%s is read without a finding", (name) => {
    expect(rowsOf(`../shared/datasets/${name}`).length).toBeGreaterThan(0);
  });

  it("with files named in cells are read, files and all", () => {
    const rows = rowsOf("../shared/datasets/qmsum/qmsum.csv", ["transcript"]);
    for (const text of column(rows, "transcript")) expect(String(text).length).toBeGreaterThan(5000);
  });
});
