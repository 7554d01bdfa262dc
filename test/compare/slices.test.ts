import { describe, expect, test } from "vitest";
import { RowScores } from "../../src/aggregate/row-scores.ts";
import { slices } from "../../src/compare/slices.ts";
import { type TestRow, testSide } from "./sides.ts";

function rowsBy(...categories: readonly unknown[]): readonly TestRow[] {
  return categories.map((category, i) => ({ id: `r${i}`, variables: { category } }));
}

describe("what a slice says", () => {
  const side = testSide({
    rows: rowsBy("b", "a", "b", ""),
    variants: {
      v1: { pass: [1, 0, [1, 0], null], failed: { overloaded: [0, 0, 0, 1] } },
      v2: { pass: [0, 1, 1, 1], pending: [1, 0, 0, 0] },
    },
  });

  test("values in order of first appearance, variants in plan order, rows averaged over trials", () => {
    const found = slices(side, ["category"]).slices;
    expect(
      found.map(({ value, variant, rows, requests, failed, pending, pass_rate }) => [
        value,
        variant,
        rows,
        requests,
        failed,
        pending,
        pass_rate?.value ?? null,
      ]),
    ).toEqual([
      ["b", "prompt=v1", 2, 3, 0, 0, 0.75],
      ["b", "prompt=v2", 2, 3, 0, 1, 0.5],
      ["a", "prompt=v1", 1, 1, 0, 0, 0],
      ["a", "prompt=v2", 1, 1, 0, 0, 1],
      ["", "prompt=v1", 1, 1, 1, 0, null],
      ["", "prompt=v2", 1, 1, 0, 0, 1],
    ]);
  });

  test("a failed request has no outcome: the estimate is null", () => {
    expect(slices(side, ["category"]).slices[4]?.pass_rate).toBeNull();
  });
});

test("estimates are those of the summary: rates, grades and clusters", () => {
  const clusters = ["x", "x", "y", "y", null, null];
  const pass = [1, 1, 0, [1, 0], 1, 0];
  const grade = [0.2, 0.4, 0.1, [0.9, 0.5], 0.7, 1];
  const side = testSide({
    rows: clusters.map((cluster, i) => ({ id: `r${i}`, cluster, variables: { all: "same" } })),
    variants: { v1: { pass, scores: { grade, yes: pass } } },
    clustered: true,
  });
  const expected = (cells: readonly (number | readonly number[])[], graded: boolean) => {
    const scores = new RowScores(true);
    cells.forEach((cell, row) => {
      for (const value of [cell].flat()) scores.add(row, clusters[row] ?? null, value);
    });
    return scores.estimate(graded);
  };
  const [slice] = slices(side, ["all"]).slices;
  expect(slice?.pass_rate).toEqual(expected(pass, false));
  expect(slice?.scores).toEqual({ grade: expected(grade, true), yes: expected(pass, false) });
});

test("p50 goes over single answers, and is null where they were not kept", () => {
  const side = testSide({
    rows: rowsBy("a", "a"),
    variants: { v1: { pass: [[1, 1, 1], 1], series: { latency_ms: [[100, 200, 900], 300] } } },
  });
  expect(slices(side, ["category"]).slices[0]?.latency_p50).toBe(250);
  const [variant] = side.variants;
  const latency = variant?.series.get("latency_ms");
  if (variant === undefined || latency === undefined) throw new Error("the side has its latencies");
  const series = new Map([...variant.series, ["latency_ms", { ...latency, values: null }]]);
  const saved = { ...side, variants: [{ ...variant, series }] };
  expect(slices(saved, ["category"]).slices[0]?.latency_p50).toBeNull();
});

test("cells that are no text are named as JSON has them, and columns stand in the order asked for", () => {
  const rows = [
    { id: "r1", variables: { level: 3, kind: ["x"] } },
    { id: "r2", variables: { level: null, kind: ["y"] } },
  ];
  const side = testSide({ rows, variants: { v1: { pass: [1, 0] } } });
  expect(slices(side, ["kind", "level", "kind"]).slices.map(({ column, value }) => [column, value])).toEqual([
    ["kind", '["x"]'],
    ["kind", '["y"]'],
    ["level", "3"],
    ["level", ""],
  ]);
});

test("a variant that asks no row of a slice has no line in it", () => {
  const side = testSide({
    rows: rowsBy("a", "b"),
    variants: { v1: { pass: [1, null] }, v2: { pass: [null, 1] } },
  });
  expect(slices(side, ["category"]).slices.map(({ value, variant }) => [value, variant])).toEqual([
    ["a", "prompt=v1"],
    ["b", "prompt=v2"],
  ]);
});

test("a column of more than 100 values is a problem that names it; 100 are fine", () => {
  const many = (count: number) =>
    testSide({
      rows: rowsBy(...Array.from({ length: count }, (_, i) => `c${i}`)),
      variants: { v1: { pass: Array.from({ length: count }, () => 1) } },
    });
  expect(slices(many(100), ["category"]).slices).toHaveLength(100);
  expect(slices(many(101), ["category"])).toEqual({
    slices: [],
    problems: [
      {
        column: "category",
        problem: "column `category` has 101 values, more than the 100 that can be shown as slices",
        hint: "slice by a column that groups rows, such as a category",
      },
    ],
  });
});

test("a column that is not there is a problem, and the others are sliced all the same", () => {
  const side = testSide({ rows: rowsBy("a"), variants: { v1: { pass: [1] } } });
  const { slices: found, problems } = slices(side, ["categry", "category"]);
  expect(problems.map(({ problem }) => problem)).toEqual(["a run has no column `categry`"]);
  expect(found).toHaveLength(1);
});
