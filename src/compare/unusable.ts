import { type Arm, causeWords, type MissingPolicy, missingShare, variantAt } from "./arm.ts";
import { changedScorers } from "./changed-scorers.ts";
import type { SeriesDifference } from "./compare-series.ts";
import type { Verdict } from "./comparison.ts";
import type { GateSpec } from "./gate.ts";
import { percentWords, rowWords } from "./gate-words.ts";
import { labelsOf } from "./labels.ts";
import type { Metric, Quantity } from "./metric.ts";
import type { RowPairs } from "./pair-rows.ts";

/** A verdict without a test. */
export interface Settled {
  readonly verdict: Verdict;
  readonly reason: string;
}

/** Two arms under a gate. */
export interface Compared {
  readonly spec: Pick<GateSpec, "metric" | "maxMissing">;
  readonly base: Arm;
  readonly candidate: Arm;
  readonly rows: RowPairs;
}

/** Why a comparison cannot be judged at all, or need not be; null when it can. */
export function unusable(
  { spec, base, candidate, rows }: Compared,
  difference: SeriesDifference,
  policy: MissingPolicy,
  within: (candidateRow: number) => boolean,
): Settled | null {
  const { metric } = spec;
  const sides = sidesDiffer(metric, base, candidate);
  if (sides !== null) return invalid(sides);
  const positions = Array.from(candidate.side.rows, (_, row) => row).filter(within);
  const baseRows = rows.base.filter((_, i) => within(rows.candidate[i] ?? 0));
  for (const [arm, wanted, name] of [
    [candidate, positions, candidate.side === base.side ? labelsOf(candidate) : "the run"],
    [base, baseRows, base.side === candidate.side ? labelsOf(base) : base.side.name],
  ] as const) {
    const { share, missing, requests } = missingShare(arm, metric, policy, wanted);
    if (requests > 0 && share > spec.maxMissing) {
      return invalid(
        `${metric.name} is missing for ${rowWords(missing)} of ${rowWords(requests)} requests (${percentWords(share)}${causeWords(arm)}) of ${name}, more than ${percentWords(spec.maxMissing)}`,
      );
    }
  }
  if (rows.candidate.length === 0) return invalid(`the run and ${base.side.name} have no row in common`);
  // Rows that are new, or a slice of them, have nothing to be compared with.
  if (baseRows.length === 0)
    return { verdict: "none", reason: `${base.side.name} has none of these rows: nothing to compare with` };
  if (difference.n === 0) return invalid(`no row has ${metric.name} on both sides`);
  if (difference.baseValue === 0 && difference.candidateValue === 0 && difference.value === null)
    return { verdict: "pass", reason: `${metric.name} is 0 on both sides` };
  if (difference.value === null)
    return invalid(`${metric.name} of the base is 0: no change relative to it can be told`);
  return null;
}

function invalid(reason: string): Settled {
  return { verdict: "invalid", reason };
}

/** What of two arms must be alike and is not, in words; null where they can be compared. */
function sidesDiffer(metric: Metric, base: Arm, candidate: Arm): string | null {
  const changed = changedScorers(metric.quantity, base.side, candidate.side);
  if (changed.length > 0)
    return `the scorer \`${changed.join("`, `")}\` judges otherwise than in ${base.side.name}: save the baseline again`;
  if (!holds(base, metric.quantity))
    return `${base.side.name} does not hold ${metric.name}: save the baseline again`;
  return lacksValues(metric, base);
}

/** Why costs cannot be compared: they are in several currencies, which are never converted. Null where they can. */
export function currenciesDiffer({ quantity }: Metric, base: Arm, candidate: Arm): string | null {
  if (quantity !== "cost") return null;
  const currencies = new Set([...currenciesOf(base), ...currenciesOf(candidate)]);
  return currencies.size > 1 ? `costs in ${[...currencies].sort().join(" and ")} cannot be compared` : null;
}

/** Why a quantile cannot be had of a baseline file: it holds means of several trials. Null where it can. */
export function lacksValues(metric: Metric, base: Arm): string | null {
  if (metric.statistic === "mean" || metric.statistic === "sum" || !onlyMeans(base, metric.quantity))
    return null;
  return `${base.side.name} holds means of several trials and no single values: \`${metric.quantity}.mean\` can be compared with it, ${metric.name} cannot`;
}

/** Currencies of the costs of an arm. */
export function currenciesOf(arm: Arm): readonly string[] {
  return arm.variants.flatMap((i) => variantAt(arm.side, i).currencies);
}

/** The one currency of a cost, as a comparison carries it; nothing for other metrics. */
export function currencyOf(
  { quantity }: Metric,
  base: Arm | null,
  candidate: Arm,
): { readonly currency?: string } {
  if (quantity !== "cost") return {};
  const found = [...(base === null ? [] : currenciesOf(base)), ...currenciesOf(candidate)];
  const [currency, ...others] = new Set(found);
  return currency === undefined || others.length > 0 ? {} : { currency };
}

/** Whether a side was collected, or saved, with a quantity. */
function holds(arm: Arm, quantity: Quantity): boolean {
  return quantity === "failed" || arm.variants.some((i) => variantAt(arm.side, i).series.has(quantity));
}

function onlyMeans(arm: Arm, quantity: Quantity): boolean {
  return arm.variants.some((i) => {
    const series = variantAt(arm.side, i).series.get(quantity);
    return series !== undefined && series.values === null && series.counts.some((count) => count > 1);
  });
}
