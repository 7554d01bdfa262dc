import type { Price, PriceBook } from "../cost/price.ts";
import { judgeModels } from "./judge-calls.ts";
import type { Prepared } from "./prepare.ts";
import { priceOf } from "./price-of.ts";
import { sentModel } from "./provider-spec.ts";
import { variantModels } from "./variant-models.ts";

/** The price of one model as `run.json` keeps it. Amounts are per million tokens. */
export interface KeptPrice {
  /** Key of the provider in the matrix. */
  readonly provider: string;
  /** As it is sent. */
  readonly model: string;
  /** Null where it is unknown. */
  readonly price: {
    readonly currency: string;
    readonly tiers: readonly {
      readonly up_to: number | null;
      readonly input: number;
      readonly output: number;
      readonly cached_input: number | null;
    }[];
    readonly batch_discount: number | null;
    readonly context: number | null;
    readonly as_of: string | null;
    readonly source: string;
  } | null;
}

/**
 * The prices of the models that a run asks, judges included. A run keeps them: the shipped table of a later version must
 * not change its reports.
 */
export function keptPrices(
  prepared: Pick<Prepared, "config" | "prices" | "plan" | "scoring">,
): readonly KeptPrice[] {
  const { plan, config } = prepared;
  const asked = [
    ...plan.variants.flatMap((variant) =>
      variantModels(variant, plan).map((model) => ({ provider: variant.provider, model })),
    ),
    ...judgeModels(prepared),
  ];
  const kept = new Map<string, KeptPrice>();
  for (const { provider, model } of asked) {
    const sent = sentModel(provider, model, config);
    const name = `${provider}\n${sent}`;
    if (kept.has(name)) continue;
    kept.set(name, { provider, model: sent, price: written(priceOf(prepared, provider, { model })) });
  }
  return [...kept.values()];
}

function written(price: Price | null): KeptPrice["price"] {
  if (price === null) return null;
  const { currency, tiers, batchDiscount, contextTokens, asOf, source } = price;
  return {
    currency,
    tiers: tiers.map(({ upTo, input, output, cachedInput }) => {
      return { up_to: upTo, input, output, cached_input: cachedInput };
    }),
    batch_discount: batchDiscount,
    context: contextTokens,
    as_of: asOf,
    source,
  };
}

/** The prices that a run keeps, and no others. */
export function keptBook(kept: readonly KeptPrice[]): PriceBook {
  const prices = new Map(kept.map((one) => [`${one.provider}\n${one.model}`, read(one)]));
  // A run keeps them by the name that is sent, which comes first.
  return { find: ({ key }, sent) => prices.get(`${key}\n${sent}`) ?? null };
}

function read({ provider, model, price }: KeptPrice): Price | null {
  if (price === null) return null;
  const { currency, tiers, batch_discount, context, as_of, source } = price;
  return {
    provider,
    model,
    currency,
    tiers: tiers.map(({ up_to, input, output, cached_input }) => {
      return { upTo: up_to, input, output, cachedInput: cached_input };
    }),
    batchDiscount: batch_discount,
    contextTokens: context,
    asOf: as_of,
    source,
  };
}
