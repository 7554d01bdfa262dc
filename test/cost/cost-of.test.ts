import { describe, expect, it } from "vitest";
import { costOf, isFree } from "../../src/cost/cost-of.ts";
import type { Price } from "../../src/cost/price.ts";
import { priceBook } from "../../src/cost/price-book.ts";
import { worstCost } from "../../src/cost/worst-cost.ts";
import { type Usage, unknownUsage } from "../../src/outcome/completion.ts";

/** A model of two tiers, as `.cn` has them, with a cached price in the first alone. */
const tiered: Price = {
  provider: "p",
  model: "m",
  currency: "CNY",
  tiers: [
    { upTo: 128_000, input: 1.2, output: 7.2, cachedInput: 0.12 },
    { upTo: null, input: 3, output: 18, cachedInput: null },
  ],
  batchDiscount: 0.5,
  contextTokens: 262_000,
  asOf: "2026-07-21",
  source: "a test",
};

function usage(prompt: number, completion: number, more: Partial<Usage> = {}): Usage {
  return {
    ...unknownUsage,
    promptTokens: prompt,
    completionTokens: completion,
    totalTokens: prompt + completion,
    ...more,
  };
}

describe("the cost of a request", () => {
  it.each([
    ["in the first tier", usage(100_000, 1_000), 0.1272],
    ["at the end of the first tier", usage(128_000, 1_000), 0.1608],
    ["just beyond it: all of it in the second", usage(128_001, 1_000), 0.402003],
    ["with cached tokens at their price", usage(100_000, 1_000, { cachedTokens: 90_000 }), 0.03],
    ["with cached tokens where none has a price", usage(200_000, 1_000, { cachedTokens: 150_000 }), 0.618],
    [
      "with more cached than prompt tokens, as some servers have it",
      usage(1_000, 0, { cachedTokens: 5_000 }),
      0.00012,
    ],
    ["with reasoning tokens, which are completion tokens", usage(0, 1_000, { reasoningTokens: 900 }), 0.0072],
    ["with tokens that were estimated", usage(1_000, 1_000, { estimated: true }), 0.0084],
    ["with no tokens at all", usage(0, 0), 0],
    ["with one token, far below any coin", usage(1, 0), 0.0000012],
  ])("%s", (_, used, amount) => {
    expect(costOf(used, tiered)).toEqual({ amount, currency: "CNY" });
  });

  it("beyond the end of the last tier is that of the last tier", () => {
    const ended: Price = {
      ...tiered,
      tiers: [
        { upTo: 1_000, input: 1, output: 2, cachedInput: null },
        { upTo: 2_000, input: 3, output: 4, cachedInput: null },
      ],
    };
    expect(costOf(usage(2_000, 1_000), ended)?.amount).toBe(0.01);
    expect(costOf(usage(1_000_000, 1_000), ended)?.amount).toBe(3.004);
  });

  it("is half in a batch at half price, and whole where no discount is known", () => {
    expect(costOf(usage(100_000, 1_000), tiered, { batch: true })?.amount).toBe(0.0636);
    expect(costOf(usage(100_000, 1_000), { ...tiered, batchDiscount: null }, { batch: true })?.amount).toBe(
      0.1272,
    );
  });

  it("is unknown, never 0, for an unknown model and for unknown tokens", () => {
    expect(
      costOf(
        usage(1_000, 1_000),
        priceBook([]).find({ key: "siliconflow", preset: "siliconflow" }, "no/such"),
      ),
    ).toBeNull();
    expect(costOf(unknownUsage, tiered)).toBeNull();
    expect(costOf({ ...unknownUsage, promptTokens: 5 }, tiered)).toBeNull();
    expect(costOf({ ...unknownUsage, completionTokens: 5 }, tiered)).toBeNull();
  });

  it("is 0 in its currency for a free model, whatever the tokens", () => {
    const free = priceBook([]).find({ key: "siliconflow", preset: "siliconflow" }, "Qwen/Qwen3-8B");
    expect(costOf(usage(1_000, 1_000), free)).toEqual({ amount: 0, currency: "CNY" });
    expect(costOf(unknownUsage, free)).toEqual({ amount: 0, currency: "CNY" });
  });

  it("is not 0 where only some of it is free", () => {
    const flat = (input: number, output: number, cachedInput: number | null): Price => {
      return { ...tiered, tiers: [{ upTo: null, input, output, cachedInput }] };
    };
    expect(costOf(usage(1e6, 1e6), flat(0, 3, null))?.amount).toBe(3);
    expect(costOf(usage(1e6, 1e6), flat(3, 0, null))?.amount).toBe(3);
    expect(costOf(usage(1e6, 0, { cachedTokens: 1e6 }), flat(0, 0, 3))?.amount).toBe(3);
    expect(costOf(usage(1e6, 0, { cachedTokens: 4e5 }), flat(3, 0, 0))?.amount).toBe(1.8);
    expect(costOf(unknownUsage, flat(0, 3, null))).toBeNull();
    expect([flat(0, 0, null), flat(0, 0, 0), flat(0, 0, 3), flat(0, 1, 0)].map(isFree)).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(isFree({ ...tiered, tiers: [...flat(0, 0, null).tiers, ...tiered.tiers] })).toBe(false);
  });

  it("stays in the currency of its price: two of them have no sum", () => {
    const book = priceBook([]);
    const here = costOf(usage(1e6, 0), book.find({ key: "a", preset: "siliconflow" }, "Qwen/Qwen3-32B"));
    const there = costOf(
      usage(1e6, 0),
      book.find({ key: "b", preset: "siliconflow-intl" }, "Qwen/Qwen3-32B"),
    );
    expect([here, there]).toEqual([
      { amount: 1, currency: "CNY" },
      { amount: 0.14, currency: "USD" },
    ]);
  });
});

describe("the worst case of a request", () => {
  it("is the dearest of the tiers that its prompt can fall into, and takes no cached token for certain", () => {
    expect(worstCost(tiered, 100_000, 1_000)).toBeCloseTo(0.1272, 12);
    expect(worstCost(tiered, 128_001, 1_000)).toBeCloseTo(0.402003, 12);
    const cheaperWhenLong: Price = {
      ...tiered,
      tiers: [
        { upTo: 100, input: 10, output: 20, cachedInput: 50 },
        { upTo: 200, input: 1, output: 2, cachedInput: null },
      ],
    };
    expect(worstCost(cheaperWhenLong, 150, 10)).toBeCloseTo((100 * 50 + 10 * 20) / 1e6, 12);
    expect(worstCost(cheaperWhenLong, 1e5, 10)).toBeCloseTo((1e5 * 1 + 10 * 2) / 1e6, 12);
  });
});
