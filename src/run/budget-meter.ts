import { type Billing, billedShare } from "../cost/cost-of.ts";
import { outputLimits, worstCompletionTokens } from "../cost/expected-completion.ts";
import { mediaParts, type TokenCounter } from "../cost/token-counter.ts";
import { worstCost } from "../cost/worst-cost.ts";
import { type AttemptOutline, recordedUsage } from "../journal/record.ts";
import type { Usage } from "../outcome/completion.ts";
import type { Message } from "../plan/messages.ts";
import type { Variant } from "../plan/variant.ts";
import type { Amounts, BudgetAxis } from "../schedule/budget.ts";
import { countedModel } from "./counted-model.ts";
import type { Prepared } from "./prepare.ts";
import { priceOf, usageCost } from "./price-of.ts";
import { providerSpec } from "./provider-spec.ts";

type Metered = Pick<Prepared, "config" | "prices">;

/** Where a request goes: what prices are found by. */
type MeteredVariant = Pick<Variant, "provider" | "parameters">;

/** A request as far as it is reckoned: one of the plan, or one to a judge. */
export interface MeteredRequest {
  readonly variant: MeteredVariant;
  readonly messages: readonly Message[];
  readonly parameters: Readonly<Record<string, unknown>>;
}

type MeteredRecord = Pick<AttemptOutline, "status" | "usage" | "failure" | "batch">;

/** Prompts may be longer than they were counted: by this much. */
const countMargin = 1.1;

/** How a model's own counts compare with ours. */
interface Seen {
  counted: number;
  actual: number;
  /** The most that a prompt had beyond what would have been its worst case. */
  beyond: number;
}

/** The most that one request may use, and what it rests on. */
export interface WorstCase {
  readonly amounts: Amounts;
  /** Counted prompt tokens; null where nothing was counted. */
  readonly promptTokens: number | null;
}

/**
 * Says what requests may use at worst, and what attempts used, on the axes of a budget: `requests`, `tokens`, and money
 * by currency. The worst case is prompt tokens as counted, at the ratio that the model's own usage has shown, with 10 % and
 * the largest excess that was seen more; and `n × (max_tokens + thinking_budget)`; NaN where that is not known.
 */
export class BudgetMeter {
  readonly #axes: readonly BudgetAxis[];
  readonly #counter: TokenCounter | null;
  readonly #attempt: WorstCase;
  /** By model; prompts with images and the like, which are a rough guess, by themselves. */
  readonly #seen = new Map<string, Seen>();

  /** `counter` may be null for axes that need no tokens. */
  constructor(axes: readonly BudgetAxis[], counter: TokenCounter | null) {
    this.#axes = axes;
    this.#counter = counter;
    this.#attempt = { amounts: axes.map(() => 1), promptTokens: null };
  }

  /** The worst case of any request where attempts alone are counted; null where it depends on the request. */
  get attempt(): WorstCase | null {
    return this.#counter === null ? this.#attempt : null;
  }

  worst(
    prepared: Metered,
    { variant, messages, parameters }: MeteredRequest,
    billing: Billing = {},
  ): WorstCase {
    if (this.#counter === null) return this.#attempt;
    const { simulated } = this.#model(prepared, variant);
    const model = String(parameters.model);
    const counted = this.#counter.request(
      countedModel(prepared, variant.provider, model),
      messages,
      parameters,
    );
    const prompt = this.#longest(seenKey(model, messages), counted);
    const completion = worstCompletionTokens(outputLimits(parameters)) ?? Number.NaN;
    const price = priceOf(prepared, variant.provider, { model });
    const amounts = this.#axes.map(({ name }) => {
      if (name === "requests") return 1;
      if (name === "tokens") return prompt + completion;
      if (price === null) return simulated ? 0 : Number.NaN;
      return price.currency === name ? worstCost(price, prompt, completion) * billedShare(price, billing) : 0;
    });
    return { amounts, promptTokens: counted };
  }

  /**
   * What an attempt used. Without usage an answer counts as its worst case, and so does a failure that may have been
   * billed, whatever it stated before it broke; other failures used nothing but an attempt.
   */
  used(prepared: Metered, variant: MeteredVariant, record: MeteredRecord, worst: () => Amounts): Amounts {
    const usage = recordedUsage(record);
    const batch = record.batch !== undefined;
    const failed = record.status === "failed";
    const refused = failed && record.failure?.maybe_billed !== true;
    const { model, simulated } = this.#model(prepared, variant);
    const price = priceOf(prepared, variant.provider, { model });
    const cost =
      usage === null ? null : usageCost(prepared, variant.provider, variant.parameters, usage, { batch });
    const known = (name: string): number | null => {
      if (name === "tokens") return tokensOf(usage);
      if (cost !== null) return cost.currency === name ? cost.amount : 0;
      if (price === null) return simulated ? 0 : null;
      return price.currency === name ? null : 0;
    };
    return this.#axes.map(({ name }, i) => {
      if (name === "requests") return 1;
      const amount = known(name);
      if (refused) return usage === null ? 0 : (amount ?? 0);
      const most = amount !== null && !failed ? amount : (worst()[i] ?? 0);
      return failed ? Math.max(most, amount ?? 0) : most;
    });
  }

  /** Learns from an answer how far the count of its prompt was from the server's. */
  learn(
    prepared: Metered,
    { variant, messages }: Pick<MeteredRequest, "variant" | "messages">,
    record: MeteredRecord,
    counted: number | null,
  ): void {
    const usage = recordedUsage(record);
    const actual = usage?.promptTokens ?? null;
    if (counted === null || counted === 0 || actual === null || usage?.estimated === true) return;
    const key = seenKey(this.#model(prepared, variant).model, messages);
    const seen = this.#seen.get(key) ?? { counted: 0, actual: 0, beyond: 0 };
    seen.counted += counted;
    seen.actual += actual;
    seen.beyond = Math.max(seen.beyond, actual - scaled(seen, counted));
    this.#seen.set(key, seen);
  }

  #longest(key: string, counted: number): number {
    const seen = this.#seen.get(key) ?? { counted: 0, actual: 0, beyond: 0 };
    // 1.1 × 100 is a little more than 110 in binary fractions.
    return Math.ceil(scaled(seen, counted) + seen.beyond - 1e-6);
  }

  #model(
    { config }: Metered,
    variant: MeteredVariant,
  ): { readonly model: string; readonly simulated: boolean } {
    const simulated = providerSpec(variant.provider, config)?.preset === "simulator";
    return { model: String(variant.parameters.model), simulated };
  }
}

/** Counted tokens at the ratio that a model has on the whole, never below 1, with the margin. */
function scaled(seen: Seen, counted: number): number {
  const ratio = seen.counted === 0 ? 1 : Math.max(1, seen.actual / seen.counted);
  return counted * ratio * countMargin;
}

function seenKey(model: string, messages: readonly Message[]): string {
  return mediaParts(messages) > 0 ? `${model}\nmedia` : model;
}

function tokensOf(usage: Usage | null): number | null {
  if (usage === null) return null;
  if (usage.totalTokens !== null) return usage.totalTokens;
  const { promptTokens, completionTokens } = usage;
  return promptTokens === null || completionTokens === null ? null : promptTokens + completionTokens;
}
