import type { Estimate } from "../compare/estimate.ts";
import { meanInterval } from "../stats/mean.ts";
import { rateInterval } from "../stats/rate.ts";
import { NumberList } from "./number-list.ts";

/** Six decimals: more than any sample can tell. */
function short(value: number | null): number | null {
  return value === null ? null : Math.round(value * 1e6) / 1e6;
}

/**
 * Row means of one score, collected while completions come row by row: a row's score is the mean over its trials and
 * choices, and `n` is rows. Completions without a value (null) are left out; a row without any is missing.
 */
export class RowScores {
  readonly #means = new NumberList();
  readonly #clusters: (string | number)[] | null;
  #row = -1;
  #cluster: string | null = null;
  #sum = 0;
  #count = 0;
  #completions = 0;

  /** `clustered`: rows of equal cluster depend on each other. */
  constructor(clustered: boolean) {
    this.#clusters = clustered ? [] : null;
  }

  /** `row` is any number that changes from row to row. */
  add(row: number, cluster: string | null, value: number | null): void {
    if (row !== this.#row) {
      this.#endRow();
      this.#row = row;
      this.#cluster = cluster;
    }
    if (value === null) return;
    this.#sum += value;
    this.#count++;
  }

  /** A pass rate: Wilson, with the effective size where rows are averages or clustered. */
  rate(): Estimate {
    this.#endRow();
    const { value, low, high, n } = rateInterval(this.#means.view(), {
      completions: this.#completions,
      ...this.#options(),
    });
    return { value: short(value), low: short(low), high: short(high), n };
  }

  /** A yes/no score as a rate, a graded one as a mean with its t interval, cut to 0..1. */
  estimate(graded: boolean): Estimate {
    if (!graded) return this.rate();
    this.#endRow();
    const { mean, low, high, n } = meanInterval(this.#means.view(), this.#options());
    return {
      value: short(mean),
      low: low === null ? null : short(Math.max(0, low)),
      high: high === null ? null : short(Math.min(1, high)),
      n,
    };
  }

  /** Forgets the rows and gives their memory back. */
  clear(): void {
    this.#means.clear();
    if (this.#clusters !== null) this.#clusters.length = 0;
  }

  #options(): { clusters?: readonly (string | number)[] } {
    return this.#clusters === null ? {} : { clusters: this.#clusters };
  }

  #endRow(): void {
    if (this.#count > 0) {
      this.#means.push(this.#sum / this.#count);
      this.#completions += this.#count;
      // A row without a cluster of its own is a cluster by itself.
      this.#clusters?.push(this.#cluster ?? this.#means.length);
    }
    this.#sum = 0;
    this.#count = 0;
    this.#row = -1;
  }
}
