/** What scores vary by, in squared units of the score. Null is unknown. */
export interface VarianceComponents {
  /** Mean of the row means. */
  readonly mean: number | null;
  /** σ²: mean variance over trials of one row, from rows of two trials or more. */
  readonly within: number | null;
  /** ω²: variance over rows of the true score; may come out below 0 where trials explain all there is. */
  readonly between: number | null;
  readonly varianceOfRowMeans: number | null;
  /** Standard error of the mean with k trials a row, √((ω² + σ² / k) / n); null where ω² or σ² is not known. */
  readonly standardErrorAt: (k: number) => number | null;
}

/**
 * Splits the variance of scores into that of rows and that of trials: one-way random effects by moments, σ² pooled over
 * rows, ω² = variance of row means − σ² × mean(1 / trials) (Miller 2024, arXiv 2411.00640, law of total variance). Says
 * whether more trials or more rows would help. Of paired differences it gives the ω² and σ² of
 * `minimumDetectableEffect`. Rows without any score are left out.
 */
export function varianceComponents(scoresByRow: ArrayLike<ArrayLike<number>>): VarianceComponents {
  const rows = Array.from(scoresByRow).filter((scores) => scores.length > 0);
  const n = rows.length;
  const means = rows.map(meanOf);
  let squares = 0;
  let freedom = 0;
  let inverse = 0;
  for (const [i, scores] of rows.entries()) {
    squares += squaresAround(scores, means[i] ?? 0);
    freedom += scores.length - 1;
    inverse += 1 / scores.length / n;
  }
  const mean = n === 0 ? null : meanOf(means);
  const within = freedom === 0 ? null : squares / freedom;
  const varianceOfRowMeans = mean === null || n < 2 ? null : squaresAround(means, mean) / (n - 1);
  const between =
    varianceOfRowMeans === null || within === null ? null : varianceOfRowMeans - within * inverse;
  const standardErrorAt = (k: number): number | null => {
    if (!(k > 0)) throw new RangeError(`trials are needed, got ${k}`);
    return between === null || within === null ? null : Math.sqrt((Math.max(0, between) + within / k) / n);
  };
  return { mean, within, between, varianceOfRowMeans, standardErrorAt };
}

function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] ?? Number.NaN;
  return sum / values.length;
}

function squaresAround(values: ArrayLike<number>, centre: number): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += ((values[i] ?? Number.NaN) - centre) ** 2;
  return sum;
}
