import type { Price, PriceTier } from "./price.ts";

/** What the prices of a table have in common. */
export type PriceFacts = Pick<Price, "provider" | "currency" | "asOf" | "source" | "batchDiscount">;

/** Prices of longer prompts: from so many prompt tokens on (exclusive), input, output, cached input. */
export type LongerPrompts = readonly [from: number, input: number, output: number, cached: number | null];

/** One model: name, context in tokens, then per million tokens input, output, cached input; then longer prompts. */
export type PriceRow = readonly [
  model: string,
  context: number | null,
  input: number,
  output: number,
  cached: number | null,
  longer?: readonly LongerPrompts[],
];

/** Prices from rows as a person writes them. */
export function priceTable(facts: PriceFacts, rows: readonly PriceRow[]): readonly Price[] {
  return rows.map(([model, contextTokens, input, output, cachedInput, longer = []]) => {
    const steps: readonly LongerPrompts[] = [[0, input, output, cachedInput], ...longer];
    const tiers = steps.map(([, from, to, cached], i): PriceTier => {
      return { upTo: steps[i + 1]?.[0] ?? null, input: from, output: to, cachedInput: cached };
    });
    return { ...facts, model, contextTokens, tiers };
  });
}
