import { permutation } from "../system/seeded-random.ts";
import type { Plan } from "./plan.ts";

/** Seed of the order of rows: fixed, so that a resumed run goes on in the same order. */
const orderSeed = "promptgrid";

/** One of the plans that are sent together. Positions and variants of all plans are numbered through. */
export interface SendPart {
  readonly plan: Plan;
  /** Position of its first request. */
  readonly offset: number;
  /** Number of its first variant. */
  readonly variantOffset: number;
  /** Its row in each block; -1 where it lacks the row. As long as there are blocks. */
  readonly rows: Int32Array;
}

/**
 * Plans that are sent together, in the order in which they are numbered. Their blocks are the rows of all plans, those
 * of equal id in one, in a seeded shuffle.
 */
export function sendParts(plans: readonly Plan[]): readonly SendPart[] {
  const blocks = new Map<string, number>();
  for (const plan of plans) for (const { id } of plan.rows) if (!blocks.has(id)) blocks.set(id, blocks.size);
  const placeOf = new Int32Array(blocks.size);
  permutation(blocks.size, orderSeed).forEach((block, place) => {
    placeOf[block] = place;
  });
  let offset = 0;
  let variantOffset = 0;
  return plans.map((plan) => {
    const rows = new Int32Array(blocks.size).fill(-1);
    plan.rows.forEach((row, i) => {
      rows[placeOf[blocks.get(row.id) ?? 0] ?? 0] = i;
    });
    const part: SendPart = { plan, offset, variantOffset, rows };
    offset += plan.length;
    variantOffset += plan.variants.length;
    return part;
  });
}

/** The part that a position lies in. */
export function partAt<Part extends { readonly offset: number }>(
  parts: readonly Part[],
  position: number,
): Part {
  for (let i = parts.length - 1; i >= 0; i--) {
    const part = parts[i];
    if (part !== undefined && part.offset <= position) return part;
  }
  throw new RangeError(`no plan has a request ${position}`);
}

/** The part that a variant is of, and its place in that part's plan. */
export function variantAt(
  parts: readonly SendPart[],
  variant: number,
): { readonly part: SendPart; readonly variantIndex: number } {
  const part = parts.findLast(({ variantOffset }) => variantOffset <= variant);
  if (part === undefined) throw new RangeError(`no plan has a variant ${variant}`);
  return { part, variantIndex: variant - part.variantOffset };
}

/**
 * The order in which requests are sent: row blocks, all variants of a row together, rows in a seeded shuffle, so that
 * a run cut short compares like with like. A cursor over some of the variants, in the order given; it makes nothing
 * before it is asked for.
 */
export class SendCursor {
  readonly #variants: readonly { readonly part: SendPart; readonly variantIndex: number }[];
  readonly #blocks: number;
  #block = 0;
  #variant = 0;
  #trial = 0;

  constructor(parts: readonly SendPart[], variants: readonly number[]) {
    this.#variants = variants.map((variant) => variantAt(parts, variant));
    this.#blocks = parts[0]?.rows.length ?? 0;
  }

  /** Position of the next request, or -1 at the end. */
  next(): number {
    while (this.#block < this.#blocks) {
      const step = this.#variants[this.#variant];
      if (step === undefined) {
        this.#variant = 0;
        this.#block++;
        continue;
      }
      const { part, variantIndex } = step;
      const rowIndex = part.rows[this.#block] ?? -1;
      const index = rowIndex < 0 ? -1 : part.plan.indexOf({ variantIndex, rowIndex, trial: this.#trial });
      if (index < 0) {
        this.#trial = 0;
        this.#variant++;
        continue;
      }
      this.#trial++;
      return part.offset + index;
    }
    return -1;
  }
}
