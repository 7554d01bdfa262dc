import { binomialPmf, binomialUpperTail } from "./binomial.ts";
import { mcnemar } from "./mcnemar.ts";

/** Which of McNemar's four p values decides. */
export interface McNemarTest {
  /** Default `mid-p`. */
  readonly test?: "exact" | "mid-p";
  /** 1 for regressions only (the default, as gates ask), 2 for any change. */
  readonly sides?: 1 | 2;
}

/**
 * The fewest changed rows, all of them regressions, with which McNemar's test can reach `alpha`: below it no data can
 * fail, and a gate must say so. At 0.05 exact 5 one-sided and 6 two-sided, mid-p 4 and 5.
 */
export function mcnemarMinimumDiscordant(alpha: number, test: McNemarTest = {}): number {
  if (!(alpha > 0 && alpha <= 1)) throw new RangeError(`a level in 0..1 is needed, got ${alpha}`);
  let b = 0;
  while (pValue(b, 0, test) > alpha) b++;
  return b;
}

/** What is assumed of two runs. */
export interface McNemarPower extends McNemarTest {
  /** Rows, changed or not. */
  readonly n: number;
  /** Chance that a row passes in the base and fails in the candidate. */
  readonly pRegress: number;
  /** Chance that it fails in the base and passes in the candidate. */
  readonly pImprove: number;
  /** Default 0.05. */
  readonly alpha?: number;
}

/**
 * Chance that McNemar's test rejects, over all numbers of changed rows and all their splits: power, or the share of false
 * alarms where both chances are equal. For rows alike and independent; takes time in proportion to n log n.
 */
export function mcnemarPower(input: McNemarPower): number {
  const { n, pRegress, pImprove, alpha = 0.05, sides = 1 } = input;
  const changed = pRegress + pImprove;
  if (!(pRegress >= 0 && pImprove >= 0 && changed <= 1 + 1e-12)) {
    throw new RangeError(`chances of at most 1 together are needed, got ${pRegress} and ${pImprove}`);
  }
  if (changed === 0) return 0;
  const share = pRegress / changed;
  let rejected = 0;
  let critical = 0;
  for (let m = 1; m <= n; m++) {
    // The critical count never falls as more rows change.
    while (critical <= m && pValue(critical, m - critical, input) > alpha) critical++;
    if (critical > m) continue;
    const worse = binomialUpperTail(critical, m, share);
    const better = sides === 2 ? binomialUpperTail(critical, m, 1 - share) : 0;
    rejected += binomialPmf(m, n, Math.min(1, changed)) * (worse + better);
  }
  return rejected;
}

function pValue(b: number, c: number, { test = "mid-p", sides = 1 }: McNemarTest): number {
  // From the middle down a two-sided p says nothing about regressions.
  if (sides === 2 && b <= c) return 1;
  const { exact, midP } = mcnemar({ b, c });
  const p = test === "exact" ? exact : midP;
  return sides === 2 ? p.twoSided : p.oneSided;
}
