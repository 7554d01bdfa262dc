import { describe, expect, it } from "vitest";
import type { Price, PriceBook, ProviderName } from "../../src/cost/price.ts";
import { type CountedVariant, countVariants, usualSample } from "../../src/run/estimate-prompts.ts";
import { lengthWarnings } from "../../src/run/estimate-warnings.ts";
import { planFrom } from "../support/plan-from.ts";

const price: Price = {
  provider: "lab",
  model: "large",
  currency: "CNY",
  tiers: [{ upTo: null, input: 1, output: 2, cachedInput: null }],
  batchDiscount: null,
  contextTokens: 100,
  asOf: "2026-10-01",
  source: "prices.yaml",
};

const matrix = `
provider: lab
providers:
  lab: { preset: openai, base_url: "http://127.0.0.1:9/v1", models: { small: "vendor/small" } }
prompts:
  - { id: v1, user: "{{ tokens }}" }
dataset: rows.csv
grid:
  model: [large, small]
parameters: { max_tokens: 30 }
`;

/** Counts the variants of a plan whose rows say themselves how many tokens they have. */
function counted(book: PriceBook): readonly CountedVariant[] {
  const files = { "rows.csv": "id,tokens\na,10\nb,70\nc,71\nd,100\ne,101\n" };
  const { plan, config } = planFrom(matrix, files);
  return countVariants({ plan, config, prices: book }, [], usualSample, ({ messages }) =>
    Number(messages[0]?.content),
  );
}

describe("the prompts of a plan", () => {
  it("are priced by the name that is sent, then by that of the matrix, at the provider's key and preset", () => {
    const asked: [ProviderName, ...string[]][] = [];
    counted({
      find: (provider, ...names) => {
        asked.push([provider, ...names]);
        return null;
      },
    });
    const lab = { key: "lab", preset: "openai" };
    expect([...new Set(asked.map((one) => JSON.stringify(one)))].map((one) => JSON.parse(one))).toEqual([
      [lab, "large"],
      [lab, "vendor/small", "small"],
    ]);
  });

  it("are warned about where they do not fit the model's context, alone or with max_tokens", () => {
    const [large, small] = counted({ find: (_, model) => (model === "large" ? price : null) });
    expect(large === undefined ? [] : lengthWarnings(large)).toEqual([
      "model=large: 1 of 5 prompts counted is longer than the model's context of 100 tokens (row e)",
      "model=large: 2 of 5 prompts counted leave no room for the answer in the model's context of 100 tokens (row c, d)",
    ]);
    expect(small === undefined ? [] : lengthWarnings(small)).toEqual([]);
  });

  it("come to what their tokens cost; an unknown price is named and stays unknown", () => {
    const [large, small] = counted({ find: (_, model) => (model === "large" ? price : null) });
    expect(large?.use).toMatchObject({
      promptTokens: 352,
      completion: { expected: 150, worst: 150 },
      cost: { currency: "CNY", low: 0.000352, expected: 0.000652, worst: 0.000652 },
    });
    expect([small?.use.cost, [...(small?.unpriced ?? [])]]).toEqual([null, ["lab/small"]]);
  });
});
