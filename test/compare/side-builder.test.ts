import { expect, test } from "vitest";
import { SideBuilder, type SideFacts } from "../../src/compare/side-builder.ts";
import { columnOf } from "../../src/score/score-column.ts";
import { answered, choiceOf, failed, pending, scorerOf, variantOf } from "../aggregate/results.ts";

const facts: SideFacts = {
  name: "run",
  startedAt: null,
  endedAt: null,
  rows: ["a", "b", "c"].map((id) => ({
    id,
    variables: { question: `${id}?`, level: 3 },
    line: 1,
    cluster: null,
  })),
  columns: ["question", "level"],
  variants: [variantOf("small"), variantOf("large")],
  scorers: [columnOf(scorerOf("correct")), columnOf(scorerOf("brief", "regex", false))],
  clustered: false,
  variables: ["question"],
  prompts: new Map(),
  quantities: ["pass", "scores.correct", "latency_ms", "completion_tokens", "cost"],
  singly: ["latency_ms"],
  output: () => null,
  requestId: () => null,
};

test("rows are averaged over trials and choices; what failed or was not asked is counted beside them", () => {
  const builder = new SideBuilder(facts);
  builder.add(
    answered(0, "a", [choiceOf(true), choiceOf(false)], { latencyMs: 100, usage: { completionTokens: 8 } }),
  );
  builder.add(answered(0, "a", [choiceOf(true), choiceOf(true)], { latencyMs: 300, trial: 1 }));
  builder.add(failed(0, "b", "timeout", "too slow", { rowIndex: 1 }));
  builder.add(answered(0, "b", [choiceOf(null)], { rowIndex: 1, trial: 1 }));
  builder.add(pending(0, "c", { rowIndex: 2 }));
  const [small, large] = builder.finish().variants;
  expect(Array.from(small?.requests ?? [])).toEqual([2, 2, 1]);
  expect(Array.from(small?.completions ?? [])).toEqual([4, 1, 0]);
  const pass = small?.series.get("pass");
  expect([Array.from(pass?.means ?? []), Array.from(pass?.counts ?? [])]).toEqual([
    [0.75, Number.NaN, Number.NaN],
    [4, 0, 0],
  ]);
  expect(Array.from(small?.series.get("latency_ms")?.values?.(0) ?? [])).toEqual([100, 300]);
  expect(small?.series.get("completion_tokens")?.counts[0]).toBe(1);
  expect([...(small?.missing.failed ?? [])].map(([kind, counts]) => [kind, Array.from(counts)])).toEqual([
    ["timeout", [0, 1, 0]],
  ]);
  expect(Array.from(small?.missing.pending ?? [])).toEqual([0, 0, 1]);
  expect(Array.from(large?.requests ?? [])).toEqual([0, 0, 0]);
  expect([small?.models, small?.currencies]).toEqual([["m-2026"], []]);
});

test("times of reused answers stay out, their tokens and cost do not", () => {
  const builder = new SideBuilder(facts);
  const cost = { amount: 0.02, currency: "CNY" };
  builder.add(answered(0, "a", [choiceOf(true)], { reused: true, cost, usage: { completionTokens: 8 } }));
  const [small] = builder.finish().variants;
  expect(small?.series.get("latency_ms")?.counts[0]).toBe(0);
  expect([small?.series.get("completion_tokens")?.means[0], small?.series.get("cost")?.means[0]]).toEqual([
    8, 0.02,
  ]);
  expect(small?.currencies).toEqual(["CNY"]);
});

test("a score that is not a number is no score", () => {
  const builder = new SideBuilder(facts);
  const broken = choiceOf(null);
  builder.add(answered(0, "a", [{ ...broken, scores: { correct: { value: Number.NaN } } }]));
  expect(builder.finish().variants[0]?.series.get("scores.correct")?.counts[0]).toBe(0);
});

test("columns, digests and scorers tell what a row was asked and how it was judged", () => {
  const side = new SideBuilder(facts).finish();
  expect([side.column(0, "level"), side.column(0, "nope")]).toEqual(["3", null]);
  expect(side.digest(0, ["question"])).toMatch(/^[0-9a-f]{12}$/);
  expect(side.digest(0, ["question"])).not.toBe(side.digest(1, ["question"]));
  expect(side.digest(0, ["nope"])).toBeNull();
  expect(side.required).toEqual(["correct"]);
  const renamed = new SideBuilder({
    ...facts,
    scorers: [columnOf({ ...scorerOf("correct"), threshold: 0.5 })],
  }).finish();
  expect(renamed.scorers.get("correct")).not.toBe(side.scorers.get("correct"));
});
