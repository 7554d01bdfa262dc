import type { FailureKind } from "../outcome/failure.ts";
import { promptFailures } from "./gate.ts";
import type { Metric } from "./metric.ts";
import type { Side, SideVariant } from "./side.ts";

/** One of two things that are compared: a variant of a side, or several taken together row by row. */
export interface Arm {
  readonly side: Side;
  readonly variants: readonly number[];
}

/** An arm on one metric. Positions are those of the side's rows. */
export interface ArmValues {
  /** Mean of each row; NaN where there is none. */
  readonly means: Float64Array;
  /** Whether every row has at most one value, so that a pass is a pass and not a share. */
  readonly single: boolean;
  /** How many values the mean of a row is made of. */
  readonly count: (row: number) => number;
  /** Every value of a row, for quantiles; the mean alone where single values were not kept. */
  readonly values: (row: number) => ArrayLike<number>;
}

/** What a comparison takes failures for. */
export interface MissingPolicy {
  /** Whether what the prompt itself causes counts as not passed. */
  readonly promptFailuresCount: boolean;
  /** Kinds that are missing all the same. */
  readonly missing: readonly FailureKind[];
}

/** Failures are missing, whatever their kind: what tables and `compare` do. */
export const allMissing: MissingPolicy = { promptFailuresCount: false, missing: [] };

/** Values of arms that were asked for already: slices ask for the same ones again and again. */
const memory = new WeakMap<Arm, Map<string, ArmValues>>();

/**
 * The values of an arm. Several variants are averaged row by row; a row of which one of them lacks its answer is left
 * out, since the average of the others would be that of other variants.
 */
export function armValues(arm: Arm, metric: Metric, policy: MissingPolicy): ArmValues {
  const known = memory.get(arm) ?? new Map<string, ArmValues>();
  memory.set(arm, known);
  const key = [metric.quantity, policy.promptFailuresCount, ...policy.missing].join();
  const values = known.get(key) ?? valuesOf(arm, metric, policy);
  known.set(key, values);
  return values;
}

function valuesOf(arm: Arm, metric: Metric, policy: MissingPolicy): ArmValues {
  const parts = arm.variants.map((i) => variantValues(arm.side, i, metric, policy));
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  const means = Float64Array.from(arm.side.rows, (_, row) => {
    const asked = parts.filter(
      (_part, k) => (arm.side.variants[arm.variants[k] ?? 0]?.requests[row] ?? 0) > 0,
    );
    const sum = asked.reduce((total, part) => total + (part.means[row] ?? Number.NaN), 0);
    return asked.length === 0 ? Number.NaN : sum / asked.length;
  });
  return {
    means,
    single: false,
    count: (row) => parts.reduce((sum, part) => sum + part.count(row), 0),
    values: (row) => parts.flatMap((part) => Array.from(part.values(row))),
  };
}

function variantValues(side: Side, position: number, metric: Metric, policy: MissingPolicy): ArmValues {
  const variant = variantAt(side, position);
  if (metric.quantity === "failed") return failureShares(variant);
  const series = variant.series.get(metric.quantity);
  const size = side.rows.length;
  if (series === undefined)
    return { means: new Float64Array(size).fill(Number.NaN), single: true, count: () => 0, values: () => [] };
  const failures = metric.quantity === "pass" ? countedFailures(variant, policy) : [];
  const means = failures.length === 0 ? series.means : series.means.slice();
  let single = true;
  for (let row = 0; row < size; row++) {
    const count = series.counts[row] ?? 0;
    const wrong = failures.reduce((sum, kind) => sum + (kind[row] ?? 0), 0);
    // A failed request counts as one completion that did not pass.
    if (wrong > 0) means[row] = ((count === 0 ? 0 : (means[row] ?? 0)) * count) / (count + wrong);
    if (count + wrong > 1) single = false;
  }
  const { values, counts } = series;
  return {
    means,
    single,
    count: (row) => counts[row] ?? 0,
    values: values ?? ((row) => [means[row] ?? Number.NaN]),
  };
}

/** Share of the requests of each row that failed, of those that were asked. */
function failureShares({ requests, missing }: SideVariant): ArmValues {
  const kinds = [...missing.failed.values()];
  let single = true;
  const means = Float64Array.from(requests, (planned, row) => {
    const wanted = planned - (missing.pending?.[row] ?? 0);
    if (wanted > 1) single = false;
    return wanted <= 0 ? Number.NaN : kinds.reduce((sum, kind) => sum + (kind[row] ?? 0), 0) / wanted;
  });
  const asked = (row: number): number => (requests[row] ?? 0) - (missing.pending?.[row] ?? 0);
  return { means, single, count: asked, values: (row) => [means[row] ?? Number.NaN] };
}

function countedFailures(variant: SideVariant, policy: MissingPolicy): readonly Int32Array[] {
  if (!policy.promptFailuresCount) return [];
  return promptFailures
    .filter((kind) => !policy.missing.includes(kind))
    .flatMap((kind) => variant.missing.failed.get(kind) ?? []);
}

/** Share of the requests of some rows that bring no value: failed, never asked, or answered and not to be scored. */
export function missingShare(
  arm: Arm,
  metric: Metric,
  policy: MissingPolicy,
  rows: ArrayLike<number>,
): { readonly share: number; readonly missing: number; readonly requests: number } {
  let requests = 0;
  let missing = 0;
  for (const position of arm.variants) {
    const variant = variantAt(arm.side, position);
    const series = variant.series.get(metric.quantity);
    const counted = metric.quantity === "pass" ? countedFailures(variant, policy) : [];
    const failed = [...variant.missing.failed.values()].filter((kind) => !counted.includes(kind));
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] ?? 0;
      const planned = variant.requests[row] ?? 0;
      const pending = variant.missing.pending?.[row] ?? 0;
      let lost = pending;
      // Whether a request failed is known of every one that was asked.
      if (metric.quantity !== "failed") {
        const broken = failed.reduce((sum, kind) => sum + (kind[row] ?? 0), 0);
        const wrong = counted.reduce((sum, kind) => sum + (kind[row] ?? 0), 0);
        const answered = planned - pending - broken - wrong;
        lost +=
          broken + answered * (1 - knownShare(variant, series?.counts[row] ?? 0, row, answered, metric));
      }
      requests += planned;
      missing += lost;
    }
  }
  return {
    share: requests === 0 ? 1 : missing / requests,
    missing: Math.round(missing * 100) / 100,
    requests,
  };
}

/** `: 12 network, 3 timeout`, the commonest failures of an arm first; empty for none. */
export function causeWords(arm: Arm): string {
  const counts = new Map<string, number>();
  for (const position of arm.variants)
    for (const [kind, rows] of variantAt(arm.side, position).missing.failed)
      counts.set(kind, (counts.get(kind) ?? 0) + rows.reduce((sum, count) => sum + count, 0));
  const commonest = [...counts].filter(([, count]) => count > 0).sort(([, a], [, b]) => b - a);
  const words = commonest.slice(0, 3).map(([kind, count]) => `${count} ${kind}`);
  return words.length === 0 ? "" : `: ${words.join(", ")}`;
}

/** Share of the requests of some rows that brought no answer, and no failure that counts as one. */
export function unansweredShare(arm: Arm, policy: MissingPolicy, rows: ArrayLike<number>): number {
  let requests = 0;
  let lost = 0;
  for (const position of arm.variants) {
    const variant = variantAt(arm.side, position);
    const counted = countedFailures(variant, policy);
    const failed = [...variant.missing.failed.values()].filter((kind) => !counted.includes(kind));
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] ?? 0;
      requests += variant.requests[row] ?? 0;
      lost += variant.missing.pending?.[row] ?? 0;
      for (const kind of failed) lost += kind[row] ?? 0;
    }
  }
  return requests === 0 ? 1 : lost / requests;
}

/** Share of the answers of a row that have a value. Scores belong to completions, all else to requests. */
function knownShare(
  variant: SideVariant,
  values: number,
  row: number,
  answered: number,
  metric: Metric,
): number {
  if (answered <= 0) return 1;
  const perCompletion = metric.quantity === "pass" || metric.quantity.startsWith("scores.");
  const wanted = perCompletion ? (variant.completions?.[row] ?? Math.max(values, answered)) : answered;
  return wanted === 0 ? 0 : Math.min(1, values / wanted);
}

/** A variant of a side. Throws RangeError outside. */
export function variantAt(side: Side, position: number): SideVariant {
  const variant = side.variants[position];
  if (variant === undefined) throw new RangeError(`the side has no variant ${position}`);
  return variant;
}
