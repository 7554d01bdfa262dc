import type { Arm } from "./arm.ts";
import type { Flip, FlipSide } from "./comparison.ts";
import type { Metric } from "./metric.ts";
import type { Pairing } from "./paired-series.ts";

/** How many flips are listed, and for how many of them the answers. */
export interface FlipLimits {
  readonly listed: number;
  readonly withAnswers: number;
  /** Characters of an answer; the middle of longer ones is left out. */
  readonly characters: number;
}

/** Everything, whole. */
export const allFlips: FlipLimits = {
  listed: Number.POSITIVE_INFINITY,
  withAnswers: Number.POSITIVE_INFINITY,
  characters: Number.POSITIVE_INFINITY,
};

/** What a summary holds: its size must not grow with the answers. */
export const summaryFlips: FlipLimits = { listed: 1_000, withAnswers: 50, characters: 1_000 };

/**
 * The rows whose outcome changed sides: half of its completions or more passed on one side, fewer on the other.
 * Regressions first, each kind in the order of the candidate's rows. None for metrics that are no score.
 */
export function findFlips(
  base: Arm,
  candidate: Arm,
  pairing: Pairing,
  metric: Metric,
  limits: FlipLimits,
): readonly Flip[] {
  if (metric.quantity !== "pass" && !metric.quantity.startsWith("scores.")) return [];
  const worse: number[] = [];
  const better: number[] = [];
  const { series } = pairing;
  for (let i = 0; i < series.base.length; i++) {
    const before = (series.base[i] ?? 0) >= 0.5;
    const now = (series.candidate[i] ?? 0) >= 0.5;
    if (before && !now) worse.push(i);
    if (!before && now) better.push(i);
  }
  return [...worse, ...better].slice(0, limits.listed).map((pair, position): Flip => {
    const whole = position < limits.withAnswers;
    const sideOf = (arm: Arm, row: number, value: number): FlipSide => ({
      value: Math.round(value * 1e6) / 1e6,
      // Of several answers one that did what the row did.
      output: whole
        ? shortened(arm.side.output(arm.variants[0] ?? 0, row, value >= 0.5), limits.characters)
        : null,
    });
    const candidateRow = pairing.candidateRows[pair] ?? 0;
    return {
      row_id: candidate.side.rows[candidateRow]?.id ?? "",
      base: sideOf(base, pairing.baseRows[pair] ?? 0, series.base[pair] ?? 0),
      candidate: sideOf(candidate, candidateRow, series.candidate[pair] ?? 0),
    };
  });
}

function shortened(text: string | null, most: number): string | null {
  if (text === null || text.length <= most) return text;
  const half = Math.floor((most - 3) / 2);
  // Half of a surrogate pair is no character.
  const head = text.slice(0, half).replace(/[\ud800-\udbff]$/, "");
  return `${head} … ${text.slice(-half).replace(/^[\udc00-\udfff]/, "")}`;
}
