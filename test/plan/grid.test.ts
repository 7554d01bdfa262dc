import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { expandGrid, readGrid } from "../../src/plan/grid.ts";

interface Vector {
  readonly id: string;
  readonly convention: string;
  readonly name: string;
  readonly input: Record<string, unknown>;
  readonly expanded?: readonly Record<string, unknown>[];
  readonly error?: string;
}

const { vectors } = JSON.parse(
  readFileSync(new URL("./fixtures/matrix-vectors.json", import.meta.url), "utf8"),
) as {
  readonly vectors: readonly Vector[];
};
/** Rests on GitHub's loose equality of text and numbers, which is not ours: nothing is excluded, and that is said. */
const looseEquality = new Set(["m13"]);

function points(input: Readonly<Record<string, unknown>>): readonly unknown[] {
  return expandGrid(readGrid(input).grid).points.map((point) => point.values);
}

describe("published vectors", () => {
  for (const vector of vectors.filter((candidate) => candidate.convention === "github")) {
    it(`${vector.id}: ${vector.name}`, () => {
      const { grid, problems } = readGrid(vector.input);
      if (vector.error !== undefined) return expect(problems).not.toEqual([]);
      expect(problems).toEqual([]);
      if (looseEquality.has(vector.id)) {
        const expanded = expandGrid(grid);
        expect(expanded.points).toHaveLength(2);
        expect(expanded.problems.map((problem) => problem.kind)).toEqual(["matches-nothing"]);
        return;
      }
      expect(expandGrid(grid).points.map((point) => point.values)).toEqual(vector.expanded);
    });
  }
});

describe("include and exclude", () => {
  it("follow the documented example: additions, later over earlier, and cells of their own", () => {
    const include = [
      { color: "green" },
      { color: "pink", animal: "cat" },
      { fruit: "apple", shape: "circle" },
      { fruit: "banana" },
      { fruit: "banana", animal: "cat" },
    ];
    expect(points({ fruit: ["apple", "pear"], animal: ["cat", "dog"], include })).toEqual([
      { fruit: "apple", animal: "cat", color: "pink", shape: "circle" },
      { fruit: "apple", animal: "dog", color: "green", shape: "circle" },
      { fruit: "pear", animal: "cat", color: "pink" },
      { fruit: "pear", animal: "dog", color: "green" },
      { fruit: "banana" },
      { fruit: "banana", animal: "cat" },
    ]);
  });

  it("bring an excluded cell back as a separate last cell", () => {
    const grid = { a: [1, 2], b: [1, 2], exclude: [{ a: 1, b: 1 }], include: [{ a: 1, b: 1, c: 3 }] };
    expect(points(grid)).toEqual([
      { a: 1, b: 2 },
      { a: 2, b: 1 },
      { a: 2, b: 2 },
      { a: 1, b: 1, c: 3 },
    ]);
  });

  it("compare with type and case, and say what matches nothing", () => {
    const { grid } = readGrid({ model: ["Qwen"], t: [0], exclude: [{ model: "qwen" }, { t: "0" }] });
    const { points: left, problems } = expandGrid(grid);
    expect(left).toHaveLength(1);
    expect(problems.map((problem) => [problem.kind, problem.path])).toEqual([
      ["matches-nothing", ["exclude", 0]],
      ["matches-nothing", ["exclude", 1]],
    ]);
  });

  it("keep the label of one cell out of another", () => {
    const { points: cells } = expandGrid(
      readGrid({ a: [1, 2], include: [{ a: 1, f: { label: "long", value: { x: 1 } } }] }).grid,
    );
    expect(cells.map((cell) => cell.labels)).toEqual([{ f: "long" }, {}]);
  });
});

describe("axes", () => {
  it("take ranges with both ends in exact decimals", () => {
    expect(points({ t: { from: 0, to: 0.5, step: 0.1 } })).toEqual([
      { t: 0 },
      { t: 0.1 },
      { t: 0.2 },
      { t: 0.3 },
      { t: 0.4 },
      { t: 0.5 },
    ]);
    expect(points({ t: { from: 1e-7, to: 3e-7, step: 1e-7 } })).toEqual([
      { t: 1e-7 },
      { t: 2e-7 },
      { t: 3e-7 },
    ]);
    expect(points({ t: { from: 2, to: -2, step: -2 } })).toEqual([{ t: 2 }, { t: 0 }, { t: -2 }]);
  });

  it("take a scalar, a map and null as an axis of one", () => {
    expect(points({ a: 1, b: { type: "text" }, c: null })).toEqual([{ a: 1, b: { type: "text" }, c: null }]);
  });

  it.each([
    ["an empty grid", {}, ["empty-grid"]],
    ["an empty axis", { a: [] }, ["empty-axis"]],
    ["a range that misses its end", { a: { from: 0, to: 1, step: 0.3 } }, ["bad-range"]],
    ["a range too fine for decimals", { a: { from: 0, to: 1, step: 1e-120 } }, ["bad-range"]],
    ["a range too large for decimals", { a: { from: 1e21, to: 1e22, step: 1e21 } }, ["bad-range"]],
    ["a range with step 0", { a: { from: 0, to: 1, step: 0 } }, ["bad-range"]],
    ["a value given twice", { a: [1, 2, 1] }, ["repeated-value"]],
    ["a list where a list of lists is meant", { stop: ["x", "y"] }, ["list-of-lists", "list-of-lists"]],
    ["an empty entry", { a: [1], exclude: [{}] }, ["empty-entry"]],
    ["a key that is no axis", { a: [1], exclude: [{ b: 1 }] }, ["unknown-axis"]],
    ["an exclude that is no list", { a: [1], exclude: { a: 1 } }, ["bad-entry"]],
  ])("refuse %s", (_, grid, kinds) => {
    expect(readGrid(grid).problems.map((problem) => problem.kind)).toEqual(kinds);
  });
});
