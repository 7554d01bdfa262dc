import type { Estimate } from "../compare/estimate.ts";
import { meanInterval } from "../stats/mean.ts";
import { passAtK, passPowK } from "../stats/pass-at-k.ts";
import { NumberList } from "./number-list.ts";

/** How many answers of each row passed, of how many that were scored: what pass@k and pass^k are estimated from. */
export class RowPasses {
  readonly #passed = new NumberList();
  readonly #scored = new NumberList();
  readonly #clusters: (string | number)[] | null;
  #row = -1;
  #cluster: string | null = null;
  #passes = 0;
  #count = 0;
  #most = 0;

  /** `clustered`: rows of equal cluster depend on each other. */
  constructor(clustered: boolean) {
    this.#clusters = clustered ? [] : null;
  }

  /** `row` is any number that changes from row to row; an answer that could not be judged (null) is left out. */
  add(row: number, cluster: string | null, passed: boolean | null): void {
    if (row !== this.#row) {
      this.#endRow();
      this.#row = row;
      this.#cluster = cluster;
    }
    if (passed === null) return;
    this.#count++;
    if (passed) this.#passes++;
  }

  /** pass@k by k: at least one of k answers passes. */
  atLeastOne(): Readonly<Record<string, Estimate>> {
    return this.#byK(passAtK);
  }

  /** pass^k by k: all of k answers pass. */
  all(): Readonly<Record<string, Estimate>> {
    return this.#byK(passPowK);
  }

  /** Forgets the rows and gives their memory back. */
  clear(): void {
    this.#passed.clear();
    this.#scored.clear();
    if (this.#clusters !== null) this.#clusters.length = 0;
  }

  #byK(chance: (n: number, c: number, k: number) => number): Readonly<Record<string, Estimate>> {
    this.#endRow();
    return Object.fromEntries(sizes(this.#most).map((k) => [k, this.#estimate(k, chance)]));
  }

  /** Mean over the rows that have k answers, with its t interval cut to 0..1. */
  #estimate(k: number, chance: (n: number, c: number, k: number) => number): Estimate {
    const passed = this.#passed.view();
    const chances: number[] = [];
    const clusters: (string | number)[] = [];
    this.#scored.view().forEach((n, i) => {
      if (n < k) return;
      chances.push(chance(n, passed[i] ?? 0, k));
      clusters.push(this.#clusters?.[i] ?? i);
    });
    const { mean, low, high, n } = meanInterval(chances, this.#clusters === null ? {} : { clusters });
    return {
      value: short(mean),
      low: low === null ? null : short(Math.max(0, low)),
      high: high === null ? null : short(Math.min(1, high)),
      n,
    };
  }

  #endRow(): void {
    if (this.#count > 0) {
      this.#passed.push(this.#passes);
      this.#scored.push(this.#count);
      this.#clusters?.push(this.#cluster ?? this.#scored.length);
      this.#most = Math.max(this.#most, this.#count);
    }
    this.#passes = 0;
    this.#count = 0;
    this.#row = -1;
  }
}

/** 2, 4, 8 … up to the most, and the most itself. */
function sizes(most: number): readonly number[] {
  const all: number[] = [];
  for (let k = 2; k < most; k *= 2) all.push(k);
  return most < 2 ? [] : [...all, most];
}

function short(value: number | null): number | null {
  return value === null ? null : Math.round(value * 1e6) / 1e6;
}
