import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { axisPairs } from "../../src/compare/axis-pairs.ts";
import { type ArmPair, type CompareSpec, comparePairs } from "../../src/compare/compare-sides.ts";
import type { Comparison, ComparisonReport } from "../../src/compare/comparison.ts";
import { allFlips } from "../../src/compare/flips.ts";
import { type Metric, passRate, readMetric } from "../../src/compare/metric.ts";
import { differingKeys, pairVariants } from "../../src/compare/pair-variants.ts";
import type { Side } from "../../src/compare/side.ts";
import { type Cell, type TestVariant, testSide } from "./sides.ts";

function between(base: Side, candidate: Side, first = 0, second = 0): ArmPair {
  return { base: { side: base, variants: [first] }, candidate: { side: candidate, variants: [second] } };
}

function compare(pairs: readonly ArmPair[], more: Partial<CompareSpec> = {}): ComparisonReport {
  return comparePairs(pairs, { metrics: [passRate], maxDrop: null, by: null, flips: allFlips, ...more });
}

function side(name: string, pass: readonly Cell[], more: Partial<TestVariant> = {}): Side {
  return testSide({ name, rows: pass.length, variants: { v1: { pass, ...more } } });
}

function metric(name: string): Metric {
  const read = readMetric(name, []);
  if (!("metric" in read)) throw new Error(read.problem);
  return read.metric;
}

function rows(passed: number, of: number): readonly number[] {
  return Array.from({ length: of }, (_, i) => (i < passed ? 1 : 0));
}

describe("two sides", () => {
  test("are compared two-sided, and judged only where a drop is declared", () => {
    const pair = between(side("old", rows(180, 200)), side("new", rows(150, 200)));
    const plain = compare([pair]);
    expect(plain.verdict).toBe("none");
    expect(plain.comparisons[0]).toMatchObject({ base: "old", regressed: 30, improved: 0, verdict: "none" });
    const judged = compare([pair], { maxDrop: 0.05 });
    expect(judged.verdict).toBe("fail");
    expect(judged.comparisons[0]?.p_value).toBe(plain.comparisons[0]?.p_value);
  });

  test("of which 3 % are missing are invalid, not passed", () => {
    const lost: readonly Cell[] = [...rows(97, 97), null, null, null];
    const candidate = side("new", lost, { failed: { timeout: [...rows(0, 97), 1, 1, 1] } });
    const report = compare([between(side("old", rows(100, 100)), candidate)], { maxDrop: 0.05 });
    expect(report.verdict).toBe("invalid");
    expect(report.warnings.join()).toContain("3 of 100 requests of new");
  });

  test("without a row in common say so", () => {
    const base = testSide({ name: "old", rows: ["a"], variants: { v1: { pass: [1] } } });
    const candidate = testSide({ name: "new", rows: ["b"], variants: { v1: { pass: [1] } } });
    const report = compare([between(base, candidate)], { maxDrop: 0.05 });
    expect([report.verdict, report.comparisons[0]?.n]).toEqual(["invalid", 0]);
  });

  test("show the prompts whose text changed, and leave rows out whose variables differ", () => {
    const asked = (question: string): object => ({ id: "r", variables: { question } });
    const make = (name: string, question: string, prompt: string): Side =>
      testSide({
        name,
        rows: [asked(question) as { id: string }],
        variants: { v1: { pass: [1] } },
        prompts: { v1: prompt },
      });
    const report = compare([
      between(make("old", "a?", "user: be kind"), make("new", "b?", "user: be brief")),
    ]);
    expect(report.prompts).toEqual([{ prompt_id: "v1", base: "user: be kind", candidate: "user: be brief" }]);
    expect(report.changed_rows).toEqual(["r"]);
  });

  test("a metric that nobody knows has no numbers and no crash", () => {
    const report = compare([between(side("old", [1, 1]), side("new", [1, 1]))], {
      metrics: [metric("ttft_ms.p50")],
    });
    expect(report.comparisons[0]).toMatchObject({ n: 0, difference: { value: null }, p_value: null });
  });
});

test("quantiles are not compared with the means of a file", () => {
  const run = testSide({
    rows: 2,
    variants: {
      v1: {
        pass: [1, 1],
        series: {
          latency_ms: [
            [10, 20],
            [10, 30],
          ],
        },
      },
    },
  });
  const [variant] = run.variants;
  const saved = new Map(
    [...(variant?.series ?? [])].map(([name, series]) => [name, { ...series, values: null }]),
  );
  const file: Side = {
    ...run,
    name: "main.json",
    variants: variant === undefined ? [] : [{ ...variant, series: saved }],
  };
  const report = compare([between(file, run)], { metrics: [passRate, metric("latency_ms.p50")] });
  expect(report.comparisons.map((one) => one.metric)).toEqual(["pass_rate"]);
  expect(report.warnings.join()).toContain("main.json holds means of several trials");
});

test("p is adjusted over the comparisons of one metric", () => {
  const run = testSide({
    rows: 100,
    variants: { v1: { pass: rows(90, 100) }, v2: { pass: rows(70, 100) }, v3: { pass: rows(88, 100) } },
  });
  const pairs = [between(run, run, 0, 1), between(run, run, 0, 2)];
  const [first, second] = compare(pairs).comparisons;
  expect(first?.p_adjusted).toBeCloseTo((first?.p_value ?? 0) * 2, 12);
  expect(second?.p_adjusted).toBe(second?.p_value);
});

test("a comparison turned around has the opposite sign and the same p", () => {
  const cell = fc.constantFrom<Cell>(0, 1, [1, 0], [1, 1, 0], 0.25, null);
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 40 }), (cells) => {
      const a = side(
        "a",
        cells.map(([value]) => value),
      );
      const b = side(
        "b",
        cells.map(([, value]) => value),
      );
      const there = compare([between(a, b)]).comparisons[0] as Comparison;
      const back = compare([between(b, a)]).comparisons[0] as Comparison;
      expect(back.n).toBe(there.n);
      expect(back.difference.value ?? 0).toBeCloseTo(-(there.difference.value ?? 0), 9);
      expect(back.difference.low ?? 0).toBeCloseTo(-(there.difference.high ?? 0), 9);
      expect(back.p_value ?? 2).toBeCloseTo(there.p_value ?? 2, 9);
      expect([back.regressed, back.improved]).toEqual([there.improved, there.regressed]);
      expect(back.flipped).toHaveLength(there.flipped.length);
    }),
  );
});

describe("variants of two sides", () => {
  const made = (...models: readonly string[]): Side =>
    testSide({
      rows: 1,
      variants: Object.fromEntries(models.map((model) => [model, { promptId: "p", parameters: { model } }])),
    });

  test("pair by prompt, provider and parameters", () => {
    expect(pairVariants(made("a", "b"), made("b", "c"), [])).toEqual({
      pairs: [{ base: 1, candidate: 0 }],
      onlyBase: [0],
      onlyCandidate: [1],
      ambiguous: [],
    });
  });

  test("a declared key may differ; one of the base stands against all that fit", () => {
    expect(pairVariants(made("a"), made("b", "c"), ["model"]).pairs).toEqual([
      { base: 0, candidate: 0 },
      { base: 0, candidate: 1 },
    ]);
  });

  test("of several that would fit, the unchanged one is meant, and none is guessed", () => {
    const { pairs, ambiguous } = pairVariants(made("a", "b"), made("b", "c"), ["model"]);
    expect([pairs, ambiguous]).toEqual([[{ base: 1, candidate: 0 }], [1]]);
  });

  test("what differs is named", () => {
    expect(differingKeys(made("a"), made("b"))).toEqual(["model"]);
  });
});

describe("an axis", () => {
  const grid = ["a", "b"].flatMap((model) => [0, 0.7].map((temperature) => ({ model, temperature })));
  const { variants } = testSide({
    rows: 1,
    variants: Object.fromEntries(grid.map((parameters, i) => [`v${i}`, { promptId: "p", parameters }])),
  });

  test("has all pairs that differ in it alone", () => {
    expect(axisPairs(variants, "model", null)).toEqual({
      pairs: [
        { base: 0, candidate: 2 },
        { base: 1, candidate: 3 },
      ],
    });
  });

  test("is compared with one of its values, as a flag writes it", () => {
    expect(axisPairs(variants, "temperature", "0.7")).toEqual({
      pairs: [
        { base: 1, candidate: 0 },
        { base: 3, candidate: 2 },
      ],
    });
  });

  test("or a value that does not exist is said, with what there is", () => {
    expect(axisPairs(variants, "modell", null)).toMatchObject({ problem: "this run has no axis `modell`" });
    expect(axisPairs(variants, "model", "something-else")).toMatchObject({ hint: "it takes `a`, `b`" });
    expect(axisPairs(variants, "prompt", null)).toMatchObject({
      problem: "`prompt` has one value alone in this run",
      hint: "axes of this run: `model`, `temperature`",
    });
  });
});
