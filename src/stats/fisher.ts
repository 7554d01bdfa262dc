import type { PValues } from "./p-values.ts";

/**
 * Fisher's exact test of a 2 × 2 table [[a, b], [c, d]], rows the groups, columns the outcomes; two-sided over all tables
 * of the same margins that are at most as likely, within 1e-7 (R's `fisher.test`); `less` is evidence that the first row
 * has the smaller share in the first column. For two independent groups. Not for two runs over the same rows: those are
 * paired (`mcnemar`). Throws RangeError for what are no counts.
 */
export function fisherExact([[a, b], [c, d]]: readonly [
  readonly [number, number],
  readonly [number, number],
]): PValues {
  for (const count of [a, b, c, d]) {
    if (!(Number.isInteger(count) && count >= 0)) throw new RangeError(`counts are needed, got ${count}`);
  }
  const [row, column, all] = [a + b, a + c, a + b + c + d];
  const from = Math.max(0, row + column - all);
  const to = Math.min(row, column);
  const mode = Math.min(to, Math.max(from, Math.floor(((row + 1) * (column + 1)) / (all + 2))));
  // Weights relative to the mode's, so that none overflows.
  const weights = new Float64Array(to - from + 1);
  weights[mode - from] = 1;
  const step = (k: number): number => ((row - k) * (column - k)) / ((k + 1) * (all - row - column + k + 1));
  for (let k = mode; k < to; k++) weights[k + 1 - from] = (weights[k - from] ?? 0) * step(k);
  for (let k = mode; k > from; k--) weights[k - 1 - from] = (weights[k - from] ?? 0) / step(k - 1);
  const limit = (weights[a - from] ?? 0) * (1 + 1e-7);
  let [total, twoSided, less, greater] = [0, 0, 0, 0];
  for (const [i, weight] of weights.entries()) {
    total += weight;
    if (weight <= limit) twoSided += weight;
    if (from + i <= a) less += weight;
    if (from + i >= a) greater += weight;
  }
  return { twoSided: twoSided / total, less: less / total, greater: greater / total };
}
