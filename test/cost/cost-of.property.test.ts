import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { costOf, tierOf } from "../../src/cost/cost-of.ts";
import type { Price, PriceTier } from "../../src/cost/price.ts";
import { worstCost } from "../../src/cost/worst-cost.ts";
import { unknownUsage } from "../../src/outcome/completion.ts";

const amount = fc.double({ min: 0, max: 100, noNaN: true });
const prices: fc.Arbitrary<Price> = fc
  .array(
    fc.record({
      size: fc.integer({ min: 1, max: 50_000 }),
      input: amount,
      output: amount,
      cachedInput: fc.option(amount),
    }),
    { minLength: 1, maxLength: 4 },
  )
  .chain((steps) => fc.boolean().map((open) => [steps, open] as const))
  .map(([steps, open]) => {
    let upTo = 0;
    const tiers = steps.map(({ size, ...price }, i): PriceTier => {
      upTo += size;
      return { ...price, upTo: open && i === steps.length - 1 ? null : upTo };
    });
    return {
      provider: "p",
      model: "m",
      currency: "CNY",
      tiers,
      batchDiscount: 0.5,
      contextTokens: null,
      asOf: null,
      source: "",
    };
  });
const tokens = fc.integer({ min: 0, max: 200_000 });

function cost(price: Price, prompt: number, completion: number, cached: number | null): number {
  const usage = { ...unknownUsage, promptTokens: prompt, completionTokens: completion, cachedTokens: cached };
  return costOf(usage, price)?.amount ?? Number.NaN;
}

describe("the cost of a request", () => {
  it("is never more than the worst case of its bounds, whatever it really used", () => {
    fc.assert(
      fc.property(prices, tokens, tokens, tokens, tokens, tokens, (price, a, b, c, d, cached) => {
        const [prompt, mostPrompt] = [Math.min(a, b), Math.max(a, b)];
        const [completion, mostCompletion] = [Math.min(c, d), Math.max(c, d)];
        const actual = cost(price, prompt, completion, cached);
        expect(actual).toBeGreaterThanOrEqual(0);
        expect(actual).toBeLessThanOrEqual(worstCost(price, mostPrompt, mostCompletion) * (1 + 1e-12));
      }),
    );
  });

  it("grows with the completion, and adds up over requests of one tier", () => {
    fc.assert(
      fc.property(prices, tokens, tokens, tokens, (price, prompt, completion, more) => {
        const one = cost(price, prompt, completion, null);
        const other = cost(price, prompt, completion + more, null);
        expect(other).toBeGreaterThanOrEqual(one);
        const nothing = cost(price, prompt, 0, null);
        expect(one + cost(price, prompt, more, null) - nothing).toBeCloseTo(other, 9);
      }),
    );
  });

  it("is linear in the prompt within a tier", () => {
    fc.assert(
      fc.property(prices, tokens, tokens, fc.integer({ min: 0, max: 100 }), (price, a, b, part) => {
        const tier = tierOf(price, Math.max(a, b));
        fc.pre(tier === tierOf(price, Math.min(a, b)));
        const between = a + Math.round(((b - a) * part) / 100);
        const rise = ((between - a) * tier.input) / 1e6;
        expect(cost(price, between, 7, null)).toBeCloseTo(cost(price, a, 7, null) + rise, 9);
      }),
    );
  });

  it("is no higher for cached tokens where their price is lower, and the same where none is stated", () => {
    fc.assert(
      fc.property(prices, tokens, tokens, tokens, (price, prompt, completion, cached) => {
        const without = cost(price, prompt, completion, null);
        const some = cost(price, prompt, completion, cached);
        const { input, cachedInput } = tierOf(price, prompt);
        if (cachedInput === null) expect(some).toBe(without);
        else if (cachedInput <= input) expect(some).toBeLessThanOrEqual(without * (1 + 1e-12));
        else expect(some).toBeGreaterThanOrEqual(without * (1 - 1e-12));
      }),
    );
  });

  it("is the same number to the last digit, however the server counts the cached tokens that have no price of their own", () => {
    const tier = { upTo: 1, input: 99.99999999970713, output: 0, cachedInput: null };
    const price: Price = {
      provider: "p",
      model: "m",
      currency: "CNY",
      tiers: [tier],
      batchDiscount: null,
      contextTokens: null,
      asOf: null,
      source: "",
    };
    expect(cost(price, 186_263, 0, 10_246)).toBe(cost(price, 186_263, 0, null));
  });

  it("is half in a batch", () => {
    fc.assert(
      fc.property(prices, tokens, tokens, (price, prompt, completion) => {
        const usage = { ...unknownUsage, promptTokens: prompt, completionTokens: completion };
        const whole = costOf(usage, price)?.amount ?? Number.NaN;
        expect(costOf(usage, price, { batch: true })?.amount).toBeCloseTo(whole / 2, 12);
      }),
    );
  });
});
