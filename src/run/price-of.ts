import type { Cost } from "../aggregate/result.ts";
import { type Billing, costOf } from "../cost/cost-of.ts";
import type { Price } from "../cost/price.ts";
import type { Usage } from "../outcome/completion.ts";
import { presets } from "../provider/presets.ts";

import type { Prepared } from "./prepare.ts";
import { presetName, sentModel } from "./provider-spec.ts";

type Priced = Pick<Prepared, "config" | "prices">;

/**
 * The price of a model at a provider of the matrix, by the name that is sent and by that of the matrix; null where it is
 * unknown. An endpoint written out as a URL has the prices of the preset with its host.
 */
export function priceOf(
  prepared: Priced,
  provider: string,
  { model }: { readonly model: string },
): Price | null {
  const { config, prices } = prepared;
  const name = { key: provider, preset: presetName(provider, prepared.config) };
  const sent = sentModel(provider, model, config);
  return sent === model ? prices.find(name, model) : prices.find(name, sent, model);
}

/** What some use costs: what the server itself stated, where it states money; else by the run's prices. Null is unknown. */
export function usageCost(
  prepared: Priced,
  provider: string,
  parameters: Readonly<Record<string, unknown>>,
  usage: Usage,
  billing: Billing = {},
): Cost | null {
  const stated = usage.statedCost ?? null;
  const currency = statedCurrency(prepared, provider);
  if (stated !== null && currency !== null) return { amount: stated, currency };
  return costOf(usage, priceOf(prepared, provider, { model: String(parameters.model) }), billing);
}

/** The currency in which a provider states the cost of its requests itself; null where it does not. */
export function statedCurrency(prepared: Pick<Prepared, "config">, provider: string): string | null {
  return presets[presetName(provider, prepared.config)]?.statedCostCurrency ?? null;
}
