/**
 * The q-quantile of sorted numbers, linear between neighbours (Hyndman and Fan's type 7, the default of numpy and R);
 * null for none. `sorted` must be ascending; q is in 0..1.
 */
export function quantileSorted(sorted: ArrayLike<number>, q: number): number | null {
  if (!(q >= 0 && q <= 1)) throw new RangeError(`a share in 0..1 is needed, got ${q}`);
  const position = (sorted.length - 1) * q;
  const below = sorted[Math.floor(position)];
  const above = sorted[Math.ceil(position)];
  if (below === undefined || above === undefined) return null;
  const share = position - Math.floor(position);
  // From the nearer end, as numpy does: exact at both ends and never outside of them.
  return share < 0.5 ? below + (above - below) * share : above - (above - below) * (1 - share);
}

/** The q-quantile of numbers in any order; see `quantileSorted`. The input is left as it is. */
export function quantile(values: ArrayLike<number>, q: number): number | null {
  return quantileSorted(Float64Array.from(values).sort(), q);
}
