import { describe, expect, test } from "vitest";
import type { GateResult } from "../../src/compare/comparison.ts";
import { allFlips } from "../../src/compare/flips.ts";
import type { GateSpec } from "../../src/compare/gate.ts";
import { type GateInput, type JudgedGates, judgeGates } from "../../src/compare/judge-gates.ts";
import { readMetric } from "../../src/compare/metric.ts";
import type { Side } from "../../src/compare/side.ts";
import { type Cell, testSide } from "./sides.ts";

function gate(
  metric: string,
  limit: Partial<Record<GateSpec["limit"]["kind"], number>>,
  more: Partial<GateSpec> = {},
): GateSpec {
  const read = readMetric(metric, ["grade", "correct"]);
  if (!("metric" in read)) throw new Error(read.problem);
  const [[kind, value] = ["min", 0]] = Object.entries(limit);
  return {
    id: `${metric} ${kind}`,
    metric: read.metric,
    limit: { kind: kind as GateSpec["limit"]["kind"], value },
    against: null,
    variants: null,
    per: "variant",
    by: null,
    maxMissing: 0.02,
    missing: [],
    vary: [],
    place: null,
    ...more,
  };
}

function judge(
  gates: readonly GateSpec[],
  candidate: Side,
  base: Side | null,
  more: Partial<GateInput> = {},
): JudgedGates {
  return judgeGates({
    gates,
    candidate,
    base,
    shared: false,
    confirm: false,
    confirmed: new Set(),
    promptPlace: () => null,
    flips: allFlips,
    ...more,
  });
}

function only(judged: JudgedGates): GateResult {
  expect(judged.results).toHaveLength(1);
  return judged.results[0] as GateResult;
}

/** `passed` ones and then zeros. */
function rows(passed: number, of: number): readonly number[] {
  return Array.from({ length: of }, (_, i) => (i < passed ? 1 : 0));
}

function side(pass: readonly Cell[], name = "run", more: object = {}): Side {
  return testSide({ name, rows: pass.length, variants: { v1: { pass, ...more } } });
}

const drop = gate("pass_rate", { max_drop: 0.05 });

describe("a drop of the pass rate", () => {
  test("that is large and significant fails, with its numbers", () => {
    const judged = judge([drop], side(rows(150, 200)), side(rows(180, 200), "baselines/main.json"));
    const result = only(judged);
    expect(judged.verdict).toBe("fail");
    expect(result).toMatchObject({
      base: "baselines/main.json",
      candidate: "prompt=v1",
      test: "mcnemar-midp",
      n: 200,
      base_value: 0.9,
      candidate_value: 0.75,
      regressed: 30,
      improved: 0,
      verdict: "fail",
    });
    expect(result.reason).toMatch(
      /^pass_rate fell by 15\.0 points \[.*\] from 0\.900 to 0\.750, no more than 5\.0 points is allowed, one-sided p < 0\.0001 \(McNemar mid-p: 30 rows regressed, 0 improved\)$/,
    );
  });

  test("that is large in a small sample is inconclusive, and says how many rows would do", () => {
    const result = only(judge([drop], side(rows(16, 20)), side(rows(18, 20))));
    expect(result.verdict).toBe("inconclusive");
    expect(result.rows_needed).toBeGreaterThan(90);
    expect(result.reason).toMatch(/not significant.*; \d+ rows more would settle it$/);
  });

  test("that is significant and smaller than the limit passes", () => {
    const result = only(judge([drop], side(rows(1960, 2000)), side(rows(1985, 2000))));
    expect(result.p_adjusted).toBeLessThan(0.01);
    expect(result.verdict).toBe("pass");
  });

  test("of exactly the limit counts: 0.15 − 0.1 is 5 points whatever the rounding", () => {
    const result = only(judge([drop], side(rows(200, 2000)), side(rows(300, 2000))));
    expect(result.verdict).toBe("fail");
  });

  test("none at all is no pass where so few rows could not have shown one", () => {
    const few = only(judge([drop], side(rows(30, 30)), side(rows(30, 30))));
    expect(few.verdict).toBe("inconclusive");
    expect(few.mde).toBeGreaterThan(0.05);
    expect(only(judge([drop], side(rows(150, 150)), side(rows(150, 150)))).verdict).toBe("pass");
  });

  test("averaged rows that all agree are treated alike", () => {
    const all = (n: number): readonly Cell[] => Array.from({ length: n }, () => [1, 1, 1]);
    expect(only(judge([drop], side(all(10)), side(all(10)))).verdict).toBe("inconclusive");
    expect(only(judge([drop], side(all(150)), side(all(150)))).verdict).toBe("pass");
  });

  test("one row decides nothing", () => {
    expect(only(judge([drop], side([0]), side([1]))).verdict).toBe("inconclusive");
  });

  test("a rise passes", () => {
    expect(only(judge([drop], side(rows(190, 200)), side(rows(150, 200)))).verdict).toBe("pass");
  });

  test("flipped rows are listed with both answers, regressions first", () => {
    const base = side([0, 1, 1, 1], "base", { outputs: ["a", "b", "c", "d"] });
    const result = only(judge([drop], side([1, 1, 0, 1], "run", { outputs: ["A", "B", "C", "D"] }), base));
    expect(result.flipped).toEqual([
      { row_id: "r3", base: { value: 1, output: "c" }, candidate: { value: 0, output: "C" } },
      { row_id: "r1", base: { value: 0, output: "a" }, candidate: { value: 1, output: "A" } },
    ]);
  });
});

describe("missing answers", () => {
  test("never move the pass rate, and make the verdict invalid from 3 % on", () => {
    const answers: readonly Cell[] = [...rows(97, 97), null, null, null];
    const failed = { timeout: [...rows(0, 97), 1, 1, 1] };
    const judged = judge(
      [gate("pass_rate", { min: 0.9 }), drop],
      side(answers, "run", { failed }),
      side(rows(100, 100)),
    );
    expect(judged.verdict).toBe("invalid");
    expect(judged.results.map(({ verdict, candidate_value: value }) => [verdict, value])).toEqual([
      ["invalid", 1],
      ["invalid", 1],
    ]);
    expect(judged.results[0]?.reason).toBe(
      "pass_rate is missing for 3 of 100 requests (3 %: 3 timeout), more than 2 %",
    );
  });

  test("of 2 % are left out of the pairs and nothing else", () => {
    const answers: readonly Cell[] = [...rows(98, 98), null, null];
    const result = only(
      judge(
        [drop],
        side(answers, "run", { failed: { timeout: [...rows(0, 98), 1, 1] } }),
        side(rows(100, 100)),
      ),
    );
    expect(result).toMatchObject({ n: 98, only_base: 2, candidate_value: 1, verdict: "pass" });
  });

  test("what the prompt itself causes counts as not passed, unless the gate says otherwise", () => {
    const answers: readonly Cell[] = [...rows(90, 90), ...Array.from({ length: 10 }, () => null)];
    const failed = { content_filtered: [...rows(0, 90), ...rows(10, 10)] };
    const floor = gate("pass_rate", { min: 0.95 });
    expect(only(judge([floor], side(answers, "run", { failed }), null))).toMatchObject({
      candidate_value: 0.9,
      verdict: "fail",
    });
    const lenient = { ...floor, missing: ["content_filtered"] as const };
    expect(only(judge([lenient], side(answers, "run", { failed }), null)).verdict).toBe("invalid");
  });

  test("a run in which everything failed is invalid, never passed", () => {
    const none: readonly Cell[] = Array.from({ length: 50 }, () => null);
    const failed = { network: rows(50, 50) };
    const judged = judge(
      [gate("pass_rate", { min: 0 }), drop, gate("failure_rate", { max: 1 })],
      side(none, "run", { failed }),
      side(rows(50, 50)),
    );
    expect(judged.results.map(({ verdict }) => verdict)).toEqual(["invalid", "invalid", "pass"]);
    expect(judged.verdict).toBe("invalid");
  });

  test("answers that could not be scored are missing, too", () => {
    const candidate = side([...rows(90, 90), ...Array.from({ length: 10 }, () => null)], "run", {
      completions: rows(100, 100),
      requests: rows(100, 100),
    });
    expect(only(judge([drop], candidate, side(rows(100, 100)))).verdict).toBe("invalid");
  });
});

describe("what stands against what", () => {
  test("without a baseline there is nothing to say, and that is no pass", () => {
    const judged = judge([drop], side(rows(10, 10)), null);
    expect(only(judged)).toMatchObject({ verdict: "none", reason: "there is no baseline", base: null });
    expect(judged.verdict).toBe("none");
  });

  test("another prompt of the same run", () => {
    const run = testSide({
      rows: 200,
      variants: { v1: { pass: rows(180, 200) }, v2: { pass: rows(150, 200) } },
    });
    const result = only(judge([{ ...drop, against: { prompt: "v1" } }], run, null));
    expect(result).toMatchObject({ base: "prompt=v1", candidate: "prompt=v2", verdict: "fail" });
    expect([result.base_variants, result.candidate_variants]).toEqual([["id-v1"], ["id-v2"]]);
  });

  test("a variant that the baseline does not have says so", () => {
    const run = testSide({ rows: 10, variants: { v1: { pass: rows(9, 10) }, v9: { pass: rows(9, 10) } } });
    const judged = judge([drop], run, side(rows(9, 10), "main.json"));
    expect(judged.results.map(({ verdict }) => verdict)).toEqual(["inconclusive", "inconclusive"]);
    expect(judged.results[1]?.reason).toBe("it is not in main.json: nothing to compare with");
    expect(judged.warnings).toEqual([
      "prompt=v9: it is not in main.json: nothing to compare with (a gate's `vary: prompt` or `vary: model` pairs what was renamed)",
    ]);
  });

  test("no row in common is invalid", () => {
    const base = testSide({ name: "old", rows: ["x", "y"], variants: { v1: { pass: [1, 1] } } });
    expect(only(judge([drop], side([1, 1]), base))).toMatchObject({
      verdict: "invalid",
      reason: "the run and old have no row in common",
    });
  });

  test("rows whose variables differ are left out", () => {
    const asked = (question: string): { id: string; variables: { question: string } } => ({
      id: question[0] ?? "",
      variables: { question },
    });
    const base = testSide({ rows: [asked("a?"), asked("b?")], variants: { v1: { pass: [1, 1] } } });
    const run = testSide({ rows: [asked("a?"), asked("b!")], variants: { v1: { pass: [1, 0] } } });
    expect(only(judge([drop], run, base))).toMatchObject({ n: 1, only_base: 1, only_candidate: 1 });
  });

  test("a scorer that changed makes its metrics invalid", () => {
    const base = testSide({
      name: "main.json",
      rows: 2,
      variants: { v1: { pass: [1, 1] } },
      scorers: { correct: "other" },
    });
    const run = testSide({ rows: 2, variants: { v1: { pass: [1, 1] } }, scorers: { correct: "this" } });
    const result = only(judge([drop], run, base));
    expect(result.verdict).toBe("invalid");
    expect(result.reason).toContain("save the baseline again");
  });

  test("both sides of one session that ask the very same cannot differ", () => {
    const ids = ["a", "b", "c"];
    const result = only(
      judge(
        [drop],
        side([1, 0, 1], "run", { requestIds: ids }),
        side([1, 0, 1], "main", { requestIds: ids }),
        {
          shared: true,
        },
      ),
    );
    expect(result).toMatchObject({
      verdict: "pass",
      reason: "both sides ask the very same: nothing changed",
    });
  });
});

test("the very same requests that all failed are no pass", () => {
  const lost = { requestIds: ["a", "b"], failed: { network: [1, 1] } };
  const result = only(
    judge([drop], side([null, null], "run", lost), side([null, null], "main", lost), { shared: true }),
  );
  expect(result.verdict).toBe("invalid");
});

test("times of the very same requests are not asked for twice: no reason to call them missing", () => {
  const ids = { requestIds: ["a", "b"] };
  const result = only(
    judge(
      [gate("latency_ms.p50", { max_increase: 0.2 })],
      side([1, 1], "run", { ...ids, series: { latency_ms: [100, 120] } }),
      side([1, 1], "main", ids),
      { shared: true },
    ),
  );
  expect(result.verdict).toBe("pass");
});

describe("verdicts that the data does not carry are not given", () => {
  test("100 rows of 4 clusters are four: no test of four could fail, so none passes", () => {
    const parts = Array.from({ length: 100 }, (_, i) => ({ id: `r${i}`, cluster: `c${i % 4}` }));
    const tokens = (scale: number): Side =>
      testSide({
        rows: parts,
        clustered: true,
        variants: {
          v1: { pass: rows(100, 100), series: { completion_tokens: rows(100, 100).map(() => 50 * scale) } },
        },
      });
    const spec = gate("completion_tokens.mean", { max_increase: 0.1 });
    const result = only(judge([spec], tokens(1.09), tokens(1)));
    expect(result).toMatchObject({
      verdict: "inconclusive",
      reason: expect.stringContaining("4 clusters cannot decide"),
    });
  });

  test("a quantile is not compared with a baseline that holds means of several trials", () => {
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
    const base = {
      ...run,
      name: "main.json",
      variants: variant === undefined ? [] : [{ ...variant, series: saved }],
    };
    const result = only(judge([gate("latency_ms.p95", { max_increase: 0.2 })], run, base));
    expect(result).toMatchObject({ verdict: "invalid", reason: expect.stringContaining("no single values") });
  });

  test("a quantity that the baseline does not hold is no missing answer", () => {
    const base = side(rows(10, 10), "main.json");
    const run = side(rows(10, 10), "run", { series: { total_tokens: rows(10, 10) } });
    const result = only(judge([gate("total_tokens.mean", { max_increase: 0.2 })], run, base));
    expect(result.reason).toBe("main.json does not hold total_tokens.mean: save the baseline again");
  });

  test("0 on both sides is no increase, whatever relative to it would be", () => {
    const free = (): Side =>
      side(rows(10, 10), "run", { series: { cost: rows(0, 10) }, currencies: ["CNY"] });
    expect(only(judge([gate("cost", { max_increase: 0.1 })], free(), free())).verdict).toBe("pass");
  });

  test("rows that the base has not yet are nothing to judge", () => {
    const parts = (names: readonly string[]): { id: string; variables: { cat: string } }[] =>
      names.map((cat, i) => ({ id: `${cat}${i}`, variables: { cat } }));
    const base = testSide({ rows: parts(["a", "a"]), variants: { v1: { pass: [1, 1] } } });
    const run = testSide({ rows: parts(["a", "a", "b"]), variants: { v1: { pass: [1, 1, 1] } } });
    const judged = judge([{ ...drop, by: "cat" }], run, base);
    expect(judged.results.map(({ slice, verdict }) => [slice?.value, verdict])).toEqual([
      ["a", "inconclusive"],
      ["b", "none"],
    ]);
  });

  test("a missing answer of one variant does not move the average of all", () => {
    const v1: readonly Cell[] = [...rows(96, 96), null, null, null, null];
    const run = testSide({
      rows: 100,
      variants: {
        v1: { pass: v1, failed: { timeout: [...rows(0, 96), 1, 1, 1, 1] } },
        v2: { pass: rows(0, 100) },
      },
    });
    const base = testSide({
      rows: 100,
      variants: { v1: { pass: rows(100, 100) }, v2: { pass: rows(0, 100) } },
    });
    const judged = judge([{ ...gate("pass_rate", { max_drop: 0.02 }), per: "run" }], run, base);
    expect(only(judged)).toMatchObject({ n: 96, base_value: 0.5, candidate_value: 0.5 });
  });

  test("a new variant beside an average of all says that it is in none", () => {
    const run = testSide({
      rows: 200,
      variants: { v1: { pass: rows(200, 200) }, v2: { pass: rows(0, 200) } },
    });
    const judged = judge([{ ...drop, per: "run" }], run, side(rows(200, 200), "main.json"));
    expect(judged.results.map(({ verdict }) => verdict)).toEqual(["pass", "inconclusive"]);
  });

  test("more failures are regressions", () => {
    const failing = (count: number, name: string): Side =>
      side(
        Array.from({ length: 100 }, (_, i) => (i < count ? null : 1)),
        name,
        { failed: { timeout: rows(count, 100) } },
      );
    const result = only(
      judge([gate("failure_rate", { max_increase: 0.05 })], failing(20, "run"), failing(0, "old")),
    );
    expect(result).toMatchObject({ verdict: "fail", regressed: 20, improved: 0 });
  });

  test("times of rows that both sides asked together are left out, the others are compared", () => {
    const ids = (changed: string): readonly string[] =>
      rows(30, 30).map((_, i) => (i < 10 ? `same${i}` : `${changed}${i}`));
    const base = side(rows(30, 30), "main", {
      requestIds: ids("old"),
      series: { latency_ms: rows(30, 30).map((_, i) => (i < 10 ? null : 100 + i)) },
    });
    const run = side(rows(30, 30), "run", {
      requestIds: ids("new"),
      series: { latency_ms: rows(30, 30).map((_, i) => 100 + i) },
    });
    const spec = gate("latency_ms.mean", { max_increase: 0.2 });
    expect(only(judge([spec], run, base, { shared: true }))).toMatchObject({ n: 20, verdict: "pass" });
  });
});

describe("several gates", () => {
  test("are one family: Holm over all of them", () => {
    const variants = Object.fromEntries(
      Array.from({ length: 10 }, (_, i) => [`v${i}`, { pass: rows(i === 0 ? 93 : 100, 100) }]),
    );
    const before = Object.fromEntries(
      Array.from({ length: 10 }, (_, i) => [`v${i}`, { pass: rows(100, 100) }]),
    );
    const judged = judge(
      [drop],
      testSide({ rows: 100, variants }),
      testSide({ rows: 100, variants: before }),
    );
    const [first] = judged.results;
    expect(first?.p_adjusted).toBeCloseTo((first?.p_value ?? 0) * 10, 9);
    const alone = only(judge([drop], side(rows(93, 100)), side(rows(100, 100))));
    expect(alone.p_adjusted).toBe(alone.p_value);
    expect(alone.mde).toBeLessThan(first?.mde ?? 0);
  });

  test("the verdict is the worst: invalid, fail, inconclusive, pass", () => {
    const candidate = side(rows(150, 200));
    const good = gate("pass_rate", { min: 0.5 });
    expect(judge([good], candidate, null).verdict).toBe("pass");
    expect(judge([good, gate("pass_rate", { min: 0.8 })], candidate, null).verdict).toBe("fail");
    expect(judge([good, drop], side(rows(15, 20)), side(rows(15, 20))).verdict).toBe("inconclusive");
  });

  test("of slices judge each value of a column", () => {
    const parts = Array.from({ length: 200 }, (_, i) => ({
      id: `r${i}`,
      variables: { category: i < 100 ? "easy" : "hard" },
    }));
    const base = testSide({ rows: parts, variants: { v1: { pass: rows(200, 200) } } });
    const run = testSide({ rows: parts, variants: { v1: { pass: rows(150, 200) } } });
    const judged = judge([{ ...drop, by: "category" }], run, base);
    expect(judged.results.map(({ slice, verdict }) => [slice?.value, verdict])).toEqual([
      ["easy", "pass"],
      ["hard", "fail"],
    ]);
  });

  test("in all: the variants of a run together, row by row", () => {
    const base = testSide({
      rows: 200,
      variants: { v1: { pass: rows(200, 200) }, v2: { pass: rows(200, 200) } },
    });
    const run = testSide({
      rows: 200,
      variants: { v1: { pass: rows(180, 200) }, v2: { pass: rows(180, 200) } },
    });
    expect(only(judge([{ ...drop, per: "run" }], run, base))).toMatchObject({
      candidate: "all 2 variants",
      candidate_value: 0.9,
      n: 200,
      verdict: "fail",
    });
  });
});

describe("other metrics", () => {
  const tokens = (scale: number): readonly number[] =>
    Array.from({ length: 60 }, (_, i) => (80 + (i % 9)) * scale);
  const withSeries = (name: string, values: readonly number[], label = "run"): Side =>
    testSide({ name: label, rows: 60, variants: { v1: { pass: rows(60, 60), series: { [name]: values } } } });

  test("an increase is relative to the base", () => {
    const spec = gate("completion_tokens.mean", { max_increase: 0.2 });
    const judged = judge(
      [spec],
      withSeries("completion_tokens", tokens(1.5)),
      withSeries("completion_tokens", tokens(1)),
    );
    expect(only(judged).reason).toMatch(
      /^completion_tokens.mean rose by 50 % \[50, 50\] from .* at most 20 % is allowed/,
    );
    expect(judged.verdict).toBe("fail");
    const fewer = judge(
      [spec],
      withSeries("completion_tokens", tokens(0.9)),
      withSeries("completion_tokens", tokens(1)),
    );
    expect(fewer.verdict).toBe("pass");
  });

  test("a tail of few values, and times of another day, are called noise", () => {
    const base = {
      ...withSeries("latency_ms", tokens(10), "main.json"),
      startedAt: "2026-01-01T00:00:00.000Z",
    };
    const { warnings } = judge(
      [gate("latency_ms.p95", { max_increase: 0.2 })],
      withSeries("latency_ms", tokens(10)),
      base,
    );
    expect(warnings).toEqual([
      expect.stringContaining("latency_ms.p95 of 60 values is mostly noise"),
      expect.stringContaining("measured on another day"),
    ]);
  });

  test("costs are told with their currency, and other metrics without", () => {
    const cost = side(rows(6, 6), "run", { series: { cost: rows(6, 6) }, currencies: ["CNY"] });
    expect(only(judge([gate("cost", { max_increase: 0.1 })], cost, cost)).currency).toBe("CNY");
    expect(only(judge([gate("cost", { max: 10 })], cost, null)).currency).toBe("CNY");
    expect(only(judge([gate("pass_rate", { max_drop: 0.1 })], cost, cost))).not.toHaveProperty("currency");
  });

  test("costs in two currencies cannot be compared", () => {
    const cost = (currency: string): Side =>
      testSide({
        rows: 6,
        variants: { v1: { pass: rows(6, 6), series: { cost: rows(6, 6) }, currencies: [currency] } },
      });
    expect(only(judge([gate("cost", { max_increase: 0.1 })], cost("CNY"), cost("USD"))).reason).toBe(
      "costs in CNY and USD cannot be compared",
    );
  });

  test("a base of 0 has no relative change", () => {
    const spec = gate("reasoning_tokens.mean", { max_increase: 0.1 });
    const result = only(
      judge([spec], withSeries("reasoning_tokens", tokens(1)), withSeries("reasoning_tokens", tokens(0))),
    );
    expect(result.verdict).toBe("invalid");
  });

  test("max compares the value, its whole sum too", () => {
    const run = withSeries("completion_tokens", tokens(1));
    const sum = tokens(1).reduce((all, value) => all + value, 0);
    expect(judge([gate("completion_tokens.sum", { max: sum })], run, null).verdict).toBe("pass");
    expect(judge([gate("completion_tokens.sum", { max: sum - 1 })], run, null).verdict).toBe("fail");
    expect(judge([gate("completion_tokens.mean", { max: 80 })], run, null).verdict).toBe("fail");
  });
});

describe("confirmation", () => {
  const base = side(rows(100, 100));
  const candidate = side(rows(92, 100));

  test("a suspicion is no verdict until more trials were asked for", () => {
    const open = only(judge([drop], candidate, base, { confirm: true }));
    expect(open).toMatchObject({ suspected: true, verdict: "inconclusive" });
    const done = only(judge([drop], candidate, base, { confirm: true, confirmed: new Set(["id-v1"]) }));
    expect(done).toMatchObject({ suspected: false, verdict: "fail" });
    expect(done.reason).toContain("confirmed by more trials");
  });

  test("the pooled data is judged at 0.025", () => {
    const weak = side(rows(95, 100));
    const single = only(judge([drop], weak, base));
    expect(single.p_adjusted).toBeGreaterThan(0.015);
    const pooled = only(judge([drop], weak, base, { confirm: true, confirmed: new Set(["id-v1"]) }));
    expect(pooled.verdict).toBe((single.p_adjusted ?? 1) <= 0.025 ? "fail" : "inconclusive");
  });

  test("what is not suspected is not asked again", () => {
    expect(only(judge([drop], side(rows(99, 100)), base, { confirm: true })).suspected).toBe(false);
  });
});
