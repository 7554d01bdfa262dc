import { normalQuantile } from "../stats/normal.ts";
import { detectableEffectOf } from "../stats/power.ts";
import type { SeriesDifference } from "./compare-series.ts";
import type { Verdict } from "./comparison.ts";
import { type GateSpec, gateAlpha } from "./gate.ts";
import { changeWords, countWords, sizeWords, testSentence } from "./gate-words.ts";

/** p from which a drop of the declared size is suspected, where suspicions are confirmed before they count. */
const suspicionAlpha = 0.1;
/** Level of the pooled test after a confirmation. */
const confirmedAlpha = 0.025;
/** Differences are sums of fractions: this much is rounding. */
const rounding = 1e-9;

/** Where a comparison stands between suspicion and confirmation. */
export type Confirmation = "none" | "open" | "done";

export interface Judged {
  readonly verdict: Verdict;
  readonly reason: string;
  readonly suspected: boolean;
  readonly mde: number | null;
  readonly rowsNeeded: number | null;
}

/** One-sided p of the harm that a gate looks for; null where nothing could be tested. */
export function harmP(spec: GateSpec, difference: SeriesDifference): number | null {
  if (difference.p === null) return null;
  return spec.limit.kind === "max_drop" ? difference.p.less : difference.p.greater;
}

/**
 * The verdict on one comparison against its `max_drop` or `max_increase`, as docs/design/comparison.md has the rules.
 * `adjusted` is the one-sided p after Holm over a family of `family` comparisons.
 */
export function judgeDifference(
  spec: GateSpec,
  difference: SeriesDifference,
  adjusted: number,
  family: number,
  confirmation: Confirmation,
): Judged {
  const limit = spec.limit.value;
  const word = spec.limit.kind === "max_drop" ? "drop" : "increase";
  const { metric } = spec;
  const harm = (difference.value ?? 0) * (word === "drop" ? -1 : 1);
  const worst = worstHarm(difference, word);
  const error = difference.standardError;
  const alpha = confirmation === "none" ? gateAlpha : confirmedAlpha;
  const mde = error === null ? null : detectableEffectOf(error, { alpha: alpha / family, sides: 1 });
  const change = `${metric.name} ${changeWords(difference, metric)}`;
  const size = sizeWords(limit, metric);
  const tested = testSentence(difference, adjusted, family);
  const judged = (verdict: Verdict, reason: string, rowsNeeded: number | null = null): Judged => ({
    verdict,
    reason,
    suspected: false,
    mde,
    rowsNeeded,
  });
  const reached = harm >= limit - rounding && harm > 0;
  if (confirmation === "open" && reached && (harmP(spec, difference) ?? 1) <= suspicionAlpha) {
    const reason = `${change}, ${tested}: suspected, and to be confirmed by more trials`;
    return { ...judged("inconclusive", reason), suspected: true };
  }
  if (reached && confirmation !== "open" && adjusted <= alpha) {
    const pooled = confirmation === "done" ? ", confirmed by more trials" : "";
    return judged(
      "fail",
      `${change}, ${word === "drop" ? "no more than" : "at most"} ${size} is allowed, ${tested}${pooled}`,
    );
  }
  const needed = unitsFor(difference, limit, harm, mde, alpha / family);
  const unit = difference.units === difference.n ? "row" : "cluster";
  const more = needed === null ? "" : `; ${countWords(needed - difference.units, unit)} more would settle it`;
  const rows = unit === "row" ? needed : null;
  if (reached) {
    const unsure = confirmation === "done" ? "not confirmed by more trials" : "not significant";
    return judged("inconclusive", `${change}, ${size} or more, but ${unsure}: ${tested}${more}`, rows);
  }
  if (limit === 0)
    return judged(
      "inconclusive",
      `${change}; no data can rule out the smallest ${word}: state one that matters`,
    );
  if (difference.units < fewestUnits(alpha, family)) {
    const few = countWords(difference.units, unit);
    return judged("inconclusive", `${change}; ${few} cannot decide anything${more}`, rows);
  }
  const small =
    harm > 0 && adjusted <= alpha
      ? `, significant but less than ${size}${sizeWords(harm, metric) === size ? ` (${apart(harm, limit, metric)})` : ""} (${tested})`
      : "";
  if (worst !== null && worst < limit - rounding)
    return judged("pass", `${change}${small}; ${boundWords(worst, word, spec)}`);
  if (mde !== null && mde <= limit + rounding) {
    const seen = apart(mde, limit, metric);
    return judged(
      "pass",
      `${change}${small}; ${article(word)} of ${seen} would have been significant (80 % power)`,
    );
  }
  const blind = mde === null || (metric.scale === "points" && mde >= 1);
  const seen = blind ? "nothing" : `${article(word)} of ${apart(mde, limit, metric)}`;
  return judged(
    "inconclusive",
    `${change}; ${countWords(difference.units, unit)} can see ${seen} (80 % power), the gate asks for ${size}${more}`,
    rows,
  );
}

/**
 * Fewer rows or clusters than this are not judged good, whatever their spread: if all of them got worse, no test could
 * call them bad, since 2⁻ⁿ is above the level that Holm leaves.
 */
function fewestUnits(alpha: number, family: number): number {
  return Math.ceil(Math.log2(family / alpha));
}

/** A size that does not read like the limit although it lies on one side of it. */
function apart(size: number, limit: number, metric: GateSpec["metric"]): string {
  const words = sizeWords(size, metric);
  return words === sizeWords(limit, metric) && Math.abs(size - limit) > rounding
    ? sizeWords(size, metric, 4)
    : words;
}

function article(word: "drop" | "increase"): string {
  return word === "drop" ? "a drop" : "an increase";
}

/** The largest harm that the data leaves room for: the one-sided 95 % bound. */
function worstHarm({ bounds }: SeriesDifference, word: "drop" | "increase"): number | null {
  if (bounds === null) return null;
  return word === "drop" ? -bounds.lower : bounds.upper;
}

function boundWords(worst: number, word: "drop" | "increase", { metric, limit }: GateSpec): string {
  const most =
    worst <= 0 ? `no ${word} at all` : `${article(word)} of at most ${apart(worst, limit.value, metric)}`;
  return `${most} (one-sided 95 % bound)`;
}

/**
 * Rows (or clusters) in all from which the data would settle it, with the spread it has: where a harm of the limit was
 * seen, those at which it would be significant; else those that leave no room for it (the bound) or see it with 80 %
 * power, whichever comes first. The error shrinks with √n, and with n where it is the least that n can have.
 */
function unitsFor(
  { units, standardError, value, atFloor }: SeriesDifference,
  limit: number,
  harm: number,
  mde: number | null,
  alpha: number,
): number | null {
  if (mde === null || standardError === null || value === null || !(limit > 0)) return null;
  const grown = (ratio: number): number => (atFloor ? (units + 2) * ratio - 2 : units * ratio ** 2);
  const forPower = grown(mde / limit);
  const forHarm = grown(detectableEffectOf(standardError, { alpha, sides: 1 }) / harm);
  const forBound = grown((normalQuantile(0.95) * standardError) / (limit - harm));
  const wanted = harm >= limit - rounding ? forHarm : Math.min(forPower, forBound);
  return Math.max(units + 1, Math.ceil(wanted - rounding));
}
