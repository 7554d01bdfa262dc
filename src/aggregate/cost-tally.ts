import type { Cost } from "./result.ts";
import type { CostSum } from "./summary-shape.ts";

/** Adds up money by currency, never converting. */
export class CostTally {
  readonly #amounts = new Map<string, number>();
  #unknown = 0;

  /** The cost of one answered request; null is a price nobody knows. */
  add(cost: Cost | null): void {
    if (cost === null) this.#unknown++;
    else this.#amounts.set(cost.currency, (this.#amounts.get(cost.currency) ?? 0) + cost.amount);
  }

  /** Adds what another tally holds. */
  addAll(other: CostTally): void {
    for (const [currency, amount] of other.#amounts) this.add({ currency, amount });
    this.#unknown += other.#unknown;
  }

  /** One sum for each currency, by its name; none when no cost is known. */
  sums(): readonly CostSum[] {
    const complete = this.#unknown === 0;
    return [...this.#amounts]
      .map(([currency, amount]) => ({ currency, amount: roundedAmount(amount), complete }))
      .sort((a, b) => (a.currency < b.currency ? -1 : 1));
  }

  /** The sum where there is one currency; null for none, and for several, which have no sum. */
  only(): CostSum | null {
    const [first, ...others] = this.sums();
    return first === undefined || others.length > 0 ? null : first;
  }
}

/** An amount to 12 digits: what adding binary fractions leaves beyond that is no money. */
export function roundedAmount(amount: number): number {
  return Number(amount.toPrecision(12));
}
