import type { BudgetSpec } from "../config/budget.ts";
import type { LimitSpec, LimitsSpec, RunConfig } from "../config/run-config.ts";
import { limitAxes } from "../outcome/limit-axis.ts";
import { type Shard, shardText } from "../plan/shard.ts";
import type { Prepared } from "./prepare.ts";

/** A shard of a run, and what it takes of the stated limits. */
export interface RunShard extends Shard {
  /** In (0, 1]: 1/n where the shards of a plan run side by side on one account. */
  readonly limit_share: number;
}

/** The config of a shard: its share of the stated limits, and its part of the budget. Time is not shared out. */
export function withShare(config: RunConfig, shard: RunShard): RunConfig {
  return {
    ...config,
    limits: shareOfLimits(config.limits, shard.limit_share),
    budget: partOfBudget(config.budget, shard),
  };
}

/** What the session records of a shard say of it. */
export function sessionShard({ shard }: Pick<Prepared, "shard">): { readonly shard?: string } {
  return shard === null ? {} : { shard: shardText(shard.shard) };
}

/** Whether any limit is stated that shards could share. */
export function statesLimits(limits: LimitsSpec): boolean {
  const states = (spec: Partial<LimitSpec>): boolean =>
    (spec.concurrency ?? null) !== null || limitAxes.some((axis) => (spec[axis] ?? null) !== null);
  return [limits, ...Object.values(limits.models), ...Object.values(limits.providers)].some(states);
}

function shareOfLimits(limits: LimitsSpec, share: number): LimitsSpec {
  const each = (specs: LimitsSpec["models"]): LimitsSpec["models"] =>
    Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, shareOf(spec, share)]));
  return {
    ...limits,
    ...shareOf(limits, share),
    models: each(limits.models),
    providers: each(limits.providers),
  };
}

function shareOf(spec: Partial<LimitSpec>, share: number): Partial<LimitSpec> {
  const shared: Partial<Record<keyof LimitSpec, number>> = {};
  for (const axis of limitAxes) {
    const stated = spec[axis];
    if (stated !== null && stated !== undefined) shared[axis] = stated * share;
  }
  const { concurrency } = spec;
  // A shard that may send nothing would never end.
  if (concurrency !== null && concurrency !== undefined)
    shared.concurrency = Math.max(1, Math.floor(concurrency * share + 1e-9));
  return { ...spec, ...shared };
}

/** Counts are shared out to the last one: all shards together have exactly what is stated. */
function partOfBudget(budget: BudgetSpec, { index, count }: Shard): BudgetSpec {
  const part = (whole: number | null): number | null =>
    whole === null ? null : Math.floor(whole / count) + (index <= whole % count ? 1 : 0);
  return {
    ...budget,
    cost: budget.cost.map((limit) => ({ ...limit, amount: limit.amount / count })),
    requests: part(budget.requests),
    tokens: part(budget.tokens),
  };
}
