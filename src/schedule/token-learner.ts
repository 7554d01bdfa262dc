import type { Usage } from "../outcome/completion.ts";
import type { Amounts } from "./axis.ts";

/** What is known of a request's tokens before it is sent. */
export interface Demand {
  /** Requests of equal group have answers of like length: its variant. */
  readonly group: number;
  /** A rough count of the prompt. */
  readonly promptTokens: number;
  /** The most that may come back, as stated; null where nothing limits it. */
  readonly mostCompletion: number | null;
}

/** Lengths that are remembered of each group. */
const remembered = 200;
/** Completion tokens where nothing is known or stated. */
const assumed = 1_000;
const mostAssumed = 2_000;
const ratioShare = 0.05;
/** Limits of tokens hold for a minute. */
const windowMs = 60_000;

/**
 * Learns from the server's own counts what requests use: how far prompts are from their rough count, and how long the
 * answers of each group are. Reserves the mean of the last 200, or their 95th percentile where it is strict.
 */
export class TokenLearner {
  readonly #strict: boolean;
  readonly #groups = new Map<number, Lengths>();
  readonly #all = new Lengths();
  /** Prompt tokens as the server counts them over those of the rough count. */
  #ratio: number | null = null;

  constructor(strict: boolean) {
    this.#strict = strict;
  }

  /** Tokens to reserve. */
  expected({ group, promptTokens, mostCompletion }: Demand): Amounts {
    const lengths = this.#groups.get(group) ?? this.#all;
    const learned = this.#strict ? lengths.p95 : lengths.mean;
    const output = learned ?? Math.min(mostCompletion ?? assumed, mostAssumed);
    return { input: promptTokens * (this.#ratio ?? 1), output };
  }

  /**
   * What each request in flight takes on the average beyond what was expected of it: short answers are soon there, so those
   * that are still to come are the long ones (length-biased sampling: an answer is met in proportion to the time t that it
   * lies in the last minute, so their mean is Σlt / Σt). Only for those sent within the last minute, whose tokens count.
   */
  get excessInFlight(): number {
    return this.#strict ? 0 : this.#all.excess;
  }

  /** Tokens where a server reserves what is stated; the expected ones where nothing is. */
  most(demand: Demand): Amounts {
    const { input, output } = this.expected(demand);
    return { input, output: Math.max(output, demand.mostCompletion ?? 0) };
  }

  /** `latencyMs` is how long the answer took. */
  learn({ group, promptTokens }: Demand, usage: Usage, latencyMs: number): void {
    if (usage.promptTokens !== null && promptTokens > 0) {
      const ratio = usage.promptTokens / promptTokens;
      this.#ratio = this.#ratio === null ? ratio : this.#ratio + (ratio - this.#ratio) * ratioShare;
    }
    if (usage.completionTokens === null) return;
    this.#all.add(usage.completionTokens, latencyMs);
    const known = this.#groups.get(group) ?? new Lengths();
    this.#groups.set(group, known);
    known.add(usage.completionTokens, latencyMs);
  }
}

/** The last lengths of answers, and how much of a minute each was under way. */
class Lengths {
  readonly #values: number[] = [];
  readonly #times: number[] = [];
  #next = 0;
  #sum = 0;
  #time = 0;
  #product = 0;
  #p95: number | null = null;

  get mean(): number | null {
    return this.#values.length === 0 ? null : this.#sum / this.#values.length;
  }

  /** By how much the mean of what is under way is above the mean. */
  get excess(): number {
    return this.#time <= 0 ? 0 : Math.max(0, this.#product / this.#time - this.#sum / this.#values.length);
  }

  /** Of few values the largest. */
  get p95(): number | null {
    if (this.#values.length === 0) return null;
    this.#p95 ??= this.#values.toSorted((a, b) => a - b)[Math.floor(0.95 * this.#values.length)] ?? null;
    return this.#p95;
  }

  add(value: number, latencyMs: number): void {
    const time = Math.min(Math.max(1, latencyMs), windowMs);
    const old = this.#values[this.#next] ?? 0;
    const oldTime = this.#times[this.#next] ?? 0;
    this.#sum += value - old;
    this.#time += time - oldTime;
    this.#product += value * time - old * oldTime;
    this.#values[this.#next] = value;
    this.#times[this.#next] = time;
    this.#next = (this.#next + 1) % remembered;
    this.#p95 = null;
  }
}
