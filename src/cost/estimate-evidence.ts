import type { Variant } from "../plan/variant.ts";
import { meanInterval } from "../stats/mean.ts";
import { type AnswerLength, outputLimits } from "./expected-completion.ts";

/** What one variant of an earlier run really used. The lists have one entry for each answered request. */
export interface PastVariant {
  readonly variantId: string;
  readonly promptId: string;
  readonly provider: string;
  readonly model: string;
  /** Whether its parameters turn thinking on. */
  readonly thinks: boolean;
  /** Completion tokens of one answer: those of the request over its choices. */
  readonly answerTokens: readonly number[];
  /** Answered requests of which some answer was cut off at its limit. */
  readonly cut: number;
  /** Row of each of them: trials of a row resemble each other. */
  readonly rowIds: readonly string[];
  /** Seconds that the server took; reused answers have none. */
  readonly latencies: readonly number[];
  /** Sums over the requests whose cached tokens the server stated. */
  readonly promptTokens: number;
  readonly cachedTokens: number;
}

/** What the expected length of answers rests on, the nearest first; `assumed` is nothing but a rule. */
export type CompletionBasis = "variant" | "prompt_and_model" | "model" | "prompt" | "assumed";

/** What an earlier run says of a variant that is to be asked. */
export interface Evidence {
  readonly basis: Exclude<CompletionBasis, "assumed">;
  /** Answered requests behind it. */
  readonly requests: number;
  readonly answer: AnswerLength;
  /** Share of them in which some answer was cut off at its limit: a larger one would have let it go on. */
  readonly cutShare: number;
  /** Share of the prompt tokens that came out of the provider's cache; 0 where none was stated. */
  readonly cachedShare: number;
  /** Mean time of a request at the same provider; null where the run has none. */
  readonly latencySeconds: number | null;
}

/**
 * What the variants of an earlier run say of another one: the same variant, else those of the same prompt and model,
 * else of the same model, else of the same prompt; among several those that think as this one does. Null
 * where the run has nothing alike. `known` keeps what was pooled, for other variants.
 */
export function evidenceFor(
  variant: Variant,
  past: readonly PastVariant[],
  known: Map<string, Evidence> = new Map(),
): Evidence | null {
  const model = String(variant.parameters.model);
  const { thinks } = outputLimits(variant.parameters);
  const answered = past.filter(({ answerTokens }) => answerTokens.length > 0);
  const levels: readonly (readonly [Evidence["basis"], (one: PastVariant) => boolean])[] = [
    ["variant", (one) => one.variantId === variant.id],
    ["prompt_and_model", (one) => one.promptId === variant.promptId && one.model === model],
    ["model", (one) => one.model === model],
    ["prompt", (one) => one.promptId === variant.promptId],
  ];
  for (const [basis, isAlike] of levels) {
    const alike = answered.filter(isAlike);
    // Thinking makes answers many times as long.
    const closer = alike.filter((one) => one.thinks === thinks);
    if (alike.length === 0) continue;
    const chosen = closer.length > 0 ? closer : alike;
    const key = [basis, variant.provider, ...chosen.map(({ variantId }) => variantId)].join("\n");
    const evidence = known.get(key) ?? pooled(basis, chosen, variant.provider);
    known.set(key, evidence);
    return evidence;
  }
  return null;
}

function pooled(basis: Evidence["basis"], alike: readonly PastVariant[], provider: string): Evidence {
  const tokens = alike.flatMap(({ answerTokens }) => answerTokens);
  const clusters = alike.flatMap(({ rowIds }) => rowIds);
  const { mean, low } = meanInterval(tokens, { clusters });
  const latencies = alike.filter((one) => one.provider === provider).flatMap((one) => one.latencies);
  const prompts = sum(alike.map(({ promptTokens }) => promptTokens));
  return {
    basis,
    requests: tokens.length,
    answer: { mean: mean ?? 0, low: Math.max(0, low ?? 0), sameLimits: basis === "variant" },
    cutShare: sum(alike.map(({ cut }) => cut)) / tokens.length,
    cachedShare: prompts === 0 ? 0 : sum(alike.map(({ cachedTokens }) => cachedTokens)) / prompts,
    latencySeconds: latencies.length === 0 ? null : sum(latencies) / latencies.length,
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
