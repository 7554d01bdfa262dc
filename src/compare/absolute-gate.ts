import { meanInterval } from "../stats/mean.ts";
import { quantileSorted } from "../stats/quantile.ts";
import { rateInterval } from "../stats/rate.ts";
import {
  type Arm,
  type ArmValues,
  armValues,
  causeWords,
  type MissingPolicy,
  missingShare,
  variantAt,
} from "./arm.ts";
import type { GateResult } from "./comparison.ts";
import type { GateSpec } from "./gate.ts";
import type { Slice } from "./gate-cases.ts";
import { percentWords, rowWords, valueWords } from "./gate-words.ts";
import { type Metric, quantileShares } from "./metric.ts";
import { noNumbers, rounded } from "./numbers.ts";
import { isGradedQuantity } from "./row-estimate.ts";
import { currenciesOf } from "./unusable.ts";

interface Measured {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly n: number;
}

/** What a `min` or `max` says of an arm: the value itself is compared, its 95 % interval printed. */
export function absoluteResult(
  spec: GateSpec,
  arm: Arm,
  slice: Slice | null,
): Omit<
  GateResult,
  | "gate"
  | "base_variants"
  | "candidate_variants"
  | "limit"
  | "place"
  | "prompt_place"
  | "base"
  | "candidate"
  | "metric"
  | "slice"
  | "relative"
  | "currency"
> {
  const { metric, limit } = spec;
  const policy: MissingPolicy = { promptFailuresCount: true, missing: spec.missing };
  const rows = Array.from(arm.side.rows, (_, row) => row).filter(
    (row) => slice === null || (arm.side.column(row, slice.column) ?? "") === slice.value,
  );
  const { share, missing, requests } = missingShare(arm, metric, policy, rows);
  const measured = measure(arm, metric, armValues(arm, metric, policy), rows);
  const { value, low, high, n } = measured;
  const numbers = {
    ...noNumbers,
    n,
    candidate_value: rounded(value),
    difference: { value: rounded(value), low: rounded(low), high: rounded(high) },
  };
  if (requests === 0) return { ...numbers, verdict: "none", reason: "it asks none of these rows" };
  const currencies = new Set(currenciesOf(arm));
  if (metric.quantity === "cost" && currencies.size > 1) {
    const reason = `costs in ${[...currencies].sort().join(" and ")} cannot be added`;
    return { ...numbers, verdict: "invalid", reason };
  }
  if (share > spec.maxMissing) {
    const reason = `${metric.name} is missing for ${rowWords(missing)} of ${rowWords(requests)} requests (${percentWords(share)}${causeWords(arm)}), more than ${percentWords(spec.maxMissing)}`;
    return { ...numbers, verdict: "invalid", reason };
  }
  if (value === null) return { ...numbers, verdict: "invalid", reason: `nothing is known of ${metric.name}` };
  const bad = limit.kind === "min" ? value < limit.value : value > limit.value;
  const interval =
    low === null || high === null ? "" : ` [${valueWords(low, metric)}, ${valueWords(high, metric)}]`;
  const side = limit.kind === "min" ? ["below", "at least"] : ["above", "at most"];
  const words = `${metric.name} is ${valueWords(value, metric)}${interval}`;
  const bound = valueWords(limit.value, metric);
  return bad
    ? {
        ...numbers,
        verdict: "fail",
        reason: `${words}, ${side[0]} ${limit.kind} ${bound}${clash(value, limit.value, metric)}`,
      }
    : { ...numbers, verdict: "pass", reason: `${words}, ${side[1]} ${bound}` };
}

/** More digits where three would make the value look like the limit. */
function clash(value: number, limit: number, metric: Metric): string {
  return valueWords(value, metric) === valueWords(limit, metric) ? ` (${value} against ${limit})` : "";
}

function measure(arm: Arm, metric: Metric, values: ArmValues, rows: readonly number[]): Measured {
  const known = rows.filter((row) => !Number.isNaN(values.means[row] ?? Number.NaN));
  const n = known.length;
  if (n === 0) return { value: null, low: null, high: null, n };
  const means = Float64Array.from(known, (row) => values.means[row] ?? 0);
  const clusters = arm.side.clustered
    ? { clusters: known.map((row) => arm.side.rows[row]?.cluster ?? `row ${row}`) }
    : {};
  if (metric.statistic === "sum") {
    const sum = arm.variants.reduce((total, i) => total + sumOf(arm, i, metric, known), 0);
    return { value: sum, low: null, high: null, n };
  }
  if (metric.statistic !== "mean") {
    const all = Float64Array.from(known.flatMap((row) => Array.from(values.values(row)))).sort();
    return { value: quantileSorted(all, quantileShares[metric.statistic]), low: null, high: null, n };
  }
  const graded = metric.quantity.startsWith("scores.") && isGradedQuantity(arm.side, metric.quantity);
  if (metric.scale === "points" && !graded) {
    return { ...rateInterval(means, { ...(values.single ? { completions: n } : {}), ...clusters }), n };
  }
  const { mean, low, high } = meanInterval(means, clusters);
  return { value: mean, low, high, n };
}

function sumOf(arm: Arm, variant: number, metric: Metric, rows: readonly number[]): number {
  const series = variantAt(arm.side, variant).series.get(metric.quantity);
  if (series === undefined) return 0;
  return rows.reduce((sum, row) => {
    const count = series.counts[row] ?? 0;
    return count === 0 ? sum : sum + (series.means[row] ?? 0) * count;
  }, 0);
}
