import { normalCdf } from "./normal.ts";
import type { PValues } from "./p-values.ts";
import { doubledRanks } from "./ranks.ts";

export interface MannWhitney {
  /** Pairs in which the value of `a` is the larger, ties counting one half. */
  readonly u: number;
  /** `less` is evidence that `a` tends to be smaller than `b`. */
  readonly p: PValues;
  /** Whether p is counted over all arrangements, ties and all, rather than approximated. */
  readonly exact: boolean;
}

/** Up to so many pairs of values every arrangement is counted: 50 against 50. */
const mostExactPairs = 2500;

/**
 * Mann–Whitney U test (1947, Ann Math Stat 18:50): whether values of one sample tend to be larger than those of another.
 * Exact over all arrangements of the pooled values for up to 2 500 pairs, ties included; beyond that normal, with the
 * variance corrected for ties and continuity. Two-sided is twice the smaller side. For latencies and other skewed amounts
 * of independent samples; it throws pairing away, so not for scores of the same rows (`pairedT`). An empty sample gives 1.
 */
export function mannWhitney(a: ArrayLike<number>, b: ArrayLike<number>): MannWhitney {
  const [n, m] = [a.length, b.length];
  const pooled = new Float64Array(n + m);
  pooled.set(a);
  pooled.set(b, n);
  const { ranks, ties } = doubledRanks(pooled);
  let doubled = 0;
  for (let i = 0; i < n; i++) doubled += ranks[i] ?? 0;
  const u = (doubled - n * (n + 1)) / 2;
  if (n * m > mostExactPairs) return { u, p: approximateP(u, n, m, ties), exact: false };
  if (n <= m) return { u, p: countedP(ranks, n, doubled), exact: true };
  // Counting is shorter over the smaller sample, whose U is the rest of the pairs.
  let other = 0;
  for (let i = n; i < n + m; i++) other += ranks[i] ?? 0;
  const { twoSided, less, greater } = countedP(ranks, m, other);
  return { u, p: { twoSided, less: greater, greater: less }, exact: true };
}

/** p of a sum of `size` of the ranks, by how many choices of so many ranks have each sum. */
function countedP(ranks: Int32Array, size: number, observed: number): PValues {
  const sorted = ranks.slice().sort();
  let most = 0;
  for (let i = sorted.length - size; i < sorted.length; i++) most += sorted[i] ?? 0;
  const width = most + 1;
  const counts = new Float64Array((size + 1) * width);
  counts[0] = 1;
  // Largest sum of k of the ranks so far: the last k.
  const largest = new Float64Array(size + 1);
  for (let i = 0; i < sorted.length; i++) {
    const rank = sorted[i] ?? 0;
    for (let k = Math.min(size, i + 1); k >= 1; k--) {
      largest[k] = (largest[k - 1] ?? 0) + rank;
      const [from, to] = [(k - 1) * width, k * width];
      for (let sum = Math.min(most, largest[k] ?? 0) - rank; sum >= 0; sum--) {
        const count = counts[from + sum] ?? 0;
        if (count !== 0) counts[to + sum + rank] = (counts[to + sum + rank] ?? 0) + count;
      }
    }
  }
  let below = 0;
  let above = 0;
  let all = 0;
  for (let sum = 0; sum <= most; sum++) {
    const count = counts[size * width + sum] ?? 0;
    all += count;
    if (sum <= observed) below += count;
    if (sum >= observed) above += count;
  }
  const [less, greater] = [below / all, above / all];
  return { twoSided: Math.min(1, 2 * Math.min(less, greater)), less, greater };
}

function approximateP(u: number, n: number, m: number, ties: number): PValues {
  const all = n + m;
  const deviation = Math.sqrt(((n * m) / 12) * (all + 1 - ties / (all * (all - 1))));
  // Every value the same: nothing can be told.
  if (!(deviation > 0)) return { twoSided: 1, less: 1, greater: 1 };
  const distance = u - (n * m) / 2;
  const less = normalCdf((distance + 0.5) / deviation);
  const greater = normalCdf((0.5 - distance) / deviation);
  return { twoSided: Math.min(1, 2 * Math.min(less, greater)), less, greater };
}
