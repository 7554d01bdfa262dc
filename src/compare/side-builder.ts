import { NumberList } from "../aggregate/number-list.ts";
import type { RequestResult } from "../aggregate/result.ts";
import type { Row } from "../dataset/dataset.ts";
import { contentId } from "../plan/canonical-json.ts";
import type { Variant } from "../plan/variant.ts";
import { type ScoreColumn, weightedId } from "../score/score-column.ts";
import type { ScorerSpec } from "../score/scorer.ts";
import type { Quantity } from "./metric.ts";
import { rowDigest } from "./row-digest.ts";
import type { Series, Side, SideVariant } from "./side.ts";

/** What a side rests on besides the results. */
export interface SideFacts {
  readonly name: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly rows: readonly Row[];
  /** Columns of the dataset. */
  readonly columns: readonly string[];
  readonly variants: readonly Variant[];
  readonly scorers: readonly ScoreColumn[];
  readonly clustered: boolean;
  /** Names of the variables that prompts and scorers use. */
  readonly variables: readonly string[];
  /** Prompts by id, as written. */
  readonly prompts: ReadonlyMap<string, string>;
  /** What is collected; for those in `singly` every single value is kept beside the row's mean. */
  readonly quantities: readonly Quantity[];
  readonly singly: readonly Quantity[];
  readonly output: Side["output"];
  readonly requestId: Side["requestId"];
}

/** Collects a side from results in plan order: two numbers for each variant, row and quantity. */
export class SideBuilder {
  readonly #facts: SideFacts;
  readonly #variants: readonly VariantBuilder[];

  constructor(facts: SideFacts) {
    this.#facts = facts;
    this.#variants = facts.variants.map((variant) => new VariantBuilder(variant, facts));
  }

  add(result: RequestResult): void {
    this.#variants[result.variantIndex]?.add(result);
  }

  finish(): Side {
    const { rows, columns } = this.#facts;
    const known = new Set(columns);
    return {
      name: this.#facts.name,
      startedAt: this.#facts.startedAt,
      endedAt: this.#facts.endedAt,
      rows,
      rowOfId: new Map(rows.map((row, i) => [row.id, i])),
      variants: this.#variants.map((variant) => variant.finish()),
      variables: this.#facts.variables,
      digest: (row, names) => {
        const variables = rows[row]?.variables;
        if (variables === undefined || names.some((name) => !known.has(name))) return null;
        return rowDigest(variables, names);
      },
      column: (row, name) => (known.has(name) ? cellText(rows[row]?.variables[name]) : null),
      prompts: this.#facts.prompts,
      scorers: new Map(this.#facts.scorers.map((column) => [column.id, columnDigest(column)])),
      required: this.#facts.scorers.filter((scorer) => scorer.required).map((scorer) => scorer.id),
      clustered: this.#facts.clustered,
      output: this.#facts.output,
      requestId: this.#facts.requestId,
    };
  }
}

/** 12 hex digits over all that decides what stands in a column of scores. */
function columnDigest({ id, specs }: ScoreColumn): string {
  if (id === weightedId)
    return contentId(
      specs.map((spec) => [spec.id, spec.weight, scorerDigest(spec)]),
      12,
    );
  const [first] = specs;
  return specs.length === 1 && first !== undefined
    ? scorerDigest(first)
    : contentId(specs.map(scorerDigest), 12);
}

/** 12 hex digits over all that decides what a scorer says: equal ones give equal scores. */
export function scorerDigest(spec: ScorerSpec): string {
  const { type, negate, threshold, target, options, moduleDigest } = spec;
  const module = moduleDigest === undefined ? {} : { module: moduleDigest };
  return contentId({ type, negate, threshold, target, options, ...module }, 12);
}

/** A cell as the text that slices are named by. */
function cellText(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

class VariantBuilder {
  readonly #variant: Variant;
  readonly #series: ReadonlyMap<Quantity, SeriesBuilder>;
  readonly #requests: Int32Array;
  readonly #completions: Int32Array;
  readonly #failed = new Map<string, Int32Array>();
  #pending: Int32Array | null = null;
  readonly #models = new Set<string>();
  readonly #currencies = new Set<string>();

  constructor(variant: Variant, facts: SideFacts) {
    const size = facts.rows.length;
    this.#variant = variant;
    this.#requests = new Int32Array(size);
    this.#completions = new Int32Array(size);
    this.#series = new Map(
      facts.quantities.map((name) => [name, new SeriesBuilder(size, facts.singly.includes(name))]),
    );
  }

  add(result: RequestResult): void {
    const row = result.rowIndex;
    count(this.#requests, row);
    if (result.status === "pending") {
      this.#pending ??= new Int32Array(this.#requests.length);
      count(this.#pending, row);
      return;
    }
    if (result.status === "failed") {
      const kind = result.failure?.kind ?? "bad_response";
      const counts = this.#failed.get(kind) ?? new Int32Array(this.#requests.length);
      this.#failed.set(kind, counts);
      count(counts, row);
      return;
    }
    this.#answer(result, row);
  }

  finish(): SideVariant {
    return {
      variantId: this.#variant.id,
      label: this.#variant.label,
      promptId: this.#variant.promptId,
      provider: this.#variant.provider,
      parameters: this.#variant.parameters,
      requests: this.#requests,
      completions: this.#completions,
      series: new Map([...this.#series].map(([name, series]) => [name, series.finish()])),
      missing: { failed: this.#failed, pending: this.#pending },
      models: [...this.#models].sort(),
      currencies: [...this.#currencies].sort(),
    };
  }

  #answer(result: RequestResult, row: number): void {
    for (const { passed, scores } of result.completions) {
      count(this.#completions, row);
      this.#push("pass", row, passed === null ? null : Number(passed));
      for (const [id, { value }] of Object.entries(scores)) this.#push(`scores.${id}`, row, value);
    }
    const { answer, times, cost } = result;
    if (!result.reused) {
      this.#push("latency_ms", row, times.latencyMs);
      this.#push("ttft_ms", row, times.ttftMs);
      this.#push("tpot_ms", row, times.tpotMs);
      this.#push("queued_ms", row, times.queuedMs);
      this.#push("total_ms", row, times.totalMs);
    }
    const usage = answer?.usage;
    this.#push("prompt_tokens", row, usage?.promptTokens ?? null);
    this.#push("completion_tokens", row, usage?.completionTokens ?? null);
    this.#push("reasoning_tokens", row, usage?.reasoningTokens ?? null);
    this.#push("cached_tokens", row, usage?.cachedTokens ?? null);
    this.#push("total_tokens", row, usage?.totalTokens ?? null);
    this.#push("cost", row, cost?.amount ?? null);
    if (cost !== null) this.#currencies.add(cost.currency);
    const model = answer?.responseModel ?? null;
    if (model !== null) {
      const fingerprint = answer?.systemFingerprint;
      this.#models.add(fingerprint === undefined ? model : `${model} (${fingerprint})`);
    }
  }

  #push(quantity: Quantity, row: number, value: number | null): void {
    // NaN is a score that could not be found out, whoever gave it.
    if (value !== null && !Number.isNaN(value)) this.#series.get(quantity)?.push(row, value);
  }
}

/** Sums and counts by row; results come row by row, so single values of a row lie beside each other. */
class SeriesBuilder {
  readonly #sums: Float64Array;
  readonly #counts: Int32Array;
  readonly #values: NumberList | null;
  readonly #starts: Int32Array | null;

  constructor(size: number, singly: boolean) {
    this.#sums = new Float64Array(size);
    this.#counts = new Int32Array(size);
    this.#values = singly ? new NumberList() : null;
    this.#starts = singly ? new Int32Array(size) : null;
  }

  push(row: number, value: number): void {
    if (this.#counts[row] === 0 && this.#starts !== null) this.#starts[row] = this.#values?.length ?? 0;
    this.#sums[row] = (this.#sums[row] ?? 0) + value;
    count(this.#counts, row);
    this.#values?.push(value);
  }

  finish(): Series {
    const means = this.#sums.map((sum, row) => sum / (this.#counts[row] ?? 0));
    const all = this.#values?.view() ?? null;
    const starts = this.#starts;
    const counts = this.#counts;
    if (all === null || starts === null) return { means, counts, values: null };
    return {
      means,
      counts,
      values: (row) => all.subarray(starts[row] ?? 0, (starts[row] ?? 0) + (counts[row] ?? 0)),
    };
  }
}

function count(counts: Int32Array, row: number): void {
  counts[row] = (counts[row] ?? 0) + 1;
}
