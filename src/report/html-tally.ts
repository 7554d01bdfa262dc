import { NumberList } from "../aggregate/number-list.ts";
import type { RequestResult } from "../aggregate/result.ts";
import type { Throughput, VariantTimes } from "./html-data.ts";

const quantileStep = 2;
/** Bins of the time line: when they are full, each two become one. */
const mostBins = 240;

/** What a row is worth showing for; higher comes first. */
export const interests = { plain: 0, failsAll: 1, flips: 2, failedRequest: 3 } as const;

const anyPass = 1;
const anyFail = 2;
const anyLost = 4;

/** Collects what the page shows besides the summary, from results in plan order: two bits a row and a variant's times. */
export class HtmlTally {
  readonly #rows: Uint8Array;
  readonly #times: VariantTimes[] = [];
  readonly #timeline = new Timeline();
  #latency = new NumberList();
  #ttft = new NumberList();
  #variant = 0;
  #completions = 0;

  constructor(rows: number) {
    this.#rows = new Uint8Array(rows);
  }

  add(result: RequestResult): void {
    while (this.#variant < result.variantIndex) this.#closeVariant();
    this.#note(result);
    this.#completions += Math.max(1, result.completions.length);
    if (result.status !== "ok" || result.reused) return;
    const { latencyMs, ttftMs } = result.times;
    if (latencyMs !== null) this.#latency.push(latencyMs);
    if (ttftMs !== null) this.#ttft.push(ttftMs);
    if (result.startedAt !== null)
      this.#timeline.add(
        String(result.parameters.model),
        Date.parse(result.startedAt),
        result.answer?.usage.totalTokens ?? 0,
      );
  }

  /** Completions, and requests without one. */
  get completions(): number {
    return this.#completions;
  }

  /** Quantiles of each variant's times. */
  times(variants: number): readonly VariantTimes[] {
    while (this.#times.length < variants) this.#closeVariant();
    return this.#times;
  }

  throughput(): Throughput {
    return this.#timeline.summary();
  }

  /** How interesting a row is. */
  interest(row: number): number {
    const seen = this.#rows[row] ?? 0;
    if ((seen & anyLost) !== 0) return interests.failedRequest;
    if ((seen & anyPass) !== 0 && (seen & anyFail) !== 0) return interests.flips;
    return (seen & anyFail) !== 0 ? interests.failsAll : interests.plain;
  }

  #note({ rowIndex, status, completions }: RequestResult): void {
    let seen = this.#rows[rowIndex] ?? 0;
    if (status === "failed") seen |= anyLost;
    for (const { passed } of completions) {
      if (passed === true) seen |= anyPass;
      if (passed === false) seen |= anyFail;
    }
    this.#rows[rowIndex] = seen;
  }

  #closeVariant(): void {
    this.#times.push({ latency_ms: quantiles(this.#latency), ttft_ms: quantiles(this.#ttft) });
    this.#latency = new NumberList();
    this.#ttft = new NumberList();
    this.#variant++;
  }
}

function quantiles(list: NumberList): readonly number[] {
  const sorted = Float64Array.from(list.view()).sort();
  const last = sorted.length - 1;
  if (last < 0) return [];
  const at: number[] = [];
  for (let percent = 0; percent <= 100; percent += quantileStep)
    at.push(Math.round((sorted[Math.round((last * percent) / 100)] ?? 0) * 10) / 10);
  return at;
}

/** Counts in bins of time whose length doubles as the run gets longer. */
class Timeline {
  readonly #lanes = new Map<string, Map<number, { requests: number; tokens: number }>>();
  #binMs = 1_000;
  #first = Number.POSITIVE_INFINITY;
  #last = Number.NEGATIVE_INFINITY;

  add(lane: string, at: number, tokens: number): void {
    if (!Number.isFinite(at)) return;
    this.#first = Math.min(this.#first, at);
    this.#last = Math.max(this.#last, at);
    while ((this.#last - this.#first) / this.#binMs >= mostBins) this.#double();
    const bins = this.#lanes.get(lane) ?? new Map<number, { requests: number; tokens: number }>();
    this.#lanes.set(lane, bins);
    const number = Math.floor(at / this.#binMs);
    const bin = bins.get(number) ?? { requests: 0, tokens: 0 };
    bins.set(number, bin);
    bin.requests++;
    bin.tokens += tokens;
  }

  summary(): Throughput {
    if (!Number.isFinite(this.#first)) return { from: null, seconds: 1, lanes: [] };
    const start = Math.floor(this.#first / this.#binMs);
    const count = Math.floor(this.#last / this.#binMs) - start + 1;
    return {
      from: new Date(start * this.#binMs).toISOString(),
      seconds: this.#binMs / 1_000,
      lanes: [...this.#lanes].map(([lane, bins]) => ({
        lane,
        requests: Array.from({ length: count }, (_, i) => bins.get(start + i)?.requests ?? 0),
        tokens: Array.from({ length: count }, (_, i) => bins.get(start + i)?.tokens ?? 0),
      })),
    };
  }

  #double(): void {
    this.#binMs *= 2;
    for (const [lane, bins] of this.#lanes) {
      const merged = new Map<number, { requests: number; tokens: number }>();
      for (const [number, { requests, tokens }] of bins) {
        const half = Math.floor(number / 2);
        const bin = merged.get(half) ?? { requests: 0, tokens: 0 };
        merged.set(half, bin);
        bin.requests += requests;
        bin.tokens += tokens;
      }
      this.#lanes.set(lane, merged);
    }
  }
}
