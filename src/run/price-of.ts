import type { Cost } from "../aggregate/result.ts";
import { costOf } from "../cost/cost-of.ts";
import type { Price } from "../cost/price.ts";
import type { Usage } from "../outcome/completion.ts";
import { presetOfUrl, presets } from "../provider/presets.ts";
import { providerSpec } from "./endpoints.ts";
import type { Prepared } from "./prepare.ts";

type Priced = Pick<Prepared, "config" | "prices">;

/**
 * The price of a model at a provider of the matrix: by the name that is sent, then by that of the matrix; null where it is
 * unknown. An endpoint written out as a URL has the prices of the preset with its host.
 */
export function priceOf(
  prepared: Priced,
  provider: string,
  { model }: { readonly model: string },
): Price | null {
  const { config, prices } = prepared;
  const name = { key: provider, preset: presetName(prepared, provider) };
  const sent = providerSpec(provider, config)?.models[model];
  return (sent === undefined ? null : prices.find(name, sent)) ?? prices.find(name, model);
}

/** What some use costs: what the server itself stated, where it states money; else by the run's prices. Null is unknown. */
export function usageCost(
  prepared: Priced,
  provider: string,
  parameters: Readonly<Record<string, unknown>>,
  usage: Usage,
): Cost | null {
  const stated = usage.statedCost ?? null;
  const currency = presets[presetName(prepared, provider)]?.statedCostCurrency ?? null;
  if (stated !== null && currency !== null) return { amount: stated, currency };
  return costOf(usage, priceOf(prepared, provider, { model: String(parameters.model) }));
}

/** Whether a provider states the cost of its requests itself. */
export function statesCost({ config }: Pick<Prepared, "config">, provider: string): boolean {
  return (presets[presetName({ config }, provider)]?.statedCostCurrency ?? null) !== null;
}

function presetName({ config }: Pick<Prepared, "config">, provider: string): string {
  const spec = providerSpec(provider, config);
  if (spec === null) return "generic";
  return spec.preset === "generic" ? (presetOfUrl(spec.baseUrl ?? "") ?? "generic") : spec.preset;
}
