import type { Comparison, Flip } from "../compare/comparison.ts";

/** Rows of one comparison that changed sides, as many as are shown, and how many there are. */
export interface ShownFlips {
  readonly comparison: Comparison;
  readonly shown: readonly Flip[];
  readonly regressed: number;
  readonly improved: number;
}

/** Flips that a comparison gets before the next one has its turn. */
const atOnce = 3;

/**
 * The flips that are shown, at most `limit` in all: those of the pass rate, or of the first metric that has any. What
 * failed comes first, then the smallest p value; each comparison gets three before any gets more, so that no pair hides
 * the others. Comparisons that are left without any are not listed.
 */
export function chooseFlips(comparisons: readonly Comparison[], limit: number): readonly ShownFlips[] {
  const flipping = withFlips(comparisons);
  const urgency = (one: Comparison): number =>
    one.verdict === "fail" ? -1 : (one.p_adjusted ?? one.p_value ?? 2);
  const turns = [...flipping].sort((a, b) => urgency(a) - urgency(b));
  const shares = new Map<Comparison, number>();
  let left = Math.min(
    limit,
    flipping.reduce((sum, one) => sum + one.flipped.length, 0),
  );
  while (left > 0) {
    for (const one of turns) {
      const share = shares.get(one) ?? 0;
      const more = Math.min(atOnce, left, one.flipped.length - share);
      shares.set(one, share + more);
      left -= more;
    }
  }
  return flipping
    .filter((one) => (shares.get(one) ?? 0) > 0)
    .map((comparison) => ({
      comparison,
      shown: comparison.flipped.slice(0, shares.get(comparison) ?? 0),
      regressed: comparison.flipped.filter(isRegression).length,
      improved: comparison.flipped.filter((flip) => !isRegression(flip)).length,
    }));
}

/** The comparisons that have flips to show: of one metric, since those of its scorers are the pass rate's over again. */
export function withFlips(comparisons: readonly Comparison[]): readonly Comparison[] {
  const metric = comparisons.some((one) => one.metric === "pass_rate")
    ? "pass_rate"
    : comparisons.find((one) => one.flipped.length > 0)?.metric;
  return comparisons.filter((one) => one.metric === metric && one.flipped.length > 0);
}

/** Whether a row got worse. */
export function isRegression({ base, candidate }: Flip): boolean {
  return candidate.value < base.value;
}

/** How many rows changed sides: `209 rows regressed, 152 improved`. */
export function flipCounts({ regressed, improved }: Pick<ShownFlips, "regressed" | "improved">): string {
  const rows = (count: number): string => `${count} row${count === 1 ? "" : "s"}`;
  if (improved === 0) return `${rows(regressed)} regressed`;
  return regressed === 0
    ? `${rows(improved)} improved`
    : `${rows(regressed)} regressed, ${improved} improved`;
}

/** What became of a row: `passed → failed`, or the shares of its completions that did, `0.67 → 0`. */
export function turnWords({ base, candidate }: Flip): string {
  const whole = [base.value, candidate.value].every((value) => value === 0 || value === 1);
  const word = (value: number): string =>
    whole ? (value === 1 ? "passed" : "failed") : `${Number(value.toPrecision(2))}`;
  return `${word(base.value)} → ${word(candidate.value)}`;
}
