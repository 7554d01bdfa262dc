import type { SeriesDifference } from "./compare-series.ts";
import type { GateResult } from "./comparison.ts";
import type { Pairing } from "./paired-series.ts";

/** A result without any number. */
export const noNumbers: Pick<
  GateResult,
  | "test"
  | "n"
  | "only_base"
  | "only_candidate"
  | "base_value"
  | "candidate_value"
  | "difference"
  | "regressed"
  | "improved"
  | "p_value"
  | "p_adjusted"
  | "mde"
  | "rows_needed"
  | "suspected"
  | "flipped"
> = {
  test: "none",
  n: 0,
  only_base: 0,
  only_candidate: 0,
  base_value: null,
  candidate_value: null,
  difference: { value: null, low: null, high: null },
  regressed: null,
  improved: null,
  p_value: null,
  p_adjusted: null,
  mde: null,
  rows_needed: null,
  suspected: false,
  flipped: [],
};

/** The numbers of a difference as results have them. */
export function numbersOf(
  difference: SeriesDifference,
  pairing: Pairing,
): Pick<
  GateResult,
  | "test"
  | "n"
  | "only_base"
  | "only_candidate"
  | "base_value"
  | "candidate_value"
  | "difference"
  | "regressed"
  | "improved"
> {
  return {
    test: difference.test,
    n: difference.n,
    only_base: pairing.onlyBase,
    only_candidate: pairing.onlyCandidate,
    base_value: rounded(difference.baseValue),
    candidate_value: rounded(difference.candidateValue),
    difference: {
      value: rounded(difference.value),
      low: rounded(difference.low),
      high: rounded(difference.high),
    },
    regressed: difference.regressed,
    improved: difference.improved,
  };
}

/** Ten significant digits: more than any sample can tell, and equal on every machine. */
export function rounded(value: number | null): number | null {
  return value === null || !Number.isFinite(value) ? null : Number(value.toPrecision(10));
}
