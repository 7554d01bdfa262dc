import { permutation } from "../system/seeded-random.ts";
import type { Plan } from "./plan.ts";

/** Seed of the order of rows: fixed, so that a resumed run goes on in the same order. */
const orderSeed = "promptgrid";

/**
 * The order in which requests are sent: row blocks, all variants of a row together, rows in a seeded shuffle, so that
 * a run cut short compares like with like. A cursor over some of the variants; it holds one number per row.
 */
export class SendCursor {
  readonly #plan: Plan;
  readonly #variants: readonly number[];
  readonly #rows: Int32Array;
  #row = 0;
  #variant = 0;
  #trial = 0;

  /** `rows` is the shared row order of the plan, from `rowOrder`. */
  constructor(plan: Plan, variants: readonly number[], rows: Int32Array) {
    this.#plan = plan;
    this.#variants = variants;
    this.#rows = rows;
  }

  /** Plan index of the next request, or -1 at the end. */
  next(): number {
    while (this.#row < this.#rows.length) {
      const variantIndex = this.#variants[this.#variant];
      if (variantIndex === undefined) {
        this.#variant = 0;
        this.#row++;
        continue;
      }
      const index = this.#plan.indexOf({
        variantIndex,
        rowIndex: this.#rows[this.#row] ?? 0,
        trial: this.#trial,
      });
      if (index < 0) {
        this.#trial = 0;
        this.#variant++;
        continue;
      }
      this.#trial++;
      return index;
    }
    return -1;
  }
}

/** The seeded order of a plan's rows. */
export function rowOrder(plan: Plan): Int32Array {
  return permutation(plan.rows.length, orderSeed);
}
