import { CostTally } from "./cost-tally.ts";
import type { Cost } from "./result.ts";
import type { LostSpending } from "./summary-shape.ts";

/** Adds up attempts without an answer that may have been billed. */
export class LostTally {
  readonly #cost = new CostTally();
  #attempts = 0;
  #known = 0;

  get attempts(): number {
    return this.#attempts;
  }

  /** `stated`: the server said what it had used; `cost` is null where it is unknown. */
  add(cost: Cost | null, stated: boolean): void {
    this.#attempts++;
    if (stated) this.#known++;
    this.#cost.add(cost);
  }

  /** Adds what another tally holds. */
  addAll(other: LostTally): void {
    this.#attempts += other.#attempts;
    this.#known += other.#known;
    this.#cost.addAll(other.#cost);
  }

  summary(): LostSpending {
    return { attempts: this.#attempts, known: this.#known, cost: this.#cost.sums() };
  }
}
