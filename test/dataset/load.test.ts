import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DatasetSpec } from "../../src/dataset/dataset.ts";
import { type LoadedDataset, loadDataset } from "../../src/dataset/load.ts";
import { DiskFiles } from "../../src/system/input-files.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dataset-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), content);
}

const place = { file: "matrix.yaml", line: 3, column: 10 };

function load(path: string, spec: Partial<DatasetSpec> = {}): LoadedDataset {
  const whole: DatasetSpec = {
    path,
    limit: null,
    offset: 0,
    shuffleSeed: null,
    idColumn: null,
    clusterColumn: null,
    jsonColumns: [],
    fileColumns: [],
    ...spec,
  };
  return loadDataset(whole, new DiskFiles(folder), place);
}

const ids = (loaded: LoadedDataset): readonly string[] | undefined =>
  loaded.dataset?.rows.map(({ id }) => id);
const error = (name: string, message: string, more: object = {}): object => ({
  code: `dataset/${name}`,
  severity: "error",
  message,
  place,
  ...more,
});

describe("a dataset that cannot be found", () => {
  it("is named with the nearest file of its folder", () => {
    write("data/tickets.csv", "a\n1\n");
    expect(load("data/tikets.csv").diagnostics).toEqual([
      error("missing-file", "there is no dataset `data/tikets.csv`", {
        hint: "did you mean `data/tickets.csv`?",
      }),
    ]);
  });

  it("is told from a folder, with what the folder holds", () => {
    write("data/a.csv", "a\n1\n");
    write("data/b.jsonl", "{}\n");
    write("data/c.txt", "");
    expect(load("data").diagnostics).toEqual([
      error("is-a-folder", "the dataset `data` is a folder, expected a file", {
        hint: "it holds `data/a.csv`, `data/b.jsonl`",
      }),
    ]);
  });
});

describe("row ids", () => {
  it("are those of `id_column`, else of a column `id`", () => {
    write("d.csv", "id,key\na,x\nb,y\n");
    expect(ids(load("d.csv"))).toEqual(["a", "b"]);
    expect(ids(load("d.csv", { idColumn: "key" }))).toEqual(["x", "y"]);
  });

  it("are hashes of the cells otherwise: the same wherever the row stands, `~2` for a second equal one", () => {
    write("d.csv", "q,a\nx,1\ny,2\nx,1\nx,1\n");
    write("moved.csv", "q,a\ny,2\n\nx,1\n");
    const [x, y, ...again] = ids(load("d.csv")) ?? [];
    expect(x).toMatch(/^[0-9a-f]{10}$/);
    expect(again).toEqual([`${x}~2`, `${x}~3`]);
    expect(ids(load("moved.csv"))).toEqual([y, x]);
  });

  it("do not change when a column becomes JSON or files", () => {
    write("d.csv", 'v\n"[1, 2]"\n');
    expect(ids(load("d.csv", { jsonColumns: ["v"] }))).toEqual(ids(load("d.csv")));
  });

  it("may be numbers in JSON, and must differ as text", () => {
    write("d.json", '[{"id": 1}, {"id": 2}, {"id": "1"}, {"id": ["x"]}, {"n": 1}]');
    expect(load("d.json").diagnostics.map(({ message }) => message)).toEqual([
      "two rows have the id `1`, on lines 1 and 1",
      "found a list as row id, expected text or a number",
      "the row has no id: `id` is empty",
    ]);
  });

  it("count over the whole file, so that a limit changes none", () => {
    write("d.csv", "q\nx\nx\nx\n");
    const all = ids(load("d.csv")) ?? [];
    expect(ids(load("d.csv", { offset: 1, limit: 1 }))).toEqual([all[1]]);
  });
});

describe("variables", () => {
  it('are text in CSV, `""` for an empty cell', () => {
    write("d.csv", "id,n,empty\n1,0.50,\n");
    expect(load("d.csv").dataset?.rows).toEqual([
      { id: "1", variables: { id: "1", n: "0.50", empty: "" }, line: 2, cluster: null },
    ]);
  });

  it("keep their types in JSON, and a missing key stays undefined", () => {
    write("d.jsonl", '{"id": "a", "n": 0.5, "tags": ["x"], "none": null}\n\n{"id": "b", "flag": false}\n');
    const { dataset } = load("d.jsonl");
    expect(dataset?.columns).toEqual(["id", "n", "tags", "none", "flag"]);
    expect(dataset?.rows).toEqual([
      { id: "a", variables: { id: "a", n: 0.5, tags: ["x"], none: null }, line: 1, cluster: null },
      { id: "b", variables: { id: "b", flag: false }, line: 3, cluster: null },
    ]);
  });

  it("are own members under any name, and no name reaches a prototype", () => {
    write("d.csv", "__proto__,constructor\nx,y\n");
    write("d.json", '[{"__proto__": {"polluted": true}, "constructor": 1}]');
    const csv = load("d.csv").dataset?.rows[0]?.variables ?? {};
    const json = load("d.json", { jsonColumns: ["constructor"] }).dataset?.rows[0]?.variables ?? {};
    expect(Object.entries(csv)).toEqual([
      ["__proto__", "x"],
      ["constructor", "y"],
    ]);
    expect(Object.getOwnPropertyDescriptor(json, "__proto__")?.value).toEqual({ polluted: true });
    expect(Object.getPrototypeOf(json)).toBe(Object.prototype);
    expect("polluted" in json).toBe(false);
  });

  it("become values in JSON columns: an empty cell is null, what is a value stays", () => {
    write("d.csv", 'id,v\n1,"{""a"": [1, ""x""]}"\n2,true\n3,\n4,"""text"""\n');
    expect(load("d.csv", { jsonColumns: ["v"] }).dataset?.rows.map(({ variables }) => variables.v)).toEqual([
      { a: [1, "x"] },
      true,
      null,
      "text",
    ]);
    write("d.json", '[{"v": "[1]"}, {"v": [2]}, {"w": 1}]');
    expect(load("d.json", { jsonColumns: ["v"] }).dataset?.rows.map(({ variables }) => variables)).toEqual([
      { v: [1] },
      { v: [2] },
      { w: 1 },
    ]);
  });

  it("become the text of files, found beside the dataset, without byte order marks", () => {
    write("data/d.csv", "id,t\n1,texts/a.txt\n2,file://texts/a.txt\n3,../b.md\n4,\n");
    write("data/texts/a.txt", "\uFEFF{{ not a template }}\r\n");
    write("b.md", "b");
    const { dataset, diagnostics } = load("data/d.csv", { fileColumns: ["t"] });
    expect(diagnostics).toEqual([]);
    expect(dataset?.rows.map(({ variables }) => variables.t)).toEqual([
      "{{ not a template }}\r\n",
      "{{ not a template }}\r\n",
      "b",
      "",
    ]);
  });

  it("of rows that are left out read no files", () => {
    write("d.csv", "t\nthere.txt\nmissing.txt\n");
    write("there.txt", "x");
    expect(load("d.csv", { fileColumns: ["t"], limit: 1 }).diagnostics).toEqual([]);
    expect(load("d.csv", { fileColumns: ["t"] }).diagnostics.map(({ code }) => code)).toEqual([
      "dataset/missing-file",
    ]);
  });
});

describe("clusters", () => {
  it("are the values of `cluster_column`; a row without one is not in any", () => {
    write("d.csv", "q,doc\na,1\nb,1\nc,\n");
    expect(load("d.csv", { clusterColumn: "doc" }).dataset?.rows.map(({ cluster }) => cluster)).toEqual([
      "1",
      "1",
      null,
    ]);
  });
});

describe("the order of rows", () => {
  const numbers = Array.from({ length: 40 }, (_, i) => String(i));
  beforeEach(() => write("d.csv", `id\n${numbers.join("\n")}\n`));

  it("is that of the file, cut by offset and then limit", () => {
    expect(ids(load("d.csv"))).toEqual(numbers);
    expect(ids(load("d.csv", { offset: 5, limit: 3 }))).toEqual(["5", "6", "7"]);
    expect(ids(load("d.csv", { offset: 38, limit: 10 }))).toEqual(["38", "39"]);
  });

  it("is shuffled by the seed before it is cut, so that parts of one shuffle join", () => {
    const shuffled = ids(load("d.csv", { shuffleSeed: 7 })) ?? [];
    expect(shuffled).not.toEqual(numbers);
    expect([...shuffled].sort((a, b) => Number(a) - Number(b))).toEqual(numbers);
    expect(ids(load("d.csv", { shuffleSeed: 7, limit: 10 }))).toEqual(shuffled.slice(0, 10));
    expect(ids(load("d.csv", { shuffleSeed: 7, offset: 10 }))).toEqual(shuffled.slice(10));
    expect(ids(load("d.csv", { shuffleSeed: 8 }))).not.toEqual(shuffled);
  });

  it("that leaves no row is an error", () => {
    expect(load("d.csv", { offset: 40, limit: 2 })).toEqual({
      dataset: null,
      diagnostics: [error("no-rows-left", "offset 40 and limit 2 leave no row: `d.csv` has 40 rows")],
    });
  });
});
