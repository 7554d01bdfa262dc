import { describe, expect, test } from "vitest";
import type { RequestResult } from "../../src/aggregate/result.ts";
import { RowScores } from "../../src/aggregate/row-scores.ts";
import { createSummary, type SummaryFacts } from "../../src/aggregate/summary.ts";
import type { Summary, VariantSummary } from "../../src/aggregate/summary-shape.ts";
import { columnOf } from "../../src/score/score-column.ts";
import { meanInterval, rateInterval, wilsonInterval } from "../../src/stats/index.ts";
import { answered, choiceOf, failed, pending, run, scoredAs, scorerOf, variantOf } from "./results.ts";

function summarise(results: readonly RequestResult[], facts: Partial<SummaryFacts> = {}): Summary {
  const variants = facts.variants ?? [variantOf("m")];
  const builder = createSummary({
    run,
    wallSeconds: 10,
    clustered: false,
    scorers: [columnOf(scorerOf("correct"))],
    ...facts,
    variants,
  });
  for (const result of results) builder.add(result);
  return builder.finish();
}

function only(summary: Summary): VariantSummary {
  const [variant] = summary.variants;
  if (variant === undefined || summary.variants.length !== 1) throw new Error("one variant was expected");
  return variant;
}

const six = (value: number | null): number | null => (value === null ? null : Math.round(value * 1e6) / 1e6);
const rate = (rows: readonly number[], options: Parameters<typeof rateInterval>[1] = {}): object => {
  const { value, low, high, n } = rateInterval(rows, options);
  return { value: six(value), low: six(low), high: six(high), n };
};

describe("pass rates", () => {
  test("one completion a row gives wilson's interval over rows", () => {
    const results = Array.from({ length: 10 }, (_, i) => answered(0, `r${i}`, [choiceOf(i < 7)]));
    const { low, high } = wilsonInterval(7, 10);
    const variant = only(summarise(results));
    expect(variant).toMatchObject({ passed: 7, scored: 10, completions: 10, requests: 10, answered: 10 });
    expect(variant.pass_rate).toEqual({ value: 0.7, low: six(low), high: six(high), n: 10 });
    expect(variant.scores).toEqual({ correct: { ...variant.pass_rate, unscored: 0 } });
  });

  test("a row's score is the mean over its trials and choices, and n counts rows", () => {
    const results = [
      answered(0, "a", [choiceOf(true), choiceOf(false, { choice: 1 })], { trial: 0 }),
      answered(0, "a", [choiceOf(true), choiceOf(true, { choice: 1 })], { trial: 1 }),
      answered(0, "b", [choiceOf(true), choiceOf(true, { choice: 1 })], { trial: 0 }),
      answered(0, "b", [choiceOf(true), choiceOf(true, { choice: 1 })], { trial: 1 }),
      answered(0, "c", [choiceOf(false), choiceOf(false, { choice: 1 })], { trial: 0 }),
      answered(0, "c", [choiceOf(false), choiceOf(true, { choice: 1 })], { trial: 1 }),
    ];
    const variant = only(summarise(results));
    expect(variant).toMatchObject({ passed: 8, scored: 12, completions: 12, requests: 6 });
    expect(variant.pass_rate).toEqual(rate([0.75, 1, 0.25], { completions: 12 }));
  });

  test("failed, pending and unscored requests never enter a rate, and a row without any answer is no row", () => {
    const results = [
      answered(0, "a", [choiceOf(true)], { trial: 0 }),
      failed(0, "a", "timeout", "no token in 120 s", { trial: 1 }),
      failed(0, "b", "server", "500", { trial: 0 }),
      pending(0, "b", { trial: 1 }),
      answered(0, "c", [choiceOf(null)], { trial: 0 }),
      answered(0, "c", [choiceOf(false)], { trial: 1 }),
    ];
    const variant = only(summarise(results));
    expect(variant).toMatchObject({
      requests: 6,
      answered: 3,
      failed: 2,
      pending: 1,
      completions: 3,
      passed: 1,
      scored: 2,
      attempts: 15,
      failures: { timeout: 1, server: 1 },
    });
    expect(variant.pass_rate).toEqual(rate([1, 0], { completions: 2 }));
  });

  test("without a required scorer nothing passes, and the scores stand for themselves", () => {
    const scorers = [columnOf(scorerOf("correct", "exact", false))];
    const variant = only(
      summarise([answered(0, "a", [scoredAs({ correct: { value: 1 } }, null)])], { scorers }),
    );
    expect(variant).toMatchObject({ passed: null, pass_rate: null, cost_per_pass: null });
    expect(variant.scores).toEqual({ correct: { ...rate([1]), unscored: 0 } });
  });

  test("nothing scored is unknown, never 0", () => {
    const variant = only(summarise([failed(0, "a", "server", "500")]));
    expect(variant.pass_rate).toEqual({ value: null, low: null, high: null, n: 0 });
    expect(variant.latency_ms).toEqual({
      mean: null,
      p50: null,
      p90: null,
      p95: null,
      p99: null,
      max: null,
      n: 0,
    });
    expect(variant.prompt_tokens).toEqual({ sum: null, mean: null, known: 0 });
    expect(variant.cost).toBeNull();
  });

  test("clusters widen the interval when the dataset names them, and only then", () => {
    const rows = [1, 1, 1, 1, 0, 0, 0, 0];
    const results = rows.map((value, i) =>
      answered(0, `r${i}`, [choiceOf(value === 1)], { cluster: i < 4 ? "first" : i < 6 ? "second" : null }),
    );
    const clusters = ["f", "f", "f", "f", "s", "s", "x", "y"];
    expect(only(summarise(results, { clustered: true })).pass_rate).toEqual(
      rate(rows, { clusters, completions: 8 }),
    );
    expect(only(summarise(results)).pass_rate).toEqual(rate(rows, { completions: 8 }));
  });
});

describe("times, tokens and cost", () => {
  test("percentiles are exact, and p99 needs a hundred answers", () => {
    const times = [120, 95, 430, 210, 180, 150, 160, 990, 140, 130];
    const results = times.map((latencyMs, i) => answered(0, `r${i}`, [choiceOf(true)], { latencyMs }));
    expect(only(summarise(results)).latency_ms).toEqual({
      mean: 260.5,
      p50: 155,
      p90: 486,
      p95: 738,
      p99: null,
      max: 990,
      n: 10,
    });
    const hundred = Array.from({ length: 100 }, (_, i) =>
      answered(0, `r${i}`, [choiceOf(true)], { latencyMs: i + 1 }),
    );
    expect(only(summarise(hundred)).latency_ms).toMatchObject({ p50: 50.5, p99: 99.01, max: 100, n: 100 });
  });

  test("reused answers count as answers, and their times as nothing", () => {
    const usage = { completionTokens: 50 };
    const results = [
      answered(0, "a", [choiceOf(true)], { latencyMs: 5, reused: true, usage, attempts: 0 }),
      answered(0, "b", [choiceOf(true)], { latencyMs: 200, usage }),
    ];
    const summary = summarise(results);
    expect(only(summary)).toMatchObject({
      answered: 2,
      reused: 1,
      passed: 2,
      latency_ms: { mean: 200, n: 1 },
    });
    expect(summary.totals).toMatchObject({
      completion_tokens: 100,
      requests_per_second: 0.1,
      output_tokens_per_second: 5,
    });
  });

  test("tokens nobody reported are left out and counted apart; tokens are per request, not per choice", () => {
    const choices = [choiceOf(true), choiceOf(true, { choice: 1 })];
    const results = [
      answered(0, "a", choices, { usage: { promptTokens: 10, completionTokens: 30 } }),
      answered(0, "b", choices, { usage: { promptTokens: 20 } }),
      answered(0, "c", choices),
    ];
    expect(only(summarise(results))).toMatchObject({
      completions: 6,
      prompt_tokens: { sum: 30, mean: 15, known: 2 },
      completion_tokens: { sum: 30, mean: 30, known: 1 },
      cached_tokens: { sum: null, mean: null, known: 0 },
    });
  });

  test("cost is summed by currency and says when a price is unknown", () => {
    const variants = [variantOf("a"), variantOf("b"), variantOf("c")];
    const priced = (
      variantIndex: number,
      row: string,
      amount: number | null,
      currency = "CNY",
    ): RequestResult =>
      answered(variantIndex, row, [choiceOf(true)], { cost: amount === null ? null : { amount, currency } });
    const summary = summarise(
      [
        priced(0, "a", 0.1),
        priced(0, "b", 0.2),
        priced(1, "a", 0.5, "USD"),
        priced(1, "b", null),
        priced(2, "a", 1),
        priced(2, "b", 1, "USD"),
      ],
      { variants },
    );
    expect(
      summary.variants.map(({ cost, cost_per_request, cost_per_pass }) => ({
        cost,
        cost_per_request,
        cost_per_pass,
      })),
    ).toEqual([
      {
        cost: { currency: "CNY", amount: 0.3, complete: true },
        cost_per_request: 0.15,
        cost_per_pass: 0.15,
      },
      {
        cost: { currency: "USD", amount: 0.5, complete: false },
        cost_per_request: null,
        cost_per_pass: null,
      },
      { cost: null, cost_per_request: null, cost_per_pass: null },
    ]);
    expect(summary.totals.cost).toEqual([
      { currency: "CNY", amount: 1.3, complete: false },
      { currency: "USD", amount: 1.5, complete: false },
    ]);
  });
});

describe("the whole", () => {
  test("graded scores carry t intervals over rows, cut to 0..1", () => {
    const scores = new RowScores(false);
    const values = [0.4, 1, 1, 0.2, 1];
    values.forEach((value, row) => {
      scores.add(row, null, value);
      scores.add(row, null, null);
    });
    const { mean, low } = meanInterval(values);
    expect(scores.estimate(true)).toEqual({ value: six(mean), low: six(low), high: 1, n: 5 });
    expect(new RowScores(false).estimate(true)).toEqual({ value: null, low: null, high: null, n: 0 });
  });

  test("variants without results are there with zeros, in the order of the plan", () => {
    const variants = [variantOf("a"), variantOf("b"), variantOf("c")];
    const summary = summarise([answered(1, "r", [choiceOf(true)])], { variants });
    expect(summary.variants.map(({ variant, requests, passed }) => [variant, requests, passed])).toEqual([
      ["model=a", 0, 0],
      ["model=b", 1, 1],
      ["model=c", 0, 0],
    ]);
  });

  test("a result out of plan order is a bug, and thrown", () => {
    const variants = [variantOf("a"), variantOf("b")];
    const results = [answered(1, "r", []), answered(0, "r", [])];
    expect(() => summarise(results, { variants })).toThrow(/plan order/);
    expect(() => summarise([answered(2, "r", [])], { variants })).toThrow(/plan order/);
  });

  test("totals are the sums of the variants, and the commonest failure messages come first", () => {
    const variants = [variantOf("a"), variantOf("b")];
    const { totals, verdict, gates } = summarise(
      [
        answered(0, "r1", [choiceOf(true)]),
        failed(0, "r2", "server", "boom"),
        failed(1, "r1", "timeout", "too slow"),
        failed(1, "r2", "timeout", "too slow"),
        pending(1, "r3"),
      ],
      { variants, wallSeconds: 0 },
    );
    expect({ verdict, gates }).toEqual({ verdict: "none", gates: [] });
    expect(totals).toEqual({
      requests: 5,
      answered: 1,
      failed: 3,
      pending: 1,
      reused: 0,
      completions: 1,
      attempts: 19,
      prompt_tokens: null,
      completion_tokens: null,
      reasoning_tokens: null,
      cached_tokens: null,
      total_tokens: null,
      cost: [],
      spent: { bought: [], reused: [], lost: { attempts: 0, known: 0, cost: [] } },
      failures: { timeout: 2, server: 1 },
      odd_answers: { thought_only: 0, cut_in_thought: 0, fewer_choices: 0, without_usage: 1 },
      failure_messages: [
        { kind: "timeout", message: "too slow", count: 2 },
        { kind: "server", message: "boom", count: 1 },
      ],
      judging: null,
      wall_seconds: 0,
      requests_per_second: null,
      output_tokens_per_second: null,
    });
  });
});
