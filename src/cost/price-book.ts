import { anyProvider, type Price, type PriceBook } from "./price.ts";
import { shippedPrices } from "./shipped-prices.ts";

/** Prices that come after the user's own entries. */
export interface FurtherPrices {
  /** Of exports, whose providers are keys of the user's or presets; of two for one model the first counts. */
  readonly exported?: readonly Price[];
  readonly shipped?: readonly Price[];
}

/**
 * The user's prices before those of exports, and these before the shipped ones. Of the user's the narrowest counts: a
 * provider's before any provider's, a whole model name before a pattern, a longer pattern before a shorter one.
 */
export function priceBook(
  own: readonly Price[],
  { exported = [], shipped = shippedPrices }: FurtherPrices = {},
): PriceBook {
  const exact = new Map<string, Price>();
  const patterns: { readonly price: Price; readonly pattern: RegExp }[] = [];
  for (const price of own) {
    if (price.model.includes("*")) patterns.push({ price, pattern: patternOf(price.model) });
    else exact.set(nameOf(price.provider, price.model), price);
  }
  patterns.sort((a, b) => b.price.model.length - a.price.model.length);
  const listed = tableOf(exported);
  const table = tableOf(shipped);
  const ownPrice = (provider: string, model: string): Price | null =>
    exact.get(nameOf(provider, model)) ??
    patterns.find(({ price, pattern }) => price.provider === provider && pattern.test(model))?.price ??
    null;
  return {
    find: ({ key, preset }, ...names) =>
      firstOf(
        names,
        (model) => ownPrice(key, model) ?? ownPrice(preset, model) ?? ownPrice(anyProvider, model),
      ) ??
      firstOf(
        names,
        (model) => listed.get(nameOf(key, model)) ?? listed.get(nameOf(preset, model)) ?? null,
      ) ??
      firstOf(names, (model) => table.get(nameOf(preset, model)) ?? null),
  };
}

function tableOf(prices: readonly Price[]): ReadonlyMap<string, Price> {
  const table = new Map<string, Price>();
  for (const price of prices) {
    const name = nameOf(price.provider, price.model);
    if (!table.has(name)) table.set(name, price);
  }
  return table;
}

function firstOf(names: readonly string[], find: (name: string) => Price | null): Price | null {
  for (const name of names) {
    const price = find(name);
    if (price !== null) return price;
  }
  return null;
}

function nameOf(provider: string, model: string): string {
  return `${provider}\n${model}`;
}

/** A pattern in which `*` stands for any run of characters. */
function patternOf(name: string): RegExp {
  const source = name.replace(/[.+^${}()|[\]\\?]/g, "\\$&").replaceAll("*", ".*");
  return new RegExp(`^${source}$`);
}
