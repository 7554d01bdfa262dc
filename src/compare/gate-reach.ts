import type { Row } from "../dataset/dataset.ts";
import { compares } from "./default-gate.ts";
import type { GateSpec } from "./gate.ts";
import { counterpart, matchesSelector, selectVariants, type VariantFacts } from "./select-variants.ts";
import type { Side } from "./side.ts";

/** A variant as a plan has it, with what it asks. */
export interface GateVariant extends VariantFacts {
  readonly trials: number;
  /** Positions of its rows; null for all of them. */
  readonly rowIndices: ArrayLike<number> | null;
}

/** What a gate will judge, counted before anything is sent. */
export interface GateReach {
  /** Rows of the smallest comparison; of those that the base has too, where it has rows of its own. */
  readonly rows: number;
  /** What of these depends on nothing else: the rows, or their clusters. */
  readonly units: number;
  /** Value of the column that has so few; null without `by`. */
  readonly slice: string | null;
  /** Fewest answers a row of one variant. */
  readonly trials: number;
  /** Whether its trials tell anything that one would not: at temperature 0 they agree. */
  readonly repeats: boolean;
  /** Variants whose answers to a row are taken together: 1 for gates that judge each for itself. */
  readonly together: number;
  /** Judgements that the gate asks for; 0 for nothing. */
  readonly cases: number;
}

/** Positions of the variants that a gate judges; without those that it measures against, and those without a counterpart. */
export function judgedVariants(gate: GateSpec, variants: readonly VariantFacts[]): readonly number[] {
  const chosen = gate.variants === null ? variants.map((_, i) => i) : selectVariants(variants, gate.variants);
  const { against } = gate;
  if (!compares(gate) || against === null) return chosen;
  return chosen.filter((i) => {
    const variant = variants[i];
    const itself = variant !== undefined && matchesSelector(variant, against);
    return !itself && counterpart(variants, i, against) !== null;
  });
}

/** How much data a gate will have. `base` is what its rows are paired with; null where both sides have the same rows. */
export function gateReach(
  gate: GateSpec,
  variants: readonly GateVariant[],
  rows: readonly Row[],
  base: Side | null,
): GateReach {
  const judged = judgedVariants(gate, variants).flatMap((i) => variants[i] ?? []);
  const { by } = gate;
  let fewest = Number.POSITIVE_INFINITY;
  let rowsOfFewest = 0;
  let slice: string | null = null;
  const slices = new Set<string | null>();
  for (const { rowIndices } of judged) {
    for (const [value, counted] of rowCounts(rowIndices, rows, by, base)) {
      slices.add(value);
      if (counted.units.size >= fewest) continue;
      fewest = counted.units.size;
      rowsOfFewest = counted.rows;
      slice = value;
    }
  }
  const trials = Math.min(...judged.map((variant) => variant.trials));
  return {
    rows: rowsOfFewest,
    units: Number.isFinite(fewest) ? fewest : 0,
    repeats: judged.some(({ parameters }) => parameters.temperature !== 0),
    slice,
    trials: Number.isFinite(trials) ? trials : 0,
    together: gate.per === "run" ? judged.length : 1,
    cases: slices.size * (gate.per === "run" ? Math.min(1, judged.length) : judged.length),
  };
}

/** Rows, and their clusters (a row without one is a cluster by itself). */
interface Counted {
  rows: number;
  readonly units: Set<number | string>;
}

/** Rows of a variant by their value in a column; all under null without a column. */
function rowCounts(
  rowIndices: ArrayLike<number> | null,
  rows: readonly Row[],
  by: string | null,
  base: Side | null,
): ReadonlyMap<string | null, Counted> {
  const counts = new Map<string | null, Counted>();
  const size = rowIndices?.length ?? rows.length;
  for (let i = 0; i < size; i++) {
    const row = rows[rowIndices?.[i] ?? i];
    if (row === undefined || (base !== null && !base.rowOfId.has(row.id))) continue;
    const value = by === null ? null : cellText(row.variables[by]);
    const counted = counts.get(value) ?? { rows: 0, units: new Set() };
    counts.set(value, counted);
    counted.rows++;
    counted.units.add(row.cluster === null ? i : row.cluster);
  }
  return counts;
}

/** A cell as the text that slices are named by. */
function cellText(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
