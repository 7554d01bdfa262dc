import { normalCdf } from "./normal.ts";
import type { PValues } from "./p-values.ts";
import { doubledRanks } from "./ranks.ts";

export interface WilcoxonSignedRank {
  /** Sum of the ranks of positive differences. */
  readonly v: number;
  /** Differences that are not 0. */
  readonly n: number;
  readonly p: PValues;
  readonly exact: boolean;
}

const mostExact = 200;

/**
 * Wilcoxon's signed-rank test of paired differences (1945, Biometrics 1:80), zeros left out, ties with their mean rank:
 * exact over all signs for up to 200 differences, beyond that normal with continuity. For differences on a scale where
 * only the order means anything. Not for pass or fail (`mcnemar`), and not for scores whose mean is what counts
 * (`pairedT`, `signFlipTest`). No difference at all gives 1. Throws RangeError for NaN.
 */
export function wilcoxonSignedRank(differences: ArrayLike<number>): WilcoxonSignedRank {
  const changes = Float64Array.from(differences).filter((value) => value !== 0);
  const n = changes.length;
  const { ranks, ties } = doubledRanks(changes.map(Math.abs));
  let doubled = 0;
  for (let i = 0; i < n; i++) if ((changes[i] ?? 0) > 0) doubled += ranks[i] ?? 0;
  const v = doubled / 2;
  if (n <= mostExact) return { v, n, p: countedP(ranks, doubled), exact: true };
  const deviation = Math.sqrt((n * (n + 1) * (2 * n + 1)) / 24 - ties / 48);
  const distance = v - (n * (n + 1)) / 4;
  const less = normalCdf((distance + 0.5) / deviation);
  return { v, n, p: bothSides(less, normalCdf((0.5 - distance) / deviation)), exact: false };
}

function countedP(ranks: Int32Array, observed: number): PValues {
  const most = ranks.reduce((sum, rank) => sum + rank, 0);
  const chances = new Float64Array(most + 1);
  chances[0] = 1;
  let reached = 0;
  for (const rank of ranks) {
    reached += rank;
    for (let sum = reached; sum >= 0; sum--) {
      chances[sum] = ((chances[sum] ?? 0) + (sum >= rank ? (chances[sum - rank] ?? 0) : 0)) / 2;
    }
  }
  let less = 0;
  let greater = 0;
  for (let sum = 0; sum <= most; sum++) {
    if (sum <= observed) less += chances[sum] ?? 0;
    if (sum >= observed) greater += chances[sum] ?? 0;
  }
  return bothSides(Math.min(1, less), Math.min(1, greater));
}

function bothSides(less: number, greater: number): PValues {
  return { twoSided: Math.min(1, 2 * Math.min(less, greater)), less, greater };
}
