/** A mean with its standard deviation or standard error, of which the ratio has the same kind. */
export interface Spread {
  readonly mean: number;
  readonly deviation: number;
}

/**
 * a / b with its deviation by first-order propagation: |a / b| √((s_a / a)² + (s_b / b)²) (as hyperfine prints it). Takes
 * both for independent and the relative deviations for small; not for both sides of the same rows, whose errors share
 * what makes a row slow. Throws RangeError for a mean of 0.
 */
export function ratioOfMeans(a: Spread, b: Spread): { readonly ratio: number; readonly deviation: number } {
  if (a.mean === 0 || b.mean === 0) throw new RangeError("means other than 0 are needed");
  const ratio = a.mean / b.mean;
  return { ratio, deviation: Math.abs(ratio) * Math.hypot(a.deviation / a.mean, b.deviation / b.mean) };
}

/**
 * Geometric mean, exp of the mean logarithm: the average of ratios such as times before and after. Null for none. Not for
 * amounts, whose sum matters. Throws RangeError for what is not above 0.
 */
export function geometricMean(values: ArrayLike<number>): number | null {
  let logs = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? Number.NaN;
    if (!(value > 0)) throw new RangeError(`numbers above 0 are needed, got ${value}`);
    logs += Math.log(value);
  }
  return values.length === 0 ? null : Math.exp(logs / values.length);
}
