import { normalQuantile } from "../stats/normal.ts";
import { gateAlpha } from "./gate.ts";
import type { Series, Side } from "./side.ts";

/** Chance of seeing a change that is there. */
const power = 0.8;

/**
 * Variance of answers to the same row that is assumed where nothing is known: that of rows of which 70 % pass with a
 * chance of 0.99, 18 % of 0.85 and 12 % of 0.45.
 */
export const assumedVariance = 0.06;

/** A comparison that is still to be paid for. */
export interface PlannedComparison {
  /** Rows that both sides have. */
  readonly rows: number;
  /** Answers a row, of the run and of what it is compared with. */
  readonly trials: number;
  readonly baseTrials: number;
  /** Variance of the answers to one row, σ². */
  readonly variance: number;
  /** Comparisons that are judged together (Holm). */
  readonly comparisons: number;
}

/**
 * The smallest drop that a comparison will see with 80 % power: (z₁₋α/ₘ + z₀.₈) · SE with SE² = σ² (1/K + 1/K′) / n, one-sided,
 * α = 0.05. SE is never below √2 / (n + 2). True differences between the rows are taken to be all alike (ω² = 0), so
 * it is a lower bound (Miller 2024, arXiv 2411.00640, on power).
 */
export function plannedEffect(planned: PlannedComparison): number {
  const { rows, trials, baseTrials, variance, comparisons } = planned;
  const error = Math.sqrt((variance * (1 / trials + 1 / baseTrials)) / rows);
  return reach(comparisons) * Math.max(error, Math.SQRT2 / (rows + 2));
}

/** Rows from which a drop of `effect` is seen, with the trials as they are. */
export function rowsNeeded(planned: PlannedComparison, effect: number): number {
  const { trials, baseTrials, variance, comparisons } = planned;
  const wanted = effect / reach(comparisons);
  const forError = (variance * (1 / trials + 1 / baseTrials)) / wanted ** 2;
  return Math.ceil(Math.max(forError, Math.SQRT2 / wanted - 2) * (1 - 1e-12));
}

/** Trials, of both sides, from which a drop of `effect` is seen in the same rows; null where no number of them would do. */
export function trialsNeeded(planned: PlannedComparison, effect: number): number | null {
  const { rows, variance, comparisons } = planned;
  const wanted = effect / reach(comparisons);
  if (Math.SQRT2 / (rows + 2) > wanted) return null;
  return Math.max(1, Math.ceil(((2 * variance) / (rows * wanted ** 2)) * (1 - 1e-12)));
}

/** How much answers to the same row vary, and whether that was measured. */
export interface WithinVariance {
  readonly value: number;
  readonly measured: boolean;
}

/**
 * σ² of a quantity (a share or a score of 0..1) in some variants of a baseline, the largest of them. Measured where most
 * rows have several answers: the mean of p (1 − p) K / (K − 1), which is exact for pass or fail and an upper bound for
 * scores. Else what is assumed, and no more than p̄ (1 − p̄), its largest possible value.
 */
export function withinVariance(
  baseline: Side | null,
  variants: readonly number[],
  quantity: string,
): WithinVariance {
  const found = variants.flatMap((i) => {
    const series = baseline?.variants[i]?.series.get(quantity);
    const variance = series === undefined ? null : seriesVariance(series);
    return variance === null ? [] : [variance];
  });
  if (found.length === 0) return { value: assumedVariance, measured: false };
  return found.reduce((most, one) => (one.value > most.value ? one : most));
}

function seriesVariance({ means, counts }: Series): WithinVariance | null {
  let known = 0;
  let several = 0;
  let spread = 0;
  let sum = 0;
  for (let row = 0; row < means.length; row++) {
    const count = counts[row] ?? 0;
    const mean = means[row] ?? Number.NaN;
    if (count === 0 || Number.isNaN(mean)) continue;
    known++;
    sum += mean;
    if (count === 1) continue;
    several++;
    spread += (mean * (1 - mean) * count) / (count - 1);
  }
  if (known === 0) return null;
  if (several * 2 > known) return { value: spread / several, measured: true };
  const overall = sum / known;
  return { value: Math.min(assumedVariance, overall * (1 - overall)), measured: false };
}

function reach(comparisons: number): number {
  return normalQuantile(1 - gateAlpha / comparisons) + normalQuantile(power);
}
