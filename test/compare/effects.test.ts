import { describe, expect, test } from "vitest";
import { effects } from "../../src/compare/effects.ts";
import { meanInterval } from "../../src/stats/index.ts";
import { testSide } from "./sides.ts";

/** `count` times the same value. */
function times(count: number, value: number): readonly number[] {
  return Array.from({ length: count }, () => value);
}

const grid = testSide({
  rows: 4,
  variants: {
    a0: { promptId: "a", parameters: { temperature: 0 }, pass: [1, 1, 1, 0] },
    a1: { promptId: "a", parameters: { temperature: 1 }, pass: [1, 1, 0, 0] },
    b0: { promptId: "b", parameters: { temperature: 0 }, pass: [1, 0, 0, 0] },
    b1: { promptId: "b", parameters: { temperature: 1 }, pass: [0, 0, 0, 0] },
  },
});

describe("a full grid", () => {
  test("each value is averaged over the other axis and held against the other value, row by row", () => {
    const lines = effects(grid, "pass");
    expect(
      lines.map(({ axis, value, variants, n, value_mean, difference }) => [
        axis,
        value,
        variants,
        n,
        value_mean,
        difference.value,
      ]),
    ).toEqual([
      ["prompt", "a", 2, 4, 0.625, 0.5],
      ["prompt", "b", 2, 4, 0.125, -0.5],
      ["temperature", "0", 2, 4, 0.5, 0.25],
      ["temperature", "1", 2, 4, 0.25, -0.25],
    ]);
    expect(lines.every(({ balanced, note }) => balanced && note === null)).toBe(true);
  });

  test("the two values of an axis are one test of the family, and so are its p values", () => {
    // Sign flips of 3 and of 2 rows that changed: 2/8 and 2/4; Holm over two tests.
    expect(effects(grid, "pass").map(({ p_value, p_adjusted }) => [p_value, p_adjusted])).toEqual([
      [0.25, 0.5],
      [0.25, 0.5],
      [0.5, 0.5],
      [0.5, 0.5],
    ]);
  });

  test("an axis of three values is held against the mean of the other two", () => {
    const side = testSide({
      rows: 4,
      variants: {
        x: { promptId: "p", parameters: { top_p: 0.1 }, pass: [1, 1, 1, 0] },
        y: { promptId: "p", parameters: { top_p: 0.5 }, pass: [1, 0, 0, 0] },
        z: { promptId: "p", parameters: { top_p: 1 }, pass: [0, 0, 1, 0] },
      },
    });
    expect(effects(side, "pass").map(({ difference }) => difference.value)).toEqual([0.5, -0.25, -0.25]);
  });

  test("one answer a row and nothing to average: McNemar's mid-p, 11/512 for eight against one", () => {
    const side = testSide({
      rows: 30,
      variants: {
        v1: { pass: [...times(8, 1), 0, ...times(21, 1)] },
        v2: { pass: [...times(8, 0), 1, ...times(21, 1)] },
      },
    });
    expect(effects(side, "pass").map(({ p_value }) => p_value)).toEqual([11 / 512, 11 / 512]);
  });
});

describe("what the grid lacks", () => {
  const side = testSide({
    rows: 2,
    variants: {
      a0: { promptId: "a", parameters: { temperature: 0 }, pass: [1, 1] },
      a1: { promptId: "a", parameters: { temperature: 1 }, pass: [1, 0] },
      b0: { promptId: "b", parameters: { temperature: 0 }, pass: [0, 0] },
      c1: { promptId: "c", parameters: { temperature: 1 }, pass: [1, 1] },
    },
  });

  test("no combination with every value: no numbers, and a note instead", () => {
    const prompts = effects(side, "pass").filter(({ axis }) => axis === "prompt");
    expect(prompts.map(({ value }) => value)).toEqual(["a", "b", "c"]);
    for (const line of prompts)
      expect(line).toMatchObject({
        balanced: false,
        note: "no combination of the other axes exists for every value",
        variants: 0,
        value_mean: null,
        difference: { value: null, low: null, high: null },
        p_value: null,
        p_adjusted: null,
      });
  });

  test("combinations that lack a value are left out, or their prompts would pass for an effect", () => {
    const temperatures = effects(side, "pass").filter(({ axis }) => axis === "temperature");
    expect(temperatures.map(({ value_mean, variants }) => [value_mean, variants])).toEqual([
      [1, 1],
      [0.5, 1],
    ]);
    expect(temperatures[0]?.note).toBe(
      "2 variants are left out: their combination does not exist for every value",
    );
  });

  test("a parameter that is not sent is a value of its own", () => {
    const sparse = testSide({
      rows: 2,
      variants: {
        x: { promptId: "p", parameters: { model: "m" }, pass: [1, 1] },
        y: { promptId: "p", parameters: { model: "m", thinking_budget: 10 }, pass: [1, 0] },
      },
    });
    expect(effects(sparse, "pass").map(({ axis, value }) => [axis, value])).toEqual([
      ["thinking_budget", null],
      ["thinking_budget", "10"],
    ]);
  });

  test("one variant has no axes", () => {
    expect(effects(testSide({ rows: 2, variants: { v1: { pass: [1, 0] } } }), "pass")).toEqual([]);
  });
});

describe("rows", () => {
  test("a row counts with those combinations of which every value has it", () => {
    const side = testSide({
      rows: 3,
      variants: {
        a0: { promptId: "a", parameters: { t: 0 }, pass: [1, 1, null] },
        a1: { promptId: "a", parameters: { t: 1 }, pass: [1, 0, 1] },
        b0: { promptId: "b", parameters: { t: 0 }, pass: [0, null, 1] },
        b1: { promptId: "b", parameters: { t: 1 }, pass: [1, 0, null] },
      },
    });
    const prompts = effects(side, "pass").filter(({ axis }) => axis === "prompt");
    // Row 1 over both temperatures, row 2 over t=1 alone, row 3 has no temperature with both prompts.
    expect(prompts.map(({ n, value_mean }) => [n, value_mean])).toEqual([
      [2, 0.5],
      [2, 0.25],
    ]);
  });

  test("rows of one cluster are one witness", () => {
    const given = {
      variants: { v1: { pass: times(8, 1) }, v2: { pass: times(8, 0) } },
    };
    const rows = Array.from({ length: 8 }, (_, i) => ({ id: `r${i}`, cluster: i < 4 ? "x" : "y" }));
    expect(effects(testSide({ ...given, rows }), "pass")[0]?.p_value).toBe(1 / 256);
    expect(effects(testSide({ ...given, rows, clustered: true }), "pass")[0]?.p_value).toBe(0.5);
  });

  test("nothing answered, or only on one side: null, not 0", () => {
    const side = testSide({ rows: 2, variants: { v1: { pass: [1, null] }, v2: { pass: [null, 1] } } });
    for (const line of effects(side, "pass"))
      expect(line).toMatchObject({ n: 0, value_mean: null, p_value: null, balanced: true });
  });

  test("all equal: a difference of 0 with p 1 and an interval that has a width", () => {
    const side = testSide({ rows: 30, variants: { v1: { pass: times(30, 1) }, v2: { pass: times(30, 1) } } });
    const [line] = effects(side, "pass");
    expect(line).toMatchObject({ difference: { value: 0 }, p_value: 1, p_adjusted: 1 });
    expect(line?.difference.low).toBeLessThan(-0.05);
  });

  test("a graded score has the t interval of its row means", () => {
    const grades = [0.25, 0.5, 0.75, 0.5];
    const side = testSide({
      rows: 4,
      variants: { v1: { scores: { grade: grades } }, v2: { scores: { grade: [0.1, 0.2, 0.3, 0.4] } } },
    });
    const { low, high } = meanInterval(grades);
    const [line] = effects(side, "scores.grade");
    expect(line).toMatchObject({ metric: "scores.grade", value_mean: 0.5 });
    expect(line?.low).toBeCloseTo(low ?? 0, 6);
    expect(line?.high).toBeCloseTo(high ?? 0, 6);
  });
});
