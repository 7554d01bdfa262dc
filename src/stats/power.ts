import { normalQuantile } from "./normal.ts";

/** How sure a test is to be. */
export interface PowerOptions {
  /** Level of the test; default 0.05. */
  readonly alpha?: number;
  /** Chance of seeing an effect that is there; default 0.8. */
  readonly power?: number;
  /** 1 for a gate that looks for a drop only; default 2. */
  readonly sides?: 1 | 2;
}

/** What a paired difference varies by, in squared units of the score. */
export interface PairedVariance {
  /** Variance over rows of the true difference, that of endless trials. */
  readonly omega2: number;
  /** Mean variance over trials within a row, of side A and of side B; default 0. */
  readonly sigma2A?: number;
  readonly sigma2B?: number;
  /** Trials a row; default 1. */
  readonly kA?: number;
  readonly kB?: number;
}

/** (z₁₋α/sides + z_power) × SE: the smallest true difference that a test with this error finds with the power asked for. */
export function detectableEffectOf(standardError: number, options: PowerOptions = {}): number {
  return reach(options) * standardError;
}

/**
 * Smallest true difference of two runs over n rows that is found with the power asked for:
 * (z₁₋α/₂ + z_power) √((ω² + σ²_A / K_A + σ²_B / K_B) / n) (Miller 2024, arXiv 2411.00640, on power). An approximation by
 * the normal distribution: a little too small for fewer than some 30 rows. `varianceComponents` gives ω² and σ².
 */
export function minimumDetectableEffect(
  input: PairedVariance & PowerOptions & { readonly n: number },
): number {
  if (!(input.n > 0)) throw new RangeError(`rows are needed, got ${input.n}`);
  return reach(input) * Math.sqrt(pairedVariance(input) / input.n);
}

/** Rows that `minimumDetectableEffect` = `effect` takes, before rounding up; infinite for an effect of 0. */
export function sampleSizeExact(input: PairedVariance & PowerOptions & { readonly effect: number }): number {
  return (reach(input) ** 2 * pairedVariance(input)) / input.effect ** 2;
}

/** Rows that it takes to find a true difference of `effect` with the power asked for; see `minimumDetectableEffect`. */
export function sampleSize(input: PairedVariance & PowerOptions & { readonly effect: number }): number {
  // A hair less, so that rounding does not ask for one row more.
  return Math.ceil(sampleSizeExact(input) * (1 - 1e-12));
}

function reach({ alpha = 0.05, power = 0.8, sides = 2 }: PowerOptions): number {
  return normalQuantile(1 - alpha / sides) + normalQuantile(power);
}

function pairedVariance({ omega2, sigma2A = 0, sigma2B = 0, kA = 1, kB = 1 }: PairedVariance): number {
  if (!(kA > 0 && kB > 0)) throw new RangeError(`trials are needed, got ${kA} and ${kB}`);
  return omega2 + sigma2A / kA + sigma2B / kB;
}
