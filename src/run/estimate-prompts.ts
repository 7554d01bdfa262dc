import type { RunConfig } from "../config/run-config.ts";
import { VariantTally, type VariantUse } from "../cost/estimate.ts";
import { type Evidence, evidenceFor, type PastVariant } from "../cost/estimate-evidence.ts";
import { outputLimits } from "../cost/expected-completion.ts";
import type { Price, PriceBook } from "../cost/price.ts";
import { mediaParts } from "../cost/token-counter.ts";
import type { Plan, PlannedRequest, PlannedVariant } from "../plan/plan.ts";
import { permutation } from "../system/seeded-random.ts";
import type { Prepared } from "./prepare.ts";
import { priceOf } from "./price-of.ts";

/** How much is counted of a large plan. */
export interface SampleSize {
  /** Prompts at most, over all variants. */
  readonly most: number;
  /** Rows of each variant in any case. */
  readonly least: number;
}

/** What an estimate counts. */
export const usualSample: SampleSize = { most: 20_000, least: 200 };

/** What was counted of one variant, and what all its requests come to. */
export interface CountedVariant {
  readonly variant: PlannedVariant;
  readonly use: VariantUse;
  readonly evidence: Evidence | null;
  readonly rowsCounted: number;
  readonly models: ReadonlySet<string>;
  readonly prices: ReadonlySet<Price>;
  readonly unpriced: ReadonlySet<string>;
  readonly tooLong: LongPrompts;
  /** Of the prompts counted, those with parts that are no text. */
  readonly mediaPrompts: number;
}

/** Rows whose prompt does not fit into the model's context, alone or with the answer. */
interface LongPrompts {
  readonly alone: string[];
  readonly withAnswer: string[];
  context: number;
}

/** Counts the prompts of every variant: all rows, or where that is many the same seeded sample of rows for each. */
export function countVariants(
  { plan, config, prices }: Pick<Prepared, "plan" | "config" | "prices">,
  past: readonly PastVariant[],
  sample: SampleSize,
  count: (request: PlannedRequest) => number,
): readonly CountedVariant[] {
  const most = Math.max(sample.least, Math.floor(sample.most / plan.variants.length));
  const known = new Map<string, Evidence>();
  const orders = new Map<number, Int32Array>();
  const counters = plan.variants.map((variant) => {
    const rows = variant.requests / variant.trials;
    const order = orders.get(rows) ?? countedPlaces(rows, most);
    orders.set(rows, order);
    return { order, counter: new VariantCounter(variant, config, prices, evidenceFor(variant, past, known)) };
  });
  const longest = Math.max(...[...orders.values()].map(({ length }) => length));
  // Variants of a row follow each other, so that the plan renders its messages once.
  for (let place = 0; place < longest; place++) {
    for (const { order, counter } of counters) {
      const row = order[place];
      if (row !== undefined) counter.add(requestAt(plan, counter.variant, row), count);
    }
  }
  return counters.map(({ counter }) => counter.finish());
}

/** Places of the rows that are counted, among the rows of a variant, ascending. */
function countedPlaces(rows: number, most: number): Int32Array {
  return rows <= most
    ? Int32Array.from({ length: rows }, (_, i) => i)
    : permutation(rows, "promptgrid").slice(0, most).sort();
}

/** The first trial of a row stands for all of them. */
function requestAt(plan: Plan, variant: PlannedVariant, place: number): PlannedRequest {
  return plan.request(variant.offset + place * variant.trials);
}

function hasMedia({ messages }: PlannedRequest): boolean {
  return messages.some(({ content }) => Array.isArray(content)) && mediaParts(messages) > 0;
}

/** What is counted of one variant, request by request. */
class VariantCounter {
  readonly variant: PlannedVariant;
  readonly #config: RunConfig;
  readonly #book: PriceBook;
  readonly #evidence: Evidence | null;
  readonly #tally: VariantTally;
  readonly #byModel = new Map<string, Price | null>();
  readonly #long: LongPrompts = { alone: [], withAnswer: [], context: 0 };
  #rows = 0;
  #mediaPrompts = 0;

  constructor(variant: PlannedVariant, config: RunConfig, book: PriceBook, evidence: Evidence | null) {
    this.variant = variant;
    this.#config = config;
    this.#book = book;
    this.#evidence = evidence;
    this.#tally = new VariantTally(this.#evidence);
  }

  add(request: PlannedRequest, count: (request: PlannedRequest) => number): void {
    const promptTokens = count(request);
    const limits = outputLimits(request.parameters);
    const price = this.#price(String(request.parameters.model));
    this.#rows++;
    if (hasMedia(request)) this.#mediaPrompts++;
    this.#tally.add({ promptTokens, limits, price });
    const context = price?.contextTokens ?? null;
    if (context === null || promptTokens + (limits.answerTokens ?? 0) + limits.thinkingTokens <= context)
      return;
    this.#long.context = context;
    (promptTokens > context ? this.#long.alone : this.#long.withAnswer).push(request.row.id);
  }

  finish(): CountedVariant {
    const entries = [...this.#byModel];
    return {
      variant: this.variant,
      use: this.#tally.finish(this.variant.requests, this.variant.requests / this.variant.trials),
      evidence: this.#evidence,
      rowsCounted: this.#rows,
      models: new Set(entries.map(([model]) => model)),
      prices: new Set(entries.flatMap(([, price]) => price ?? [])),
      unpriced: new Set(
        entries.flatMap(([model, price]) => (price === null ? [`${this.variant.provider}/${model}`] : [])),
      ),
      tooLong: this.#long,
      mediaPrompts: this.#mediaPrompts,
    };
  }

  #price(model: string): Price | null {
    const known = this.#byModel.get(model);
    if (known !== undefined) return known;
    const price = priceOf({ config: this.#config, prices: this.#book }, this.variant.provider, { model });
    this.#byModel.set(model, price);
    return price;
  }
}
