import {
  mannWhitney,
  mcnemar,
  normalCdf,
  pairedDifferenceInterval,
  pairedT,
  signFlipTest,
  tQuantile,
} from "../stats/index.ts";
import type { TestName } from "./comparison.ts";
import type { Metric, Statistic } from "./metric.ts";
import { quantileChange } from "./quantile-change.ts";

/** Paired values of two arms: the i-th of both is the same row. */
export interface PairedSeries {
  readonly base: Float64Array;
  readonly candidate: Float64Array;
  /** Cluster of each pair; null where rows are independent. */
  readonly clusters: readonly string[] | null;
  /** Whether every row has one answer on both sides. */
  readonly single: boolean;
  /** How many values the means of a pair are made of. */
  readonly counts: (pair: number) => { readonly base: number; readonly candidate: number };
  /** Every value of a pair, for quantiles. */
  readonly values: (pair: number) => {
    readonly base: ArrayLike<number>;
    readonly candidate: ArrayLike<number>;
  };
}

/** What two arms differ by. Points are absolute (0.05), relative metrics are shares of the base. */
export interface SeriesDifference {
  readonly test: TestName;
  /** Rows. */
  readonly n: number;
  /** What depends on nothing else: rows, or clusters of them. */
  readonly units: number;
  /** Whether the standard error is the least that so many units can have. */
  readonly atFloor: boolean;
  readonly baseValue: number | null;
  readonly candidateValue: number | null;
  /** Candidate − base; null where it cannot be told (no rows, a base of 0). */
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** Standard error of the difference; null where nothing tells it. */
  readonly standardError: number | null;
  readonly p: { readonly twoSided: number; readonly less: number; readonly greater: number } | null;
  /** One-sided 95 % bounds of the difference. */
  readonly bounds: { readonly lower: number; readonly upper: number } | null;
  /** Rows that passed and fail now, and the other way round. */
  readonly regressed: number | null;
  readonly improved: number | null;
}

/** Up to so many units every sign flip is tried. */
const fewUnits = 20;

/** Compares two arms row by row; the tests are those of docs/design/comparison.md. */
export function compareSeries(series: PairedSeries, metric: Metric): SeriesDifference {
  const n = series.base.length;
  if (n === 0) return unknownDifference;
  if (isQuantile(metric.statistic)) return compareQuantiles(series, metric.statistic);
  if (metric.scale === "relative") return compareAmounts(series, metric.statistic === "sum");
  if (series.single && series.clusters === null && isBinary(series.base) && isBinary(series.candidate))
    return compareOutcomes(series, metric.better);
  return comparePoints(series);
}

const unknownDifference: SeriesDifference = {
  test: "none",
  n: 0,
  units: 0,
  atFloor: false,
  baseValue: null,
  candidateValue: null,
  value: null,
  low: null,
  high: null,
  standardError: null,
  p: null,
  bounds: null,
  regressed: null,
  improved: null,
};

/** Pass or fail, one answer a row: McNemar mid-p with the Bonett–Price interval. */
function compareOutcomes({ base, candidate }: PairedSeries, better: Metric["better"]): SeriesDifference {
  const n = base.length;
  let b = 0;
  let c = 0;
  for (let i = 0; i < n; i++) {
    const change = (candidate[i] ?? 0) - (base[i] ?? 0);
    if (change < 0) b++;
    else if (change > 0) c++;
  }
  const { midP } = mcnemar({ b, c });
  const [p12, p21] = [(b + 1) / (n + 2), (c + 1) / (n + 2)];
  const standardError = Math.sqrt((p12 + p21 - (p12 - p21) ** 2) / (n + 2));
  const baseValue = mean(base);
  const candidateValue = mean(candidate);
  const { low, high } = pairedDifferenceInterval({ n, b, c });
  const oneSided = pairedDifferenceInterval({ n, b, c }, 0.9);
  return {
    test: "mcnemar-midp",
    n,
    units: n,
    atFloor: b + c === 0,
    baseValue,
    candidateValue,
    value: (c - b) / n,
    low,
    high,
    standardError,
    p: { twoSided: midP.twoSided, less: midP.oneSided, greater: mcnemar({ b: c, c: b }).midP.oneSided },
    bounds: { lower: oneSided.low, upper: oneSided.high },
    regressed: better === "higher" ? b : c,
    improved: better === "higher" ? c : b,
  };
}

/** candidate − base, row by row; what is a mere trace of rounding is no difference. */
function differencesOf({ base, candidate }: PairedSeries): Float64Array {
  return candidate.map((value, i) => {
    const before = base[i] ?? 0;
    const difference = value - before;
    return Math.abs(difference) <= 1e-12 * Math.max(Math.abs(value), Math.abs(before)) ? 0 : difference;
  });
}

/** Row means in 0..1: paired t, or every sign flip for few units. */
function comparePoints(series: PairedSeries): SeriesDifference {
  const { base, candidate } = series;
  const differences = differencesOf(series);
  const units = series.clusters === null ? base.length : new Set(series.clusters).size;
  // Rows that all agree are no proof that none could differ.
  const floor = Math.SQRT2 / (units + 2);
  const found = tested(differences, series.clusters, mean(differences), differences, floor);
  // Differences of shares lie between −1 and 1.
  const inside = (bound: number): number => Math.max(-1, Math.min(1, bound));
  return {
    ...found,
    low: found.low === null ? null : inside(found.low),
    high: found.high === null ? null : inside(found.high),
    baseValue: mean(base),
    candidateValue: mean(candidate),
  };
}

/** Times, tokens and money: the change as a share of the base, with the delta method for its interval. */
function compareAmounts(series: PairedSeries, asSum: boolean): SeriesDifference {
  const { base, candidate } = series;
  const before = mean(base);
  const after = mean(candidate);
  const values = asSum && sameCounts(series) ? sums(series) : { baseValue: before, candidateValue: after };
  if (!(before > 0)) return { ...unknownDifference, n: base.length, units: base.length, ...values };
  const ratio = after / before;
  const differences = differencesOf(series).map((difference) => difference / before);
  const spread = candidate.map((value, i) => (value - ratio * (base[i] ?? 0)) / before);
  return { ...tested(differences, series.clusters, ratio - 1, spread, 0), ...values };
}

/** Whether both sides have as many values: only then do their sums say what their means say. */
function sameCounts({ base, counts }: PairedSeries): boolean {
  return base.every((_, pair) => counts(pair).base === counts(pair).candidate);
}

/** The whole amounts; their change is that of the row means, so that sides of more trials cost no more. */
function sums({ base, candidate, counts }: PairedSeries): { baseValue: number; candidateValue: number } {
  let baseValue = 0;
  let candidateValue = 0;
  for (let i = 0; i < base.length; i++) {
    const count = counts(i);
    baseValue += (base[i] ?? 0) * count.base;
    candidateValue += (candidate[i] ?? 0) * count.candidate;
  }
  return { baseValue, candidateValue };
}

/** `differences` are tested against 0; the interval around `value` takes the spread of `spread`, at least `floor`. */
function tested(
  differences: Float64Array,
  clusters: readonly string[] | null,
  value: number,
  spread: Float64Array,
  floor: number,
): SeriesDifference {
  const options = clusters === null ? {} : { clusters };
  const t = pairedT(differences, options);
  const units = clusters === null ? differences.length : new Set(clusters).size;
  const flips = units <= fewUnits || t.standardError === null || t.standardError === 0;
  const p = flips ? signFlipTest(differences, options).p : t.p;
  const own = spread === differences ? t : pairedT(spread, options);
  const test = flips ? "sign-flip" : "paired-t";
  const known = { test, n: differences.length, units, value, p } as const;
  const base = { ...unknownDifference, ...known };
  if (own.standardError === null || own.df < 1) return base;
  const standardError = Math.max(own.standardError, floor);
  const wide = tQuantile(0.975, own.df) * standardError;
  const narrow = tQuantile(0.95, own.df) * standardError;
  return {
    ...base,
    standardError,
    atFloor: own.standardError < floor,
    low: value - wide,
    high: value + wide,
    bounds: { lower: value - narrow, upper: value + narrow },
  };
}

function compareQuantiles(
  series: PairedSeries,
  statistic: Exclude<Statistic, "mean" | "sum">,
): SeriesDifference {
  const change = quantileChange(series, statistic);
  const base = {
    ...unknownDifference,
    n: series.base.length,
    units: series.clusters === null ? series.base.length : new Set(series.clusters).size,
    baseValue: change.base,
    candidateValue: change.candidate,
    value: change.value,
  };
  if (change.value === null || change.replicates.length === 0) return base;
  const { replicates } = change;
  const at = (q: number): number => replicates[Math.round(q * (replicates.length - 1))] ?? Number.NaN;
  const rank =
    statistic === "p50" && series.clusters === null ? mannWhitney(series.candidate, series.base).p : null;
  return {
    ...base,
    test: rank === null ? "bootstrap" : "mann-whitney",
    low: at(0.025),
    high: at(0.975),
    bounds: { lower: at(0.05), upper: at(0.95) },
    standardError: deviation(replicates),
    // Resampling never finds a larger maximum than the largest value: it says nothing of a maximum.
    p: statistic === "max" ? null : (rank ?? bootstrapP(change.value, replicates)),
  };
}

/**
 * How often the resampled change lies on the other side of 0, counting one resample more; where none does, no more than
 * the normal distribution has there, so that a large family can still tell.
 */
function bootstrapP(
  value: number,
  replicates: Float64Array,
): { twoSided: number; less: number; greater: number } {
  let atLeast = 1;
  let atMost = 1;
  for (const change of replicates) {
    if (change >= 0) atLeast++;
    if (change <= 0) atMost++;
  }
  const tail = normalCdf(-Math.abs(value) / deviation(replicates));
  const share = (hits: number): number => {
    const counted = hits / (replicates.length + 1);
    return hits === 1 && tail < counted ? tail : counted;
  };
  const less = share(atLeast);
  const greater = share(atMost);
  return { twoSided: Math.min(1, 2 * Math.min(less, greater)), less, greater };
}

function isQuantile(statistic: Statistic): statistic is Exclude<Statistic, "mean" | "sum"> {
  return statistic !== "mean" && statistic !== "sum";
}

function isBinary(values: Float64Array): boolean {
  return values.every((value) => value === 0 || value === 1);
}

function mean(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

function deviation(values: Float64Array): number {
  const centre = mean(values);
  let squares = 0;
  for (const value of values) squares += (value - centre) ** 2;
  return Math.sqrt(squares / Math.max(1, values.length - 1));
}
