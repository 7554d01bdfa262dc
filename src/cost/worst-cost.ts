import type { Price } from "./price.ts";

/**
 * The most that a request may cost with so many prompt and completion tokens or fewer: the dearest of the tiers that it
 * can fall into, cached tokens at whichever of the two prices is higher. In the price's currency.
 */
export function worstCost({ tiers }: Price, promptTokens: number, completionTokens: number): number {
  let above = -1;
  let most = 0;
  for (const { upTo, input, output, cachedInput } of tiers) {
    if (above >= promptTokens) break;
    const prompt = upTo === null ? promptTokens : Math.min(promptTokens, upTo);
    most = Math.max(most, prompt * Math.max(input, cachedInput ?? 0) + completionTokens * output);
    above = upTo ?? Number.POSITIVE_INFINITY;
  }
  // The last tier holds beyond its end, too.
  const last = tiers.at(-1);
  if (last !== undefined && above < promptTokens)
    most = Math.max(
      most,
      promptTokens * Math.max(last.input, last.cachedInput ?? 0) + completionTokens * last.output,
    );
  return most / 1_000_000;
}
