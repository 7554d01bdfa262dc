import type { VariantMeans } from "./variant-means.ts";

/** Row numbers of each value of an axis; all lists have the same rows. */
export interface AxisAverages {
  /** By value: each row's mean over the combinations. */
  readonly own: readonly Float64Array[];
  /** Each row's mean over all values but this one. */
  readonly others: (value: number) => Float64Array;
  /** By value: answers behind the numbers. */
  readonly completions: readonly number[];
  readonly clusters: readonly string[] | null;
  /** Whether each number, those of `others` too, is one answer. */
  readonly single: boolean;
}

/**
 * Averages over combinations of the other axes, each a list of one variant for every value of the axis. A combination
 * counts for a row where all of its variants have the row, so that all values of an axis rest on the same answers; rows
 * without any such combination are left out.
 */
export function averageOverAxis(
  combinations: readonly Int32Array[],
  variants: readonly VariantMeans[],
  clusters: readonly string[] | null,
): AxisAverages {
  const size = variants[0]?.means.length ?? 0;
  const values = combinations[0]?.length ?? 0;
  const sums = Array.from({ length: values }, () => new Float64Array(size));
  const completions = new Array<number>(values).fill(0);
  const known = new Int32Array(size);
  const armsOf = combinations.map((cells) =>
    Array.from(cells, (i) => variants[i]).filter((arm) => arm !== undefined),
  );
  for (const arms of armsOf) {
    const complete = completeRows(arms, size);
    for (let row = 0; row < size; row++) known[row] = (known[row] ?? 0) + (complete[row] ?? 0);
    arms.forEach(({ means, counts }, v) => {
      completions[v] =
        (completions[v] ?? 0) + addRows(sums[v] ?? new Float64Array(), means, counts, complete);
    });
  }
  const own = sums.map((sum) => keptMeans(sum, known));
  const total = new Float64Array(own[0]?.length ?? 0);
  for (const means of own)
    for (let i = 0; i < means.length; i++) total[i] = (total[i] ?? 0) + (means[i] ?? 0);
  return {
    own,
    others: (value) => total.map((sum, i) => (sum - (own[value]?.[i] ?? 0)) / (values - 1)),
    completions,
    clusters: clusters?.filter((_, row) => (known[row] ?? 0) > 0) ?? null,
    single: values === 2 && armsOf.length === 1 && armsOf.every((arms) => arms.every((arm) => arm.single)),
  };
}

/** 1 for each row that all of these variants have, else 0. */
function completeRows(arms: readonly VariantMeans[], size: number): Uint8Array {
  const complete = new Uint8Array(size).fill(1);
  for (const { means } of arms)
    for (let row = 0; row < size; row++) if (Number.isNaN(means[row])) complete[row] = 0;
  return complete;
}

/** Adds the means of complete rows to the sums; gives how many values they are made of. */
function addRows(sums: Float64Array, means: Float64Array, counts: Int32Array, complete: Uint8Array): number {
  let values = 0;
  for (let row = 0; row < sums.length; row++) {
    if (complete[row] === 0) continue;
    sums[row] = (sums[row] ?? 0) + (means[row] ?? 0);
    values += counts[row] ?? 0;
  }
  return values;
}

function keptMeans(sums: Float64Array, known: Int32Array): Float64Array {
  const means = new Float64Array(
    known.reduce((count, combinations) => count + (combinations > 0 ? 1 : 0), 0),
  );
  let next = 0;
  for (let row = 0; row < sums.length; row++) {
    const combinations = known[row] ?? 0;
    if (combinations > 0) means[next++] = (sums[row] ?? 0) / combinations;
  }
  return means;
}
