/** Prices of requests up to a prompt length; the last tier has none. All amounts are per million tokens. */
export interface PriceTier {
  /** Prompt tokens up to which the tier holds, inclusive; null is without end. The whole request is billed in its tier. */
  readonly upTo: number | null;
  readonly input: number;
  readonly output: number;
  /** Of cached prompt tokens; null where the provider states none: they then cost as much as others. */
  readonly cachedInput: number | null;
}

/** Stands for every provider in a price of the user's. */
export const anyProvider = "*";

/** What one model costs at one provider. Currencies are never converted. */
export interface Price {
  /** Name of the preset (`siliconflow`, `siliconflow-intl`, `openai` …), key of the user's provider, or `anyProvider`. */
  readonly provider: string;
  /** As the provider calls it; in the user's prices `*` is any run of characters. */
  readonly model: string;
  /** ISO 4217. */
  readonly currency: string;
  /** Ascending by length; never empty. */
  readonly tiers: readonly PriceTier[];
  /** Share taken off in the batch API, 0.5 is half price; null where there is none or it is unknown. */
  readonly batchDiscount: number | null;
  readonly contextTokens: number | null;
  /** Date of the price, YYYY-MM-DD; null where the user stated none. */
  readonly asOf: string | null;
  /** Where it was read: a URL, or the user's file. */
  readonly source: string;
}

/** Every price that is known to a run: the user's before those of exports, and these before the shipped ones. */
export interface PriceBook {
  /**
   * The price of a model at a provider, null where it is unknown. The names are what it goes by, the one that is sent first;
   * a price of the user's under any of them goes before a shipped one.
   */
  find(provider: ProviderName, ...names: readonly string[]): Price | null;
}

/** A provider as prices are looked up: the user's own key first, then its preset. */
export interface ProviderName {
  readonly key: string;
  readonly preset: string;
}
