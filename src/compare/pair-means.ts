import type { PairedSeries } from "./compare-series.ts";

/** What both sides of a pairing share. */
export interface PairingFacts {
  /** One for each row; null where rows are independent. */
  readonly clusters: readonly string[] | null;
  /** Whether every row has one value at most on both sides. */
  readonly single: boolean;
}

/** Row means of the same rows as pairs; rows that are NaN on either side are left out. */
export function pairMeans(base: Float64Array, candidate: Float64Array, facts: PairingFacts): PairedSeries {
  let shared = 0;
  for (let row = 0; row < base.length; row++) if (isPair(base, candidate, row)) shared++;
  if (shared === base.length) return pairedSeries(base, candidate, facts);
  const left = new Float64Array(shared);
  const right = new Float64Array(shared);
  const clusters: string[] = [];
  let next = 0;
  for (let row = 0; row < base.length; row++) {
    if (!isPair(base, candidate, row)) continue;
    left[next] = base[row] ?? Number.NaN;
    right[next++] = candidate[row] ?? Number.NaN;
    if (facts.clusters !== null) clusters.push(facts.clusters[row] ?? "");
  }
  return pairedSeries(left, right, {
    single: facts.single,
    clusters: facts.clusters === null ? null : clusters,
  });
}

function pairedSeries(base: Float64Array, candidate: Float64Array, facts: PairingFacts): PairedSeries {
  return {
    base,
    candidate,
    ...facts,
    // For tests of row means, each of which counts once.
    counts: () => ({ base: 1, candidate: 1 }),
    values: (pair) => ({
      base: base.subarray(pair, pair + 1),
      candidate: candidate.subarray(pair, pair + 1),
    }),
  };
}

function isPair(base: Float64Array, candidate: Float64Array, row: number): boolean {
  return !Number.isNaN(base[row]) && !Number.isNaN(candidate[row]);
}
