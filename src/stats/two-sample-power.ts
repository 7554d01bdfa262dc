import { logGamma } from "./beta.ts";
import { normalCdf } from "./normal.ts";
import { tQuantile } from "./student-t.ts";

/**
 * Power of the two-sided t test of two independent samples of n values each: the noncentral t distribution, integrated
 * over the estimated deviation by Simpson's rule, to about 1e-10 (statsmodels' `TTestIndPower`, R's `power.t.test`).
 * `effect` is the true difference of means, `deviation` the true standard deviation of both. Paired runs over the same
 * rows are not this case: `minimumDetectableEffect`. Throws RangeError for n below 2.
 */
export function twoSamplePower(input: {
  readonly nPerGroup: number;
  readonly effect: number;
  readonly deviation: number;
  /** Default 0.05. */
  readonly alpha?: number;
}): number {
  const { nPerGroup, effect, deviation, alpha = 0.05 } = input;
  if (!(nPerGroup >= 2 && deviation > 0)) {
    throw new RangeError(
      `two values a group and a deviation above 0 are needed, got ${nPerGroup} and ${deviation}`,
    );
  }
  const df = 2 * nPerGroup - 2;
  const shift = (effect / deviation) * Math.sqrt(nPerGroup / 2);
  const critical = tQuantile(1 - alpha / 2, df);
  // s, the estimated deviation in units of the true one, is χ / √df, near 1 and hardly ever 10 of its own deviations off.
  const spread = 10 / Math.sqrt(2 * df);
  const [from, to] = [Math.max(0, 1 - spread), 1 + spread];
  const steps = 2000;
  const width = (to - from) / steps;
  let sum = 0;
  for (let i = 0; i <= steps; i++) {
    const s = from + i * width;
    const weight = i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2;
    const found = normalCdf(shift - critical * s) + normalCdf(-shift - critical * s);
    sum += weight * deviationDensity(s, df) * found;
  }
  return (sum * width) / 3;
}

/** Density of χ / √df at s: 2 (df/2)^(df/2) / Γ(df/2) s^(df−1) e^(−df s²/2). */
function deviationDensity(s: number, df: number): number {
  if (s === 0) return 0;
  const half = df / 2;
  return 2 * Math.exp(half * Math.log(half) - logGamma(half) + (df - 1) * Math.log(s) - half * s * s);
}
