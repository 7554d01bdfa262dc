import type { Price, PriceTier } from "../cost/price.ts";

/** What providers are called in exports, where presets have other names. Those that bill in another currency are left out. */
const providerNames: Readonly<Record<string, string | null>> = {
  siliconflow: "siliconflow-intl",
  "siliconflow-cn": null,
  moonshotai: "moonshot",
  together_ai: "together",
  togetherai: "together",
};

/**
 * The prices of a models.dev (`api.json`) or LiteLLM (`model_prices_and_context_window.json`) export, told by its shape;
 * null for any other text. Both state USD. Entries without prices of text are left out.
 */
export function exportedPrices(text: string, file: string): readonly Price[] | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isMap(value)) return null;
  const entries = Object.entries(value).filter((entry): entry is [string, Json] => isMap(entry[1]));
  if (entries.some(([, one]) => isMap(one.models))) return modelsDev(entries, file);
  return entries.some(([, one]) => "litellm_provider" in one || "input_cost_per_token" in one)
    ? liteLlm(entries, file)
    : null;
}

type Json = Readonly<Record<string, unknown>>;

function isMap(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A price that is one; exports have texts and negative placeholders, too. */
function amount(value: unknown): number | null {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) && number >= 0 ? number : null;
}

function named(provider: string): string | null {
  return Object.hasOwn(providerNames, provider) ? (providerNames[provider] ?? null) : provider;
}

function modelsDev(entries: readonly (readonly [string, Json])[], file: string): readonly Price[] {
  return entries.flatMap(([id, { models }]) => {
    const provider = named(id);
    if (provider === null || !isMap(models)) return [];
    return Object.entries(models).flatMap(([model, facts]) => {
      const cost = isMap(facts) && isMap(facts.cost) ? facts.cost : {};
      const limit = isMap(facts) && isMap(facts.limit) ? facts.limit : {};
      const longer = isMap(cost.context_over_200k)
        ? [{ from: 200_000, ...devPrices(cost.context_over_200k) }]
        : [];
      const stepped = (Array.isArray(cost.tiers) ? cost.tiers : []).flatMap((tier: unknown) => {
        const from = isMap(tier) && isMap(tier.tier) ? amount(tier.tier.size) : null;
        return isMap(tier) && from !== null ? [{ from, ...devPrices(tier) }] : [];
      });
      return priced(provider, model, devPrices(cost), stepped.length > 0 ? stepped : longer, {
        context: amount(limit.context),
        batch: null,
        file,
      });
    });
  });
}

function devPrices(cost: Json): Prices {
  return { input: amount(cost.input), output: amount(cost.output), cached: amount(cost.cache_read) };
}

function liteLlm(entries: readonly (readonly [string, Json])[], file: string): readonly Price[] {
  const seen = new Set<string>();
  return entries.flatMap(([name, facts]) => {
    const written = typeof facts.litellm_provider === "string" ? facts.litellm_provider : null;
    const provider = written === null ? null : named(written);
    if (written === null || provider === null || !["chat", undefined].includes(facts.mode as string))
      return [];
    const model = name.startsWith(`${written}/`) ? name.slice(written.length + 1) : name;
    if (seen.has(`${provider}\n${model}`)) return [];
    seen.add(`${provider}\n${model}`);
    const [prices, ...longer] = liteSteps(facts);
    const batch = amount(facts.input_cost_per_token_batches);
    const perToken = amount(facts.input_cost_per_token);
    return priced(provider, model, prices, longer, {
      context: amount(facts.max_input_tokens),
      batch: batch === null || perToken === null || perToken === 0 ? null : tidy(1 - batch / perToken),
      file,
    });
  });
}

function litePrices(facts: Json, suffix: string): Prices {
  const million = (key: string): number | null => {
    const perToken = amount(facts[`${key}${suffix}`]);
    return perToken === null ? null : tidy(perToken * 1e6);
  };
  return {
    input: million("input_cost_per_token"),
    output: million("output_cost_per_token"),
    cached: million("cache_read_input_token_cost"),
  };
}

/** Prices by the length of the prompt, the first from 0 on. What a step does not state is as in the one before it. */
function liteSteps(facts: Json): readonly [Prices, ...Step[]] {
  const listed = (Array.isArray(facts.tiered_pricing) ? facts.tiered_pricing : [])
    .flatMap((tier: unknown): readonly Step[] => {
      const from = isMap(tier) && Array.isArray(tier.range) ? amount(tier.range[0]) : null;
      return isMap(tier) && from !== null ? [{ from, ...litePrices(tier, "") }] : [];
    })
    .sort((a, b) => a.from - b.from);
  const named = [128, 200, 256, 272].flatMap((thousands): readonly Step[] => {
    const above = litePrices(facts, `_above_${thousands}k_tokens`);
    return above.input === null && above.output === null ? [] : [{ from: thousands * 1_000, ...above }];
  });
  let below = litePrices(facts, "");
  const steps = (listed.length > 0 ? listed : named).map(({ from, input, output, cached }): Step => {
    below = {
      input: input ?? below.input,
      output: output ?? below.output,
      cached: cached ?? below.cached,
    };
    return { from, ...below };
  });
  const [first, ...rest] = steps;
  return first?.from === 0 ? [first, ...rest] : [litePrices(facts, ""), ...steps];
}

/** 2.8e-07 times a million is not quite 0.28 in binary fractions. */
function tidy(value: number): number {
  return Number(value.toPrecision(12));
}

interface Prices {
  readonly input: number | null;
  readonly output: number | null;
  readonly cached: number | null;
}

/** Prices of prompts longer than `from` tokens. */
interface Step extends Prices {
  readonly from: number;
}

function priced(
  provider: string,
  model: string,
  prices: Prices,
  longer: readonly Step[],
  facts: { readonly context: number | null; readonly batch: number | null; readonly file: string },
): readonly Price[] {
  const steps = [{ from: 0, ...prices }, ...[...longer].sort((a, b) => a.from - b.from)];
  const tiers = steps.flatMap(({ input, output, cached }, i): readonly PriceTier[] => {
    if (input === null || output === null) return [];
    // Exports write 0 for a cache that the provider does not have.
    const cachedInput = cached === 0 && input > 0 ? null : cached;
    return [{ upTo: steps[i + 1]?.from ?? null, input, output, cachedInput }];
  });
  if (tiers.length < steps.length) return [];
  const { context, batch, file } = facts;
  const base = { provider, model, currency: "USD", asOf: null, source: file, batchDiscount: batch };
  return [{ ...base, contextTokens: context, tiers }];
}
