import { anyProvider, type Price, type PriceBook } from "./price.ts";
import { shippedPrices } from "./shipped-prices.ts";

/**
 * The user's prices before the shipped ones. Of the user's the narrowest counts: a provider's before any provider's, a
 * whole model name before a pattern, a longer pattern before a shorter one.
 */
export function priceBook(own: readonly Price[], shipped: readonly Price[] = shippedPrices): PriceBook {
  const exact = new Map<string, Price>();
  const patterns: { readonly price: Price; readonly pattern: RegExp }[] = [];
  for (const price of own) {
    if (price.model.includes("*")) patterns.push({ price, pattern: patternOf(price.model) });
    else exact.set(nameOf(price.provider, price.model), price);
  }
  patterns.sort((a, b) => b.price.model.length - a.price.model.length);
  const table = new Map(shipped.map((price) => [nameOf(price.provider, price.model), price]));
  const ownPrice = (provider: string, model: string): Price | null =>
    exact.get(nameOf(provider, model)) ??
    patterns.find(({ price, pattern }) => price.provider === provider && pattern.test(model))?.price ??
    null;
  return {
    find: ({ key, preset }, ...names) =>
      firstOf(
        names,
        (model) => ownPrice(key, model) ?? ownPrice(preset, model) ?? ownPrice(anyProvider, model),
      ) ?? firstOf(names, (model) => table.get(nameOf(preset, model)) ?? null),
  };
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
