import type { Arm } from "./arm.ts";
import { variantAt } from "./arm.ts";
import type { GateSpec } from "./gate.ts";
import { pairRows, type RowPairs } from "./pair-rows.ts";
import { pairVariants } from "./pair-variants.ts";
import { counterpart, matchesSelector, selectVariants } from "./select-variants.ts";
import type { Side } from "./side.ts";

/** One value of a dataset column. */
export interface Slice {
  readonly column: string;
  readonly value: string;
}

/** One judgement that a gate asks for. */
export interface GateCase {
  readonly spec: GateSpec;
  readonly candidate: Arm;
  /** null for `min` and `max`, and where there is nothing to compare with: `absent` then says why. */
  readonly base: Arm | null;
  readonly absent: string | null;
  readonly rows: RowPairs;
  readonly slice: Slice | null;
  /** Whether a row of the candidate's side belongs to the slice. */
  readonly within: (candidateRow: number) => boolean;
}

/** Everything that the gates of a run ask for, in their order: by variant, then by slice. */
export function gateCases(
  gates: readonly GateSpec[],
  candidate: Side,
  base: Side | null,
): readonly GateCase[] {
  const own = pairRows(candidate, candidate);
  const shared = base === null ? own : pairRows(base, candidate);
  return gates.flatMap((spec) => {
    const arms = armsOf(spec, candidate, base);
    return arms.flatMap((arm) =>
      slicesOf(spec, candidate).map((slice): GateCase => {
        const other = arm.base !== null && arm.base.side !== candidate;
        return { spec, ...arm, rows: other ? shared : own, ...slice };
      }),
    );
  });
}

type Arms = Pick<GateCase, "candidate" | "base" | "absent">;

function armsOf(spec: GateSpec, candidate: Side, base: Side | null): readonly Arms[] {
  const chosen =
    spec.variants === null
      ? candidate.variants.map((_, i) => i)
      : selectVariants(candidate.variants, spec.variants);
  const { kind } = spec.limit;
  const pairs =
    kind === "min" || kind === "max"
      ? chosen.map((i): Arms => ({ candidate: { side: candidate, variants: [i] }, base: null, absent: null }))
      : spec.against === null
        ? againstBaseline(spec, chosen, candidate, base)
        : againstVariant(spec.against, chosen, candidate);
  return spec.per === "run" ? together(pairs, candidate) : pairs;
}

function againstVariant(
  against: NonNullable<GateSpec["against"]>,
  chosen: readonly number[],
  candidate: Side,
): readonly Arms[] {
  return chosen.flatMap((i): readonly Arms[] => {
    if (matchesSelector(variantAt(candidate, i), against)) return [];
    const other = counterpart(candidate.variants, i, against);
    const arm: Arm = { side: candidate, variants: [i] };
    return other === null
      ? [
          {
            candidate: arm,
            base: null,
            absent: "no variant of this run differs from it in what `against` names alone",
          },
        ]
      : [{ candidate: arm, base: { side: candidate, variants: [other] }, absent: null }];
  });
}

function againstBaseline(
  spec: GateSpec,
  chosen: readonly number[],
  candidate: Side,
  base: Side | null,
): readonly Arms[] {
  const arm = (i: number): Arm => ({ side: candidate, variants: [i] });
  if (base === null) {
    const all: Arm = { side: candidate, variants: chosen };
    return [{ candidate: all, base: null, absent: "there is no baseline" }];
  }
  const { pairs, ambiguous } = pairVariants(base, candidate, spec.vary);
  const partner = new Map(pairs.map((pair) => [pair.candidate, pair.base]));
  return chosen.map((i): Arms => {
    const other = partner.get(i);
    if (other !== undefined)
      return { candidate: arm(i), base: { side: base, variants: [other] }, absent: null };
    const absent = ambiguous.includes(i)
      ? `several variants of ${base.name} would fit it: nothing is compared`
      : `it is not in ${base.name}: nothing to compare with`;
    return { candidate: arm(i), base: null, absent };
  });
}

/** All pairs as one: the variants of each side are averaged row by row. Those without a counterpart stay by themselves. */
function together(pairs: readonly Arms[], candidate: Side): readonly Arms[] {
  const compared = pairs.filter((pair) => pair.base !== null);
  const kept = compared.length > 0 ? compared : pairs;
  if (kept.length === 0) return [];
  const bases = kept.flatMap((pair) => pair.base ?? []);
  const side = bases[0]?.side;
  // What could not be paired is no part of the average, and says so.
  const absent = compared.length > 0 ? pairs.filter((pair) => pair.base === null) : [];
  return [
    {
      candidate: { side: candidate, variants: kept.flatMap((pair) => pair.candidate.variants) },
      base: side === undefined ? null : { side, variants: bases.flatMap((arm) => arm.variants) },
      absent: kept[0]?.absent ?? null,
    },
    ...absent,
  ];
}

function slicesOf(spec: GateSpec, candidate: Side): readonly Pick<GateCase, "slice" | "within">[] {
  const column = spec.by;
  if (column === null) return [{ slice: null, within: () => true }];
  const numbers = new Map<string, number>();
  const numberOf = Int32Array.from(candidate.rows, (_, row) => {
    const value = candidate.column(row, column) ?? "";
    const number = numbers.get(value) ?? numbers.size;
    numbers.set(value, number);
    return number;
  });
  return [...numbers].map(([value, number]) => ({
    slice: { column, value },
    within: (row) => numberOf[row] === number,
  }));
}
