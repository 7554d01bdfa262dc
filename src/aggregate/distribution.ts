import { quantileSorted } from "../stats/quantile.ts";
import type { NumberList } from "./number-list.ts";
import type { Distribution, TokenSum } from "./summary-shape.ts";

/** Fewest values for which a p99 is printed: with fewer it is hardly more than the largest. */
const p99Needs = 100;

/** Mean, percentiles (linear between neighbours) and maximum; everything null for no value. Rounded to the microsecond. */
export function distributionOf(values: NumberList): Distribution {
  const n = values.length;
  if (n === 0) return { mean: null, p50: null, p90: null, p95: null, p99: null, max: null, n };
  const sorted = values.sorted();
  let sum = 0;
  for (const value of sorted) sum += value;
  const at = (share: number): number | null => rounded(quantileSorted(sorted, share));
  return {
    mean: rounded(sum / n),
    p50: at(0.5),
    p90: at(0.9),
    p95: at(0.95),
    p99: n < p99Needs ? null : at(0.99),
    max: rounded(sorted[n - 1] ?? null),
    n,
  };
}

/** A sum of counts of which some may be unknown. */
export class TokenTally {
  #sum = 0;
  #known = 0;

  add(tokens: number | null): void {
    if (tokens === null) return;
    this.#sum += tokens;
    this.#known++;
  }

  /** Null where nothing is known, never 0. */
  get sum(): number | null {
    return this.#known === 0 ? null : this.#sum;
  }

  summary(): TokenSum {
    return {
      sum: this.sum,
      mean: this.#known === 0 ? null : rounded(this.#sum / this.#known),
      known: this.#known,
    };
  }
}

/** Three decimals; null stays null. */
export function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value * 1_000) / 1_000;
}
