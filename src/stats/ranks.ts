/**
 * Twice the rank of each value, 1 the smallest, ties sharing their mean rank: doubled, every rank is a whole number.
 * `ties` is Σ t³ − t over groups of t equal values, which lessens the variance of rank sums. Throws RangeError for NaN.
 */
export function doubledRanks(values: ArrayLike<number>): {
  readonly ranks: Int32Array;
  readonly ties: number;
} {
  const n = values.length;
  const at = (i: number): number => values[i] ?? Number.NaN;
  const order = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    if (Number.isNaN(at(i))) throw new RangeError("numbers are needed, got NaN");
    order[i] = i;
  }
  order.sort((i, j) => (at(i) < at(j) ? -1 : at(i) > at(j) ? 1 : 0));
  const ranks = new Int32Array(n);
  let ties = 0;
  for (let start = 0; start < n; ) {
    let end = start + 1;
    while (end < n && at(order[end] ?? 0) === at(order[start] ?? 0)) end++;
    for (let i = start; i < end; i++) ranks[order[i] ?? 0] = start + 1 + end;
    ties += (end - start) ** 3 - (end - start);
    start = end;
  }
  return { ranks, ties };
}
