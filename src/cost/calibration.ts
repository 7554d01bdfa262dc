/** A request whose prompt was counted, and what the server said of it. */
export interface CountedPair {
  readonly model: string;
  readonly counted: number;
  /** `usage.prompt_tokens`. */
  readonly actual: number;
}

/** What a model's usage says of our counts. */
export interface Calibration {
  /** What counts are to be multiplied by: `ratio`, drawn towards 1 where the pairs are few. */
  readonly factor: number;
  /** Sum of the actual tokens over the sum of the counted. */
  readonly ratio: number;
  /** Standard deviation of one request's error after the ratio, as a share of a mean prompt; null for one pair. */
  readonly spread: number | null;
  readonly pairs: number;
}

/** Pairs from which the ratio is taken as it is. Tokenizers do not vary by chance: few requests tell much. */
export const enoughPairs = 5;

/**
 * By model, how counts compare with usage. With `enoughPairs` or more the calibrated total of the pairs is their actual
 * total; below, `factor = 1 + (ratio − 1) · pairs / enoughPairs`. Pairs in which one side is not above 0 say nothing
 * (some servers report 0 for a cached prompt) and are left out, and a model without others is not in the map.
 */
export function calibrate(pairs: readonly CountedPair[]): ReadonlyMap<string, Calibration> {
  const models = new Map<string, CountedPair[]>();
  for (const pair of pairs) {
    if (!(pair.counted > 0 && pair.actual > 0 && Number.isFinite(pair.counted + pair.actual))) continue;
    const known = models.get(pair.model);
    if (known === undefined) models.set(pair.model, [pair]);
    else known.push(pair);
  }
  return new Map([...models].map(([model, own]) => [model, calibrationOf(own)]));
}

function calibrationOf(pairs: readonly CountedPair[]): Calibration {
  const counted = pairs.reduce((sum, pair) => sum + pair.counted, 0);
  const actual = pairs.reduce((sum, pair) => sum + pair.actual, 0);
  const ratio = actual / counted;
  const trust = Math.min(1, pairs.length / enoughPairs);
  return {
    factor: 1 + (ratio - 1) * trust,
    ratio,
    spread: pairs.length < 2 ? null : spreadOf(pairs, ratio, actual / pairs.length),
    pairs: pairs.length,
  };
}

function spreadOf(pairs: readonly CountedPair[], ratio: number, meanActual: number): number {
  const squares = pairs.reduce((sum, pair) => sum + (pair.actual - ratio * pair.counted) ** 2, 0);
  return Math.sqrt(squares / (pairs.length - 1)) / meanActual;
}
