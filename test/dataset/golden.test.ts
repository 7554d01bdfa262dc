import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readCsv } from "../../src/dataset/csv.ts";
import { readCsvMatrix } from "../../src/dataset/csv-matrix.ts";
import type { DatasetSpec } from "../../src/dataset/dataset.ts";
import { loadDataset } from "../../src/dataset/load.ts";
import type { Diagnostic } from "../../src/diagnostics/diagnostic.ts";
import { renderDiagnostics } from "../../src/diagnostics/render.ts";
import { DiskFiles } from "../../src/system/input-files.ts";

const fixtures = join(import.meta.dirname, "fixtures");

function problemFiles(folder: string): readonly string[] {
  return readdirSync(join(fixtures, folder)).filter((name) => !name.endsWith(".out"));
}

function rendered(diagnostics: readonly Diagnostic[]): string {
  const source = (file: string): string | null => {
    const path = join(fixtures, file);
    return existsSync(path) ? readFileSync(path, "utf8").replace(/^\uFEFF/, "") : null;
  };
  return `${renderDiagnostics(diagnostics, { source, color: false })}\n`;
}

/** Compares with the `.out` file beside the input; `UPDATE_GOLDEN=1` writes it. */
function expectGolden(name: string, text: string): void {
  const path = join(fixtures, `${name}.out`);
  if (process.env.UPDATE_GOLDEN === "1") writeFileSync(path, text);
  expect(text).toBe(readFileSync(path, "utf8"));
}

function spec(path: string): DatasetSpec {
  const columns = path.endsWith("columns.csv");
  return {
    path,
    limit: null,
    offset: 0,
    shuffleSeed: null,
    idColumn: null,
    clusterColumn: columns ? "grup" : null,
    jsonColumns: columns ? ["tools", "nothing"] : [],
    fileColumns: columns ? ["transcript"] : [],
  };
}

describe("problems of datasets", () => {
  it.each(problemFiles("dataset"))("%s is reported as in its .out file", (name) => {
    const { dataset, diagnostics } = loadDataset(spec(`dataset/${name}`), new DiskFiles(fixtures));
    expect(dataset).toBeNull();
    expectGolden(`dataset/${name}`, rendered(diagnostics));
  });
});

describe("problems of CSV matrices", () => {
  const files = ["matrix", "matrix-with-dataset"].flatMap((folder) =>
    problemFiles(folder).map((name) => `${folder}/${name}`),
  );
  it.each(files)("%s is reported as in its .out file", (name) => {
    const { table, diagnostics } = readCsv(readFileSync(join(fixtures, name)), name, { what: "CSV matrix" });
    expect(diagnostics).toEqual([]);
    if (table === null) throw new Error("the table is right, its meaning is not");
    const read = readCsvMatrix(table, name, { hasDataset: name.startsWith("matrix-with-dataset/") });
    expect(read.matrix).toBeNull();
    expectGolden(name, rendered(read.diagnostics));
  });
});

describe("files without problems", () => {
  it.each(problemFiles("ok"))("%s is read in silence", (name) => {
    const { dataset, diagnostics } = loadDataset(spec(`ok/${name}`), new DiskFiles(fixtures));
    expect(diagnostics).toEqual([]);
    const plain = { columns: dataset?.columns, rows: dataset?.rows };
    expectGolden(`ok/${name}`, `${JSON.stringify(plain, null, 2)}\n`);
  });
});
