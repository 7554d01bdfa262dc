import { roundedAmount } from "../aggregate/cost-tally.ts";
import type { Cost } from "../aggregate/result.ts";
import { unknownUsage } from "../outcome/completion.ts";
import { costOf, isFree } from "./cost-of.ts";
import type { Evidence } from "./estimate-evidence.ts";
import type { EstimatedCost, EstimatedSum, RunEstimate, VariantEstimate } from "./estimate-shape.ts";
import { expectedCompletion, type OutputLimits } from "./expected-completion.ts";
import type { Price } from "./price.ts";
import { worstCost } from "./worst-cost.ts";

/** Time of a request where nothing is known: an assumption. */
export const assumedLatency = { firstSeconds: 0.5, secondsPerToken: 0.02 } as const;

/** One request of a variant whose prompt was counted. */
export interface CountedRequest {
  readonly promptTokens: number;
  readonly limits: OutputLimits;
  /** Null where it is unknown. */
  readonly price: Price | null;
}

/** What the requests of a variant come to, all of them, whether counted or not. */
export interface VariantUse {
  readonly promptTokens: number;
  readonly completion: VariantEstimate["completion_tokens"];
  readonly cost: EstimatedCost | null;
  /** Half the 95 % interval of the prompt tokens, as a share of them; 0 where every request was counted. */
  readonly promptError: number;
  /** Sum of the times that the requests take on the server. */
  readonly busySeconds: number;
}

/** Adds up the counted requests of one variant, and gives what all its requests come to. */
export class VariantTally {
  readonly #evidence: Evidence | null;
  readonly #money = new Money();
  #counted = 0;
  #prompt = 0;
  #promptSquares = 0;
  #expected = 0;
  #worst: number | null = 0;
  #seconds = 0;

  /** `evidence` is what an earlier run says of the variant; null for nothing. */
  constructor(evidence: Evidence | null) {
    this.#evidence = evidence;
  }

  add({ promptTokens, limits, price }: CountedRequest): void {
    const { low, expected, worst } = expectedCompletion(limits, this.#evidence?.answer ?? null);
    this.#counted++;
    this.#prompt += promptTokens;
    this.#promptSquares += promptTokens * promptTokens;
    this.#expected += expected;
    this.#worst = this.#worst === null || worst === null ? null : this.#worst + worst;
    this.#seconds +=
      this.#evidence?.latencySeconds ??
      assumedLatency.firstSeconds + (assumedLatency.secondsPerToken * expected) / limits.choices;
    this.#money.add(price, promptTokens, this.#evidence?.cachedShare ?? 0, { low, expected, worst });
  }

  /** Scales from the counted requests to so many, of so many rows; at least one must have been counted. */
  finish(requests: number, rows: number): VariantUse {
    const factor = requests / this.#counted;
    return {
      promptTokens: Math.round(this.#prompt * factor),
      promptError: this.#promptError(rows),
      completion: {
        expected: Math.round(this.#expected * factor),
        worst: this.#worst === null ? null : Math.round(this.#worst * factor),
      },
      cost: this.#money.sum(factor),
      busySeconds: this.#seconds * factor,
    };
  }

  /** Normal interval of a mean, with the correction for a finite number of rows. */
  #promptError(rows: number): number {
    const n = this.#counted;
    if (n >= rows || n < 2 || this.#prompt === 0) return 0;
    const mean = this.#prompt / n;
    const variance = Math.max(0, (this.#promptSquares - n * mean * mean) / (n - 1));
    return (1.96 * Math.sqrt((variance / n) * (1 - n / rows))) / mean;
  }
}

/** Low, expected and worst cost side by side. */
class Money {
  #currency: string | null = null;
  #known = true;
  #low = 0;
  #expected = 0;
  #worst: number | null = 0;

  add(
    price: Price | null,
    promptTokens: number,
    cachedShare: number,
    completion: { readonly low: number; readonly expected: number; readonly worst: number | null },
  ): void {
    const charge = (completionTokens: number, cached: number): Cost | null =>
      price === null
        ? null
        : costOf(
            {
              ...unknownUsage,
              promptTokens,
              completionTokens,
              cachedTokens: cached,
              totalTokens: promptTokens + completionTokens,
              estimated: true,
            },
            price,
          );
    const cached = cachedShare * promptTokens;
    const low = charge(completion.low, cached);
    const expected = charge(completion.expected, cached);
    if (price === null || low === null || expected === null) {
      this.#known = false;
      return;
    }
    this.#known &&= this.#currency === null || this.#currency === price.currency;
    this.#currency = price.currency;
    this.#low += low.amount;
    this.#expected += expected.amount;
    // What costs nothing costs nothing however long it is.
    const longest = completion.worst ?? (isFree(price) ? 0 : null);
    this.#worst =
      this.#worst === null || longest === null
        ? null
        : this.#worst + worstCost(price, Math.ceil(promptTokens), longest);
  }

  sum(factor: number): EstimatedCost | null {
    if (!this.#known || this.#currency === null) return null;
    return {
      currency: this.#currency,
      low: roundedAmount(this.#low * factor),
      expected: roundedAmount(this.#expected * factor),
      worst: this.#worst === null ? null : roundedAmount(this.#worst * factor),
    };
  }
}

/** The sums over variants: tokens, and money by currency. */
export function estimateTotals(variants: readonly VariantEstimate[]): RunEstimate["totals"] {
  const sum = (pick: (variant: VariantEstimate) => number): number =>
    variants.reduce((total, variant) => total + pick(variant), 0);
  const bounded = variants.every((variant) => variant.completion_tokens.worst !== null);
  return {
    requests: sum(({ requests }) => requests),
    prompt_tokens: sum((variant) => variant.prompt_tokens),
    completion_tokens: {
      expected: sum((variant) => variant.completion_tokens.expected),
      worst: bounded ? sum((variant) => variant.completion_tokens.worst ?? 0) : null,
    },
    cost: costSums(variants),
  };
}

function costSums(variants: readonly VariantEstimate[]): readonly EstimatedSum[] {
  const complete = variants.every(({ cost }) => cost !== null);
  const known = variants.flatMap(({ cost }) => (cost === null ? [] : [cost]));
  const currencies = [...new Set(known.map(({ currency }) => currency))].sort();
  return currencies.map((currency) => {
    const own = known.filter((cost) => cost.currency === currency);
    const sum = (pick: (cost: EstimatedCost) => number): number =>
      roundedAmount(own.reduce((total, cost) => total + pick(cost), 0));
    return {
      currency,
      low: sum(({ low }) => low),
      expected: sum(({ expected }) => expected),
      worst: own.some(({ worst }) => worst === null) ? null : sum(({ worst }) => worst ?? 0),
      complete,
    };
  });
}
