/**
 * Holm's adjusted p values, in input order: sorted p₍ᵢ₎ × (m − i + 1), running maximum, at most 1 (Holm 1979, Scand J
 * Stat 6:65). For a gate that blocks: with all adjusted values compared to α, the chance of any false alarm is at most α,
 * however the tests depend on each other. Throws RangeError for what is no probability.
 */
export function holm(pValues: ArrayLike<number>): number[] {
  const m = pValues.length;
  return stepped(pValues, false, (rank) => m - rank);
}

/**
 * Benjamini and Hochberg's adjusted p values, in input order: running minimum from the largest of m p₍ᵢ₎ / i (1995, J R
 * Stat Soc B 57:289). For tables of discoveries: of those at or below q, a share of at most q is false on average. Not for
 * a gate that blocks (`holm`).
 */
export function benjaminiHochberg(pValues: ArrayLike<number>): number[] {
  const m = pValues.length;
  return stepped(pValues, true, (rank) => m / (rank + 1));
}

/** Bonferroni's adjusted p values: m p, at most 1. For comparing with other tools: `holm` holds the same and finds more. */
export function bonferroni(pValues: ArrayLike<number>): number[] {
  return stepped(pValues, true, () => pValues.length);
}

/**
 * Hochberg's adjusted p values: running minimum from the largest of (m − i + 1) p₍ᵢ₎ (1988, Biometrika 75:800). Finds a
 * little more than `holm`, but holds its level only for tests that are independent or depend positively.
 */
export function hochberg(pValues: ArrayLike<number>): number[] {
  const m = pValues.length;
  return stepped(pValues, true, (rank) => m - rank);
}

/** Benjamini and Yekutieli's adjusted p values (2001, Ann Stat 29:1165): `benjaminiHochberg` × Σ 1/i, for any dependence. */
export function benjaminiYekutieli(pValues: ArrayLike<number>): number[] {
  const m = pValues.length;
  let harmonic = 0;
  for (let i = 1; i <= m; i++) harmonic += 1 / i;
  return stepped(pValues, true, (rank) => (m * harmonic) / (rank + 1));
}

/** Sorted p × factor of its rank (0 is the smallest), made monotone upwards or from the largest down. */
function stepped(pValues: ArrayLike<number>, down: boolean, factor: (rank: number) => number): number[] {
  const p = Array.from(pValues, demandProbability);
  const order = p.map((_, i) => i).sort((i, j) => (p[i] ?? 0) - (p[j] ?? 0));
  const adjusted = new Array<number>(p.length).fill(1);
  let bound = down ? 1 : 0;
  for (let step = 0; step < p.length; step++) {
    const rank = down ? p.length - 1 - step : step;
    const at = order[rank] ?? 0;
    const value = Math.min(1, (p[at] ?? 1) * factor(rank));
    bound = down ? Math.min(bound, value) : Math.max(bound, value);
    adjusted[at] = bound;
  }
  return adjusted;
}

function demandProbability(p: number): number {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`p values are needed, got ${p}`);
  return p;
}
