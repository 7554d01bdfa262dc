import { binomialPmf, binomialUpperTail } from "./binomial.ts";
import { normalCdf } from "./normal.ts";

/** Rows whose outcome changed between two runs; rows that did the same on both sides say nothing here. */
export interface Discordant {
  /** Passed in the base and fails in the candidate: regressions. */
  readonly b: number;
  /** Failed in the base and passes in the candidate: improvements. */
  readonly c: number;
}

/** Both versions of McNemar's test; one-sided is evidence for a regression. */
export interface McNemar {
  readonly exact: { readonly twoSided: number; readonly oneSided: number };
  readonly midP: { readonly twoSided: number; readonly oneSided: number };
}

/**
 * McNemar's test of paired pass or fail: whether regressions and improvements are equally likely. With
 * X ~ Bin(b + c, ½), exact: 2 P(X ≤ min(b, c)), at most 1, and one-sided P(X ≥ b); mid-p subtracts P(X = min(b, c)), and
 * one-sided ½ P(X = b) (Fagerland, Lydersen and Laake 2013, BMC Med Res Methodol 13:91). The exact test is never wrong
 * too often and misses more; mid-p is the default elsewhere. No change at all (b + c = 0) is no evidence: all four are 1.
 * Not for rows of several answers (average them and use `pairedT`) and not for rows that depend on each other.
 */
export function mcnemar({ b, c }: Discordant): McNemar {
  demandCounts(b, c);
  const n = b + c;
  if (n === 0) return { exact: { twoSided: 1, oneSided: 1 }, midP: { twoSided: 1, oneSided: 1 } };
  const point = binomialPmf(b, n, 0.5);
  const tail = binomialUpperTail(Math.max(b, c), n, 0.5);
  const twoSided = Math.min(1, 2 * tail);
  // P(X ≥ b) for b below the middle is what the larger tail leaves, with b's own mass.
  const oneSided = b >= c ? tail : 1 - tail + point;
  return {
    exact: { twoSided, oneSided },
    midP: { twoSided: twoSided - point, oneSided: oneSided - point / 2 },
  };
}

/**
 * McNemar's test by the χ² approximation: (|b − c| − 1)² / (b + c) with continuity correction, (b − c)² / (b + c) without.
 * For comparing with other tools only: below some 25 changed rows it is wrong, and `mcnemar` is right for any number.
 */
export function mcnemarChiSquare(
  { b, c }: Discordant,
  { continuity = true }: { readonly continuity?: boolean } = {},
): { readonly statistic: number; readonly p: number } {
  demandCounts(b, c);
  if (b + c === 0) return { statistic: 0, p: 1 };
  const distance = Math.max(0, Math.abs(b - c) - (continuity ? 1 : 0));
  const statistic = distance ** 2 / (b + c);
  return { statistic, p: 2 * normalCdf(-Math.sqrt(statistic)) };
}

function demandCounts(b: number, c: number): void {
  if (!(Number.isInteger(b) && b >= 0 && Number.isInteger(c) && c >= 0)) {
    throw new RangeError(`two whole numbers of changed rows are needed, got ${b} and ${c}`);
  }
}
