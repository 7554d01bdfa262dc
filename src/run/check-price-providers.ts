import type { RunConfig } from "../config/run-config.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/nearest.ts";
import { presets } from "../provider/presets.ts";

/**
 * Prices for providers that there are not: nobody will ever be asked for them. A file of prices may serve other
 * matrices, too, so there only names are found that look like a known one.
 */
export function checkPriceProviders(config: RunConfig): readonly Diagnostic[] {
  const named = config.sources?.priceProviders ?? new Map<string, never>();
  const known = [...Object.keys(config.providers), ...Object.keys(presets)];
  return [...named].flatMap(([provider, place]): readonly Diagnostic[] => {
    if (known.includes(provider)) return [];
    const close = nearest(provider, known);
    if (close === null && place.file !== config.file) return [];
    return [
      {
        code: "prices/unknown-provider",
        severity: "warning",
        message: `there is no provider \`${provider}\`: its prices are never used`,
        hint:
          close === null
            ? "name a preset or a key of `providers`; without `provider` a price is for any of them"
            : `did you mean \`${close}\`?`,
        place,
      },
    ];
  });
}
