import { describe, expect, it } from "vitest";
import { estimateBudgets, excesses } from "../../src/cli/estimate-flags.ts";
import type { EstimatedSum, RunEstimate } from "../../src/cost/estimate-shape.ts";
import { UsageError } from "../../src/errors.ts";

function estimateOf(cost: readonly EstimatedSum[], judging: RunEstimate["judging"] = []): RunEstimate {
  return {
    requests: 100,
    rows: 100,
    trials: 1,
    variants: [],
    totals: {
      requests: 100,
      prompt_tokens: 4_000,
      completion_tokens: { expected: 6_000, worst: null },
      cost,
    },
    judging,
    seconds: 90,
    bound_by: "rpm",
    bound_lane: "p/m",
    lanes: [],
    prices: [],
    assumptions: {
      from: null,
      calibration: {},
      unpriced: ["p/m"],
      simulated: [],
      from_simulated: false,
      media_prompts: 0,
      batch: false,
      assumed_latency: true,
    },
    warnings: [],
  };
}

const yuan: EstimatedSum = { currency: "CNY", low: 1, expected: 5, worst: 9, complete: true };
const dollars: EstimatedSum = { ...yuan, currency: "USD", expected: 2 };

function above(budget: string | readonly string[], ...cost: readonly EstimatedSum[]): readonly string[] {
  return excesses(estimateOf(cost), estimateBudgets({ budget })).map(({ budget: one }) => one.written);
}

describe("--budget of an estimate", () => {
  it("reads several limits, with commas or repeated", () => {
    expect(estimateBudgets({ budget: ["cost=20 cny, time=30m", "requests=5,tokens=7"] })).toEqual([
      { written: "cost=20CNY", limit: { kind: "cost", amount: 20, currency: "CNY" } },
      { written: "requests=5", limit: { kind: "requests", count: 5 } },
      { written: "tokens=7", limit: { kind: "tokens", count: 7 } },
      { written: "time=30m", limit: { kind: "time", seconds: 1_800 } },
    ]);
    expect(estimateBudgets({})).toEqual([]);
  });

  it("holds what judges will take against the same limits", () => {
    const judging = [
      {
        provider: "p",
        model: "judge",
        verdicts: 50,
        prompt_tokens: 9_000,
        completion_tokens: 7_500,
        cost: { amount: 3, currency: "CNY" },
      },
    ];
    const budgets = estimateBudgets({ budget: ["cost=7CNY", "requests=120,tokens=20000"] });
    const found = excesses(estimateOf([yuan], judging), budgets);
    expect(found.map(({ expected }) => expected)).toEqual([8, 150, 26_500]);
    const unknown = judging.map((judge) => ({ ...judge, cost: null }));
    expect(() => excesses(estimateOf([yuan], unknown), budgets)).toThrow("p/judge");
  });

  it.each(["cost", "cost=", "cost=-1CNY", "cost=5 yuan", "time=soon", "requests=1.5", "money=5CNY", "5CNY"])(
    "refuses `%s`",
    (budget) => {
      expect(() => estimateBudgets({ budget })).toThrow(UsageError);
    },
  );

  it("is exceeded by what is expected, not by the worst case, and not by just as much", () => {
    expect(above("cost=5CNY", yuan)).toEqual([]);
    expect(above("cost=4.99CNY", yuan)).toEqual(["cost=4.99CNY"]);
    expect(above("requests=100,tokens=10000,time=90s")).toEqual([]);
    expect(above("requests=99,tokens=9999,time=89s")).toEqual(["requests=99", "tokens=9999", "time=89s"]);
  });

  it("means the currency of the prices where it names none and there is one", () => {
    expect(above("cost=4", yuan)).toEqual(["cost=4"]);
    expect(() => above("cost=4", yuan, dollars)).toThrow("needs a currency: the prices are in CNY and USD");
  });

  it("holds each currency against its own sum", () => {
    expect(above(["cost=6CNY", "cost=1USD"], yuan, dollars)).toEqual(["cost=1USD"]);
    expect(() => above("cost=6EUR", yuan, dollars)).toThrow(/another currency/);
  });

  it("cannot be kept where a price is unknown, but can be exceeded", () => {
    const some = { ...yuan, complete: false };
    expect(above("cost=4CNY", some)).toEqual(["cost=4CNY"]);
    expect(() => above("cost=6CNY", some)).toThrow(/unknown price: p\/m/);
    expect(() => above("cost=6CNY")).toThrow(/unknown price/);
  });
});
