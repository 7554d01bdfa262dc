import { describe, expect, it } from "vitest";
import { estimateTotals, VariantTally } from "../../src/cost/estimate.ts";
import type { Evidence } from "../../src/cost/estimate-evidence.ts";
import type { EstimatedCost, VariantEstimate } from "../../src/cost/estimate-shape.ts";
import { outputLimits } from "../../src/cost/expected-completion.ts";
import type { Price } from "../../src/cost/price.ts";

const price: Price = {
  provider: "siliconflow",
  model: "m",
  currency: "CNY",
  tiers: [
    { upTo: 1_000, input: 2, output: 10, cachedInput: 0.5 },
    { upTo: null, input: 4, output: 20, cachedInput: null },
  ],
  batchDiscount: null,
  contextTokens: null,
  asOf: "2026-10-01",
  source: "https://example.com/prices",
};
const free: Price = { ...price, tiers: [{ upTo: null, input: 0, output: 0, cachedInput: null }] };
const evidence: Evidence = {
  basis: "variant",
  requests: 20,
  answer: { mean: 100, low: 80, sameLimits: true },
  cutShare: 0,
  cachedShare: 0,
  latencySeconds: 2,
};
const limits = outputLimits({ max_tokens: 500 });

describe("the use of a variant", () => {
  it("is scaled from the counted requests to all of them", () => {
    const tally = new VariantTally(evidence);
    tally.add({ promptTokens: 100, limits, price });
    tally.add({ promptTokens: 300, limits, price });
    expect(tally.finish(1_000, 1_000)).toEqual({
      promptTokens: 200_000,
      promptError: expect.closeTo((1.96 * Math.sqrt((20_000 / 2) * (1 - 2 / 1_000))) / 200, 9) as number,
      completion: { expected: 100_000, worst: 500_000 },
      cost: { currency: "CNY", low: 1.2, expected: 1.4, worst: 5.4 },
      busySeconds: 2_000,
    });
  });

  it("is billed request by request, each in the tier of its own prompt", () => {
    const tally = new VariantTally(evidence);
    tally.add({ promptTokens: 1_000, limits, price });
    tally.add({ promptTokens: 1_001, limits, price });
    const million = 1e6;
    expect(tally.finish(2, 2).cost?.expected).toBeCloseTo(
      (1_000 * 2 + 100 * 10 + 1_001 * 4 + 100 * 20) / million,
      12,
    );
  });

  it("expects as many cached tokens as there were, and none in the worst case", () => {
    const tally = new VariantTally({ ...evidence, cachedShare: 0.5 });
    tally.add({ promptTokens: 200, limits, price });
    const cost = tally.finish(1_000_000, 1_000_000).cost;
    expect(cost?.expected).toBeCloseTo(100 * 2 + 100 * 0.5 + 100 * 10, 6);
    expect(cost?.worst).toBeCloseTo(200 * 2 + 500 * 10, 6);
  });

  it("without an earlier run costs at least what its prompts cost", () => {
    const tally = new VariantTally(null);
    tally.add({ promptTokens: 200, limits, price });
    expect(tally.finish(1_000_000, 1_000_000).cost).toEqual({
      currency: "CNY",
      low: 400,
      expected: 3_400,
      worst: 5_400,
    });
  });

  it("takes an assumed time: half a second and 20 ms for each token of one answer", () => {
    const tally = new VariantTally(null);
    tally.add({ promptTokens: 1, limits: outputLimits({ n: 4, max_tokens: 100 }), price });
    expect(tally.finish(10, 10).busySeconds).toBeCloseTo(25, 9);
  });

  it("has an unknown cost where a price is unknown or there are two currencies, never 0", () => {
    for (const other of [null, { ...price, currency: "USD" }]) {
      const tally = new VariantTally(evidence);
      tally.add({ promptTokens: 100, limits, price });
      tally.add({ promptTokens: 100, limits, price: other });
      expect(tally.finish(2, 2).cost).toBeNull();
    }
  });

  it("has no worst case without max_tokens, but for what is free", () => {
    const worst = (one: Price): number | null | undefined => {
      const tally = new VariantTally(evidence);
      tally.add({ promptTokens: 100, limits: outputLimits({}), price: one });
      tally.add({ promptTokens: 100, limits, price: one });
      const { completion, cost } = tally.finish(2, 2);
      expect(completion.worst).toBeNull();
      return cost?.worst;
    };
    expect([worst(price), worst(free)]).toEqual([null, 0]);
  });
});

function variant(cost: EstimatedCost | null, worst: number | null = 9): VariantEstimate {
  return {
    variant_id: "x",
    variant: "x",
    prompt_id: "p",
    provider: "siliconflow",
    parameters: {},
    requests: 2,
    prompt_tokens: 5,
    completion_tokens: { expected: 7, worst },
    cost,
    completion_basis: "assumed",
    evidence_requests: 0,
    cut_share: null,
    prompt_error: 0,
    rows_counted: 2,
    rows: 2,
  };
}

describe("the totals of an estimate", () => {
  const yuan = { currency: "CNY", low: 0.1, expected: 0.2, worst: 1 };

  it("add up tokens, and money by currency without converting", () => {
    const dollars = { currency: "USD", low: 1, expected: 2, worst: 3 };
    expect(estimateTotals([variant(yuan), variant(dollars), variant({ ...yuan, low: 0.2 })])).toEqual({
      requests: 6,
      prompt_tokens: 15,
      completion_tokens: { expected: 21, worst: 27 },
      cost: [
        { currency: "CNY", low: 0.3, expected: 0.4, worst: 2, complete: true },
        { currency: "USD", low: 1, expected: 2, worst: 3, complete: true },
      ],
    });
  });

  it("say that they are incomplete where a price is unknown, and have no sum where all are", () => {
    expect(estimateTotals([variant(yuan), variant(null)]).cost).toEqual([{ ...yuan, complete: false }]);
    expect(estimateTotals([variant(null)]).cost).toEqual([]);
  });

  it("have no worst case where one variant has none", () => {
    const totals = estimateTotals([variant(yuan), variant({ ...yuan, worst: null }, null)]);
    expect([totals.completion_tokens.worst, totals.cost[0]?.worst]).toEqual([null, null]);
  });
});
