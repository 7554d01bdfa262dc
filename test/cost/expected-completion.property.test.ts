import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  assumedAnswerTokens,
  assumedThinkingTokens,
  expectedCompletion,
  outputLimits,
  worstCompletionTokens,
} from "../../src/cost/expected-completion.ts";

const whole = fc.integer({ min: 0, max: 100_000 });
const parameters = fc.record(
  {
    n: fc.integer({ min: 1, max: 8 }),
    max_tokens: whole,
    thinking_budget: whole,
    enable_thinking: fc.boolean(),
    reasoning_effort: fc.constantFrom("none", "low", "high"),
  },
  { requiredKeys: [] },
);
const earlier = fc
  .tuple(fc.double({ min: -1e4, max: 1e4, noNaN: true }), fc.double({ min: 0, max: 1e4, noNaN: true }))
  .chain(([low, above]) =>
    fc.boolean().map((sameLimits) => ({ low, mean: Math.max(0, low) + above, sameLimits })),
  );

describe("the expected length of answers", () => {
  it("lies between the low end and the worst case, whatever is sent and whatever was seen", () => {
    fc.assert(
      fc.property(parameters, fc.option(earlier), (sent, seen) => {
        const limits = outputLimits(sent);
        const { low, expected, worst } = expectedCompletion(limits, seen);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(low).toBeLessThanOrEqual(expected);
        expect(expected).toBeLessThanOrEqual(worst ?? Number.POSITIVE_INFINITY);
        if (worst !== null) expect(worst).toBe(worstCompletionTokens(limits));
        if (seen?.sameLimits !== true && !limits.openThinking)
          expect(expected).toBeLessThanOrEqual(worstCompletionTokens(limits) ?? Number.POSITIVE_INFINITY);
      }),
    );
  });

  it("is the mean of earlier answers for each choice where no limit cuts it", () => {
    fc.assert(
      fc.property(earlier, fc.integer({ min: 1, max: 8 }), (seen, n) => {
        expect(expectedCompletion(outputLimits({ n }), seen).expected).toBeCloseTo(n * seen.mean, 6);
      }),
    );
  });
});

describe("answers that are longer than what is stated", () => {
  const seen = { mean: 4_000, low: 3_500, sameLimits: true };

  it("are expected to be so again under the same limits, and have no worst case", () => {
    expect(expectedCompletion(outputLimits({ max_tokens: 512 }), seen)).toEqual({
      low: 3_500,
      expected: 4_000,
      worst: null,
    });
    const other = expectedCompletion(outputLimits({ max_tokens: 512 }), { ...seen, sameLimits: false });
    expect(other).toEqual({ low: 512, expected: 512, worst: 512 });
  });

  it("have no worst case while nothing limits the thinking", () => {
    expect(
      expectedCompletion(outputLimits({ max_tokens: 512, enable_thinking: true }), null).worst,
    ).toBeNull();
    const limited = { max_tokens: 512, enable_thinking: true, thinking_budget: 1_000 };
    expect(expectedCompletion(outputLimits(limited), null).worst).toBe(1_512);
  });
});

describe("limits of the output", () => {
  it.each([
    ["n × (max_tokens + thinking_budget)", { n: 2, max_tokens: 500, thinking_budget: 1000 }, 3000],
    ["without thinking_budget max_tokens alone", { max_tokens: 500, enable_thinking: true }, 500],
    ["no thinking where it is off", { max_tokens: 500, thinking_budget: 1000, enable_thinking: false }, 500],
    [
      "max_completion_tokens includes the thinking",
      { max_completion_tokens: 700, thinking_budget: 300 },
      700,
    ],
    ["unknown without max_tokens", { n: 4, thinking_budget: 300 }, null],
    ["what is no count is no limit", { max_tokens: "many", n: "two" }, null],
    ["a multiplier as text", { max_tokens: 500, n: "5" }, null],
    ["a budget as text", { max_tokens: 500, thinking_budget: "4096" }, null],
    ["the larger of two limits", { max_tokens: 500, max_completion_tokens: 300 }, 500],
    [
      "a budget in another dialect",
      { max_tokens: 500, thinking: { type: "enabled", budget_tokens: 300 } },
      800,
    ],
  ])("worst case: %s", (_, sent, worst) => {
    expect(worstCompletionTokens(outputLimits(sent))).toBe(worst);
  });

  it.each([
    ["an answer without limits", {}, assumedAnswerTokens],
    ["a short max_tokens", { max_tokens: 64 }, 64],
    ["thinking without a budget", { enable_thinking: true }, assumedAnswerTokens + assumedThinkingTokens],
    ["a small thinking budget", { thinking_budget: 512 }, assumedAnswerTokens + 512],
    ["thinking by effort", { reasoning_effort: "low" }, assumedAnswerTokens + assumedThinkingTokens],
    [
      "thinking that a map turns on",
      { thinking: { type: "enabled" } },
      assumedAnswerTokens + assumedThinkingTokens,
    ],
    [
      "thinking that a map turns off",
      { thinking: { type: "disabled" }, thinking_budget: 512 },
      assumedAnswerTokens,
    ],
    ["several choices", { n: 3, max_tokens: 100 }, 300],
  ])("assumed where nothing is known: %s", (_, sent, expected) => {
    expect(expectedCompletion(outputLimits(sent), null)).toMatchObject({ low: 0, expected });
  });
});
