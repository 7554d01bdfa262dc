import type { RequestResult } from "../../src/aggregate/result.ts";
import { createSummary } from "../../src/aggregate/summary.ts";
import type { Summary, SummaryRun } from "../../src/aggregate/summary-shape.ts";
import type { Variant } from "../../src/plan/variant.ts";
import { columnOf, type ScoreColumn } from "../../src/score/score-column.ts";
import { answered, choiceOf, failed, pending, run, scorerOf, variantOf } from "../aggregate/results.ts";

/** Two variants of which one sends more parameters; labels with wide characters. */
export const variants: readonly Variant[] = [
  variantOf("Qwen/Qwen3-8B", { temperature: 0, response_format: { type: "json_object" } }),
  {
    ...variantOf("深度求索", { thinking_budget: 4096, temperature: 0.7 }),
    label: "model=深度求索,thinking_budget=4096",
  },
];

export const scorers: readonly ScoreColumn[] = [columnOf(scorerOf("correct"))];

/** What a model may write to do harm: control characters, quotes, formulas, markup, mentions, markers of direction. */
export const hostile =
  '=HYPERLINK("http://evil.example")\r\n| a | <img src=x> [x](http://evil.example) @someone #12 \u001b[31mred\u0007 \u202eabc `code` www.evil.example $x$';

const usage = { promptTokens: 12, completionTokens: 34, reasoningTokens: 5, totalTokens: 46 };

/** Results that hold one of everything: choices, trials, failures, pending and reused requests, costs, tool calls. */
export const results: readonly RequestResult[] = [
  answered(0, "r1", [choiceOf(true), choiceOf(false, { choice: 1, content: hostile })], {
    parameters: { model: "Qwen/Qwen3-8B", temperature: 0, response_format: { type: "json_object" } },
    variables: { question: "9 + 9?", answer: 18, tags: ["a", "b"], note: null },
    usage,
    cost: { amount: 0.000123, currency: "CNY" },
  }),
  answered(
    0,
    "r2",
    [
      choiceOf(null, {
        content: "",
        reasoning: "hm",
        toolCalls: [{ id: "c1", name: "f", arguments: '{"x":1}' }],
      }),
    ],
    {
      parameters: { model: "Qwen/Qwen3-8B", temperature: 0, response_format: { type: "json_object" } },
      variables: { question: "-1", answer: -1 },
      usage,
      latencyMs: 1234.567,
      cost: { amount: 0.0002, currency: "CNY" },
      reused: true,
      attempts: 0,
    },
  ),
  failed(1, "r1", "overloaded", hostile, {
    parameters: { model: "深度求索", thinking_budget: 4096, temperature: 0.7 },
    maybeBilled: true,
  }),
  answered(1, "r2", [choiceOf(true, { content: "十八" })], {
    parameters: { model: "深度求索", thinking_budget: 4096, temperature: 0.7 },
    usage: { ...usage, completionTokens: 4321 },
    latencyMs: 8_450,
  }),
  pending(1, "r3"),
];

/** Their summary. */
export function summaryOf(
  list: readonly RequestResult[] = results,
  facts: Partial<SummaryRun> = {},
): Summary {
  const builder = createSummary({
    run: { ...run, ...facts },
    wallSeconds: 12.5,
    variants,
    scorers,
    clustered: false,
  });
  for (const result of list) builder.add(result);
  return builder.finish();
}
