import { tCdf, tQuantile } from "./student-t.ts";

/** A difference candidate − base with its error, as `pairedT` gives it. */
export interface DifferenceEstimate {
  readonly difference: number;
  readonly standardError: number;
  readonly df: number;
  /** Level of each one-sided test; default 0.05. */
  readonly alpha?: number;
}

/** What is known about "not worse by more than the margin". */
export interface NonInferiority {
  /** p of the hypothesis that the candidate is worse by the margin or more. */
  readonly p: number;
  /** p of the hypothesis that it is not worse at all. */
  readonly pWorse: number;
  /** One-sided bounds of the difference, each at confidence 1 − alpha. */
  readonly low: number;
  readonly high: number;
  /** `non_inferior`: low is above −margin. `regressed`: high is below it. */
  readonly verdict: "non_inferior" | "regressed" | "inconclusive";
}

/**
 * Non-inferiority test: rejects "difference ≤ −margin" when (difference + margin) / SE > t₁₋α with df degrees of freedom.
 * Usable alone only where the detectable effect is below the margin: of clean runs it refuses nearly all otherwise.
 * Throws RangeError unless margin > 0 and SE > 0.
 */
export function nonInferiority(input: DifferenceEstimate & { readonly margin: number }): NonInferiority {
  const { difference, standardError, df, margin, alpha = 0.05 } = input;
  demandError(standardError);
  if (!(margin > 0)) throw new RangeError(`a margin above 0 is needed, got ${margin}`);
  const half = tQuantile(1 - alpha, df) * standardError;
  const [low, high] = [difference - half, difference + half];
  return {
    p: tCdf(-(difference + margin) / standardError, df),
    pWorse: tCdf(difference / standardError, df),
    low,
    high,
    verdict: low > -margin ? "non_inferior" : high < -margin ? "regressed" : "inconclusive",
  };
}

/** Whether two sides are the same for practical purposes. */
export interface Equivalence {
  /** The larger of both one-sided p values. */
  readonly p: number;
  /** Interval of confidence 1 − 2 alpha. */
  readonly low: number;
  readonly high: number;
  readonly equivalent: boolean;
}

/**
 * Two one-sided tests of equivalence (Schuirmann 1987, J Pharmacokinet Biopharm 15:657): equivalent where the interval of
 * confidence 1 − 2α lies inside of the margins. Not significantly different is not equivalent; this is how to say so.
 */
export function tost(
  input: DifferenceEstimate & { readonly margins: { readonly low: number; readonly high: number } },
): Equivalence {
  const { difference, standardError, df, margins, alpha = 0.05 } = input;
  demandError(standardError);
  const half = tQuantile(1 - alpha, df) * standardError;
  const above = tCdf(-(difference - margins.low) / standardError, df);
  const below = tCdf((difference - margins.high) / standardError, df);
  const p = Math.max(above, below);
  return { p, low: difference - half, high: difference + half, equivalent: p < alpha };
}

function demandError(standardError: number): void {
  if (!(standardError > 0)) throw new RangeError(`a standard error above 0 is needed, got ${standardError}`);
}
