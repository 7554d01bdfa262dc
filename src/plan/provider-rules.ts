/** What a provider's own reference says of requests, as far as plans are checked against it. */
export interface ProviderRules {
  /** Name of the preset behind the provider's key. */
  readonly preset: string;
  /** What is wrong with a parameter's value there, as in `siliconflow takes a number from 0 to 2`; null for nothing. */
  readonly complaint: (parameter: string, value: unknown) => string | null;
  /** What reasoning models there call the cap of an answer. */
  readonly outputCap: string;
  /** The role of instructions there; null where that is not known. */
  readonly systemRole: string | null;
}

/** The rules behind a provider's key. */
export type RulesOf = (provider: string) => ProviderRules;
