import { detectableEffectOf } from "../stats/power.ts";
import type { SeriesDifference } from "./compare-series.ts";
import type { Verdict } from "./comparison.ts";
import { type GateSpec, gateAlpha } from "./gate.ts";
import { changeWords, rowWords, sizeWords, testSentence } from "./gate-words.ts";

/** p from which a drop of the declared size is suspected, where suspicions are confirmed before they count. */
const suspicionAlpha = 0.1;
/** Level of the pooled test after a confirmation. */
const confirmedAlpha = 0.025;
/** Fewer pairs than this are not judged good, whatever their spread: no test could call them bad. */
const fewestPairs = 5;
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
  const mde = error === null ? null : detectableEffectOf(error, { alpha: gateAlpha / family, sides: 1 });
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
  const alpha = confirmation === "none" ? gateAlpha : confirmedAlpha;
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
  const needed = rowsFor(difference, limit, harm, mde, alpha / family);
  const more = needed === null ? "" : `; ${rowWords(needed - difference.n)} rows more would settle it`;
  if (reached) {
    const unsure = confirmation === "done" ? "not confirmed by more trials" : "not significant";
    return judged("inconclusive", `${change}, ${size} or more, but ${unsure}: ${tested}${more}`, needed);
  }
  if (difference.n < fewestPairs)
    return judged(
      "inconclusive",
      `${change}; ${difference.n === 1 ? "one row" : `${difference.n} rows`} cannot decide anything${more}`,
      needed,
    );
  const small = harm > 0 && adjusted <= alpha ? `, significant but less than ${size} (${tested})` : "";
  if (worst !== null && worst < limit - rounding)
    return judged("pass", `${change}${small}; ${boundWords(worst, word, spec)}`);
  if (mde !== null && mde <= limit + rounding)
    return judged(
      "pass",
      `${change}${small}; a ${word} of ${sizeWords(mde, metric)} would have been seen (80 % power)`,
    );
  const seen = mde === null ? "nothing" : `a ${word} of ${sizeWords(mde, metric)}`;
  return judged(
    "inconclusive",
    `${change}; ${rowWords(difference.n)} rows can see ${seen} (80 % power), the gate asks for ${size}${more}`,
    needed,
  );
}

/** The largest harm that the data leaves room for: the one-sided 95 % bound. */
function worstHarm({ bounds }: SeriesDifference, word: "drop" | "increase"): number | null {
  if (bounds === null) return null;
  return word === "drop" ? -bounds.lower : bounds.upper;
}

function boundWords(worst: number, word: string, { metric }: GateSpec): string {
  const most = worst <= 0 ? `no ${word} at all` : `a ${word} of at most ${sizeWords(worst, metric)}`;
  return `${most} (one-sided 95 % bound)`;
}

/**
 * Rows in all from which the data would settle it, with the spread it has: those that see the limit with 80 % power,
 * or, where a harm of that size was seen, those at which it would be significant.
 */
function rowsFor(
  { n, standardError, value }: SeriesDifference,
  limit: number,
  harm: number,
  mde: number | null,
  alpha: number,
): number | null {
  if (mde === null || standardError === null || value === null || !(limit > 0)) return null;
  const forLimit = n * (mde / limit) ** 2;
  const forHarm =
    harm > 0 && harm >= limit ? n * (detectableEffectOf(standardError, { alpha, sides: 1 }) / harm) ** 2 : 0;
  return Math.max(n + 1, Math.ceil(Math.max(forLimit, forHarm) - rounding));
}
