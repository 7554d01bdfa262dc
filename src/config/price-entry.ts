import { anyProvider, type Price, type PriceTier } from "../cost/price.ts";
import type { Diagnostic, Place } from "../diagnostics/diagnostic.ts";
import type { PriceFile } from "./price-file.ts";
import type { Path, YamlSource } from "./yaml-source.ts";

/** A price, and where it is written. */
export interface Placed {
  readonly price: Price;
  readonly place: Place;
  /** Of its `provider`. */
  readonly providerPlace: Place;
}

/** The price of an entry, in a list as `readPrices` joins them: empty where it is none, which `diagnostics` then says. */
export function placedPrice(
  entry: PriceFile,
  path: Path,
  source: YamlSource,
  file: string,
  diagnostics: Diagnostic[],
): readonly Placed[] {
  const tiers = tiersOf(entry, path, source, diagnostics);
  if (tiers === null) return [];
  const price: Price = {
    provider: entry.provider ?? anyProvider,
    model: entry.model,
    currency: entry.currency,
    tiers,
    batchDiscount: entry.batch_discount ?? null,
    contextTokens: entry.context ?? null,
    asOf: entry.as_of ?? null,
    source: entry.source ?? file,
  };
  return [{ price, place: source.place(path), providerPlace: source.place([...path, "provider"]) }];
}

function tiersOf(
  entry: PriceFile,
  path: Path,
  source: YamlSource,
  diagnostics: Diagnostic[],
): readonly PriceTier[] | null {
  const wrong = (message: string, hint: string, at: Path = path): null => {
    diagnostics.push({ code: "prices/tiers", severity: "error", message, hint, place: source.place(at) });
    return null;
  };
  const { input, output, cached_input: cachedInput = null, tiers } = entry;
  if (tiers === undefined) {
    if (input === undefined || output === undefined)
      return wrong(
        `the price of \`${entry.model}\` needs \`input\` and \`output\``,
        "per million tokens; 0 where it is free",
      );
    return [{ upTo: null, input, output, cachedInput }];
  }
  if (input !== undefined || output !== undefined || cachedInput !== null)
    return wrong(
      `the price of \`${entry.model}\` has tiers, and prices beside them`,
      "the first tier holds from the first token: leave `input`, `output` and `cached_input` to the tiers",
    );
  let above = 0;
  for (const [i, tier] of tiers.entries()) {
    const upTo = tier.up_to ?? null;
    if (upTo === null && i < tiers.length - 1)
      return wrong(
        "a tier without `up_to` holds for all longer prompts, and another one follows it",
        "the tiers ascend, the last one has no `up_to`",
        [...path, "tiers", i],
      );
    if (upTo !== null && upTo <= above)
      return wrong(`\`up_to: ${upTo}\` is not above the tier before it`, "the tiers ascend", [
        ...path,
        "tiers",
        i,
      ]);
    above = upTo ?? above;
  }
  return tiers.map(({ up_to: upTo = null, input: from, output: to, cached_input: cached = null }) => {
    return { upTo, input: from, output: to, cachedInput: cached };
  });
}
