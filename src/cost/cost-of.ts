import type { Cost } from "../aggregate/result.ts";
import type { Usage } from "../outcome/completion.ts";
import type { Price, PriceBook, PriceTier } from "./price.ts";

/** How a request is billed. */
export interface Billing {
  /** Through the provider's batch API: its discount is taken off where the price states one. */
  readonly batch?: boolean;
}

/**
 * What a request costs by its usage: null where its tokens or its price are unknown, 0 where the price is 0 (whatever
 * the tokens). The whole request is billed in the tier of its prompt. Cached tokens are part of the prompt's, and cost
 * as much as others where no price of theirs is stated or the server said nothing of them; reasoning tokens are part of
 * the completion's. 15 digits: what binary fractions leave beyond that is no money.
 */
export function costOf(usage: Usage, price: Price | null, { batch = false }: Billing = {}): Cost | null {
  if (price === null) return null;
  const { currency } = price;
  if (isFree(price)) return { amount: 0, currency };
  const { promptTokens, completionTokens } = usage;
  if (promptTokens === null || completionTokens === null) return null;
  const { input, output, cachedInput } = tierOf(price, promptTokens);
  const cached = cachedInput === null ? 0 : Math.min(usage.cachedTokens ?? 0, promptTokens);
  const perMillion =
    (promptTokens - cached) * input + cached * (cachedInput ?? input) + completionTokens * output;
  const share = billedShare(price, { batch });
  return { amount: Number(((perMillion * share) / 1_000_000).toPrecision(15)), currency };
}

/** The share of its price that is billed. */
export function billedShare({ batchDiscount }: Price, { batch = false }: Billing): number {
  return batch ? 1 - (batchDiscount ?? 0) : 1;
}

/** Prices as the batch API bills them. */
export function batchPrices(book: PriceBook): PriceBook {
  return {
    find: (provider, ...models) => {
      const price = book.find(provider, ...models);
      if (price === null) return null;
      const share = billedShare(price, { batch: true });
      return { ...price, tiers: price.tiers.map((tier) => scaledTier(tier, share)) };
    },
  };
}

function scaledTier({ upTo, input, output, cachedInput }: PriceTier, share: number): PriceTier {
  const scaled = (amount: number): number => Number((amount * share).toPrecision(15));
  return {
    upTo,
    input: scaled(input),
    output: scaled(output),
    cachedInput: cachedInput === null ? null : scaled(cachedInput),
  };
}

/** Whether a request costs nothing, however long it is. */
export function isFree({ tiers }: Price): boolean {
  return tiers.every(
    ({ input, output, cachedInput }) => input === 0 && output === 0 && (cachedInput ?? 0) === 0,
  );
}

/** The tier that a request with so many prompt tokens is billed in: the last one where all are exceeded. */
export function tierOf({ tiers }: Price, promptTokens: number): PriceTier {
  const found = tiers.find(({ upTo }) => upTo === null || promptTokens <= upTo) ?? tiers.at(-1);
  if (found === undefined) throw new Error("a price has at least one tier");
  return found;
}
