import { describe, expect, test } from "vitest";
import type { BestVariant } from "../../src/compare/best.ts";
import type { AxisEffect } from "../../src/compare/effects.ts";
import type { Slice } from "../../src/compare/slices.ts";
import { bestLine, effectsTables } from "../../src/report/effects-table.ts";
import { markdownTable } from "../../src/report/markdown.ts";
import type { TitledTable } from "../../src/report/slice-table.ts";
import { textTable } from "../../src/report/text-table.ts";

function shown({ title, columns, rows, notes }: TitledTable): string {
  const table = textTable(columns, rows, { width: null, color: false });
  return [`${title}\n`, table, ...notes.map((note) => `${note}\n`)].join("");
}

function effect(given: Partial<AxisEffect>): AxisEffect {
  return {
    metric: "pass_rate",
    axis: "model",
    value: "sim/strong",
    balanced: true,
    note: null,
    variants: 2,
    value_mean: 0.9,
    low: 0.82,
    high: 0.95,
    n: 1200,
    difference: { value: 0.042, low: 0.01, high: 0.074 },
    p_value: 0.01,
    p_adjusted: 0.02,
    ...given,
  };
}

const noNumbers: Partial<AxisEffect> = {
  balanced: false,
  note: "no combination of the other axes exists for every value",
  variants: 0,
  value_mean: null,
  low: null,
  high: null,
  n: 0,
  difference: { value: null, low: null, high: null },
  p_value: null,
  p_adjusted: null,
};

function slice(given: Partial<Slice>): Slice {
  return {
    column: "category",
    value: "sums",
    variant_id: "0123456789",
    variant: "prompt=v1",
    rows: 20,
    requests: 20,
    failed: 0,
    pending: 0,
    pass_rate: { value: 0.75, low: 0.53, high: 0.89, n: 20 },
    scores: {},
    latency_p50: null,
    ...given,
  };
}

describe("the effects of the axes", () => {
  test("a value that may as well make no difference has `~` for its difference", () => {
    const lines = [
      effect({}),
      effect({ value: "sim/weak", difference: { value: -0.042, low: -0.074, high: -0.01 } }),
      effect({
        axis: "thinking_budget",
        value: null,
        difference: { value: 0.01, low: -0.0001, high: 0.02 },
        p_adjusted: 0.3,
        note: "2 variants are left out",
      }),
      effect({ axis: "top_p", value: "1", ...noNumbers }),
      effect({ axis: "seed", value: "1", ...noNumbers }),
    ];
    const tables = effectsTables(lines, []);
    expect(tables).toHaveLength(1);
    expect(tables.map(shown).join("")).toMatchInlineSnapshot(`
      "effect of each axis, averaged over the others
      value                    pass rate            rows  variants  points against its other values
      model=sim/strong         0.900 [0.82, 0.95]  1 200         2  +4.2 [1.0, 7.4]
      model=sim/weak           0.900 [0.82, 0.95]  1 200         2  −4.2 [−7.4, −1.0]
      thinking_budget not set  0.900 [0.82, 0.95]  1 200         2  ~ [0.0, 2.0]
      thinking_budget: 2 variants are left out
      top_p, seed: no combination of the other axes exists for every value
      "
    `);
  });

  test("nothing to tell the variants apart by is no table", () => {
    expect(effectsTables([], [])).toEqual([]);
  });

  test("a grid without a single balanced axis leaves the notes alone", () => {
    const [table] = effectsTables([effect(noNumbers)], []);
    expect(table?.rows).toEqual([]);
    expect(table?.notes).toEqual(["model: no combination of the other axes exists for every value"]);
  });

  test("a value as long as a schema is cut, and one with markup stays text", () => {
    const [table] = effectsTables([effect({ axis: "tools", value: `|<b>${"x".repeat(200)}` })], []);
    expect(markdownTable(table?.columns ?? [], table?.rows ?? [])).toMatchInlineSnapshot(`
      "| value | pass rate | rows | variants | points against its other values |
      | --- | --- | ---: | ---: | --- |
      | tools=\\|&lt;b&gt;xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx… | 0.900 \\[0.82, 0.95\\] | 1 200 | 2 | +4.2 \\[1.0, 7.4\\] |
      "
    `);
  });
});

describe("the best variant", () => {
  const found: BestVariant = {
    metric: "pass_rate",
    variant_id: "0123456789",
    variant: "prompt=steps,model=sim/strong,temperature=0",
    value: 0.958,
    low: 0.86,
    high: 0.99,
    tied: 0,
    not_distinguishable: [],
    distinguishable: 3,
  };
  const alike = (count: number): BestVariant["not_distinguishable"] =>
    Array.from({ length: count }, (_, i) => ({
      variant_id: `id-${i}`,
      variant: `prompt=v${i}`,
      difference: { value: -0.01, low: -0.05, high: 0.03 },
      p_adjusted: 0.5,
    }));

  test("stands with those that may be as good, three of them by name", () => {
    expect(bestLine({ ...found, not_distinguishable: alike(4) })).toBe(
      "best: prompt=steps,model=sim/strong,temperature=0 0.958 [0.86, 0.99]; not distinguishable from it: 4 others (prompt=v0, prompt=v1, prompt=v2, …)",
    );
    expect(bestLine({ ...found, not_distinguishable: alike(1) })).toMatch(/it: 1 other \(prompt=v0\)$/);
  });

  test("is a winner only where all others are worse", () => {
    expect(bestLine(found)).toMatch(/\[0\.86, 0\.99\]; the 3 others are worse$/);
    expect(bestLine({ ...found, distinguishable: 1 })).toMatch(/; the other is worse$/);
  });

  test("says where it is the first of equals", () => {
    expect(bestLine({ ...found, tied: 1, not_distinguishable: alike(1) })).toContain(
      "[0.86, 0.99], the first of 2 with that value; not",
    );
  });

  test("is no line where there is nothing to choose from", () => {
    expect(bestLine(null)).toBeNull();
  });
});

describe("slices", () => {
  test("each column is a table; what says nothing is left out", () => {
    const tables = effectsTables(
      [],
      [
        slice({ failed: 1, latency_p50: 812 }),
        slice({ value: "", pass_rate: null, rows: 1 }),
        slice({ column: "language", value: "中文" }),
        slice({ column: "language", value: "中文", variant: "prompt=v2", variant_id: "1" }),
      ],
    );
    expect(tables.map(shown).join("\n")).toMatchInlineSnapshot(`
      "by category
      category  pass rate           rows  failed     p50
      sums      0.750 [0.53, 0.89]    20       1  812 ms
      (empty)   –                      1       0       –

      by language
      language  variant    pass rate           rows
      中文      prompt=v1  0.750 [0.53, 0.89]    20
      中文      prompt=v2  0.750 [0.53, 0.89]    20
      "
    `);
  });

  test("where nothing is required to pass, the scores stand for it", () => {
    const grade = { value: 0.5, low: 0.4, high: 0.6, n: 20 };
    const [table] = effectsTables([], [slice({ pass_rate: null, scores: { grade } })]);
    expect(table?.columns.map(({ title }) => title)).toEqual(["category", "grade", "rows"]);
    expect(table?.rows).toEqual([["sums", "0.500 [0.40, 0.60]", "20"]]);
  });

  test("a long table ends with how much more there is", () => {
    const many = Array.from({ length: 61 }, (_, i) => slice({ value: `v${i}` }));
    const [table] = effectsTables([], many);
    expect(table?.rows).toHaveLength(60);
    expect(table?.notes).toEqual(["1 more line in summary.json"]);
  });
});
