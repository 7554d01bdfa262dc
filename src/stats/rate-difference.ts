import { normalCdf, normalQuantile } from "./normal.ts";
import { type Interval, wilsonInterval } from "./rate.ts";

/** Successes among n independent trials. */
export interface Count {
  readonly successes: number;
  readonly n: number;
}

/**
 * Newcombe's interval of the difference of two independent proportions, first − second: both Wilson intervals squared
 * and added (1998, Stat Med 17:873, method 10). Not for two runs over the same rows, which are paired
 * (`pairedDifferenceInterval`): it is much too wide there.
 */
export function newcombeDifference(first: Count, second: Count, confidence: number = 0.95): Interval {
  const a = wilsonInterval(first.successes, first.n, confidence);
  const b = wilsonInterval(second.successes, second.n, confidence);
  const [pa, pb] = [first.successes / first.n, second.successes / second.n];
  return {
    low: pa - pb - Math.hypot(pa - a.low, b.high - pb),
    high: pa - pb + Math.hypot(a.high - pa, pb - b.low),
  };
}

/**
 * Power of the test of two independent proportions with n rows each, by the normal approximation with the pooled variance
 * under no difference (R's `power.prop.test`). Paired runs need far fewer rows: `minimumDetectableEffect`, `mcnemarPower`.
 */
export function twoProportionPower(input: {
  readonly nPerGroup: number;
  readonly p1: number;
  readonly p2: number;
  /** Default 0.05. */
  readonly alpha?: number;
  /** Default 2. */
  readonly sides?: 1 | 2;
}): number {
  const { nPerGroup, p1, p2, alpha = 0.05, sides = 2 } = input;
  const z = normalQuantile(1 - alpha / sides);
  const pooled = Math.sqrt((p1 + p2) * (1 - (p1 + p2) / 2));
  const apart = Math.sqrt(p1 * (1 - p1) + p2 * (1 - p2));
  return normalCdf((Math.sqrt(nPerGroup) * Math.abs(p1 - p2) - z * pooled) / apart);
}
