import { nearest } from "../diagnostics/nearest.ts";

/** What of a request a metric looks at: one number per answered request or completion. */
export type Quantity = string;

/** How the numbers of many requests become one. `mean` and `sum` go over row means; the others over requests. */
export type Statistic = "mean" | "sum" | "p50" | "p90" | "p95" | "p99" | "max";

/** The share of values below each quantile. */
export const quantileShares: Readonly<Record<Exclude<Statistic, "mean" | "sum">, number>> = {
  p50: 0.5,
  p90: 0.9,
  p95: 0.95,
  p99: 0.99,
  max: 1,
};

/** Something that gates and comparisons look at, in the words of `summary.json`. */
export interface Metric {
  /** In full: `pass_rate`, `scores.correct`, `latency_ms.p95`, `completion_tokens.mean`, `cost` (the whole of it), `failure_rate`. */
  readonly name: string;
  readonly quantity: Quantity;
  readonly statistic: Statistic;
  /**
   * `points`: a share or score in 0..1, whose difference is an absolute one. `relative`: a time, a count or money,
   * whose difference is a share of the base.
   */
  readonly scale: "points" | "relative";
  readonly better: "higher" | "lower";
}

const timeNames = ["latency_ms", "ttft_ms", "tpot_ms", "queued_ms", "total_ms"] as const;
const tokenNames = [
  "prompt_tokens",
  "completion_tokens",
  "reasoning_tokens",
  "cached_tokens",
  "total_tokens",
] as const;
const timeStatistics = ["mean", "p50", "p90", "p95", "p99", "max"] as const;
const tokenStatistics = ["mean", "sum"] as const;

/** The share of completions that pass. */
export const passRate: Metric = {
  name: "pass_rate",
  quantity: "pass",
  statistic: "mean",
  scale: "points",
  better: "higher",
};

/**
 * The metric that a gate or a flag names, or what is wrong with the name and what may be meant. One of `scorers` that
 * ends in `*` stands for all that begin so.
 */
export function readMetric(
  written: string,
  scorers: readonly string[],
): { readonly metric: Metric } | { readonly problem: string; readonly hint: string } {
  if (written === "pass_rate") return { metric: passRate };
  if (written === "failure_rate")
    return {
      metric: { name: written, quantity: "failed", statistic: "mean", scale: "points", better: "lower" },
    };
  if (written === "cost" || written === "cost.mean") {
    const statistic = written === "cost" ? "sum" : "mean";
    return { metric: { name: written, quantity: "cost", statistic, scale: "relative", better: "lower" } };
  }
  const score = /^scores\.(.+?)(?:\.value)?$/s.exec(written)?.[1];
  if (score !== undefined && scorers.some((id) => isNamed(id, score))) return { metric: scoreMetric(score) };
  const dot = written.lastIndexOf(".");
  const [name, statistic] = dot < 0 ? [written, ""] : [written.slice(0, dot), written.slice(dot + 1)];
  const statistics = isOneOf(timeNames, name)
    ? timeStatistics
    : isOneOf(tokenNames, name)
      ? tokenStatistics
      : null;
  if (statistics !== null) {
    if (isOneOf(statistics, statistic))
      return { metric: { name: written, quantity: name, statistic, scale: "relative", better: "lower" } };
    return {
      problem: `\`${name}\` needs a statistic`,
      hint: `one of ${statistics.map((one) => `\`${name}.${one}\``).join(", ")}`,
    };
  }
  return { problem: `there is no metric \`${written}\``, hint: metricHint(written, scorers) };
}

/** The metric of one scorer. */
export function scoreMetric(id: string): Metric {
  return {
    name: `scores.${id}`,
    quantity: `scores.${id}`,
    statistic: "mean",
    scale: "points",
    better: "higher",
  };
}

function metricHint(written: string, scorers: readonly string[]): string {
  const all = [
    "pass_rate",
    "failure_rate",
    "cost",
    "cost.mean",
    ...scorers.filter((id) => !id.endsWith("*")).map((id) => `scores.${id}`),
    ...timeNames.flatMap((name) => timeStatistics.map((one) => `${name}.${one}`)),
    ...tokenNames.flatMap((name) => tokenStatistics.map((one) => `${name}.${one}`)),
  ];
  if (scorers.includes(written)) return `did you mean \`scores.${written}\`?`;
  const close = nearest(written, all);
  return close === null
    ? "such as `pass_rate`, `scores.ID`, `latency_ms.p50`, `completion_tokens.mean`, `cost`, `failure_rate`"
    : `did you mean \`${close}\`?`;
}

function isNamed(id: string, score: string): boolean {
  return id === score || (id.endsWith("*") && score.startsWith(id.slice(0, -1)));
}

function isOneOf<T extends string>(list: readonly T[], value: string): value is T {
  return (list as readonly string[]).includes(value);
}
