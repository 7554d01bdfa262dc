import type { LimitSpec, LimitsSpec } from "../config/run-config.ts";
import { limitAxes } from "../outcome/limit-axis.ts";
import { textId } from "../plan/canonical-json.ts";
import type { Variant } from "../plan/variant.ts";
import { accountOf } from "../provider/credentials.ts";
import type { Endpoint } from "../provider/endpoint.ts";
import type { LaneSpec } from "../schedule/lane.ts";
import type { Limits } from "../schedule/pace.ts";

/** Requests of a lane in flight at once where nothing is stated: as many as it learns to be useful, up to this. */
const learnedConcurrency = 512;
/** Where there are several such lanes: over all of them. */
const totalConcurrency = 1_024;

/** A plan and the endpoints of its providers. */
export interface PlanEndpoints {
  readonly plan: { readonly variants: readonly Pick<Variant, "id" | "provider" | "parameters">[] };
  readonly endpoints: ReadonlyMap<string, Endpoint>;
}

/**
 * The lanes of plans that are sent together: their variants, numbered through, grouped by base URL, account and model,
 * each group with the limits that hold for it. Equal variants of two plans stand beside each other.
 */
export function planLanes(
  plans: readonly PlanEndpoints[],
  limits: LimitsSpec,
): { readonly lanes: readonly LaneSpec[]; readonly concurrency: number } {
  interface Group {
    readonly scope: string;
    readonly provider: string;
    readonly model: string;
    readonly variants: number[];
    /** What holds by each name that the lane goes by: the lowest of them. */
    readonly limits: Map<string, LimitSpec>;
  }
  const groups = new Map<string, Group>();
  for (const { number, variant, endpoint } of sideBySide(plans)) {
    const model = String(variant.parameters.model);
    const account = endpoint === undefined ? "" : accountOf(endpoint);
    const key = [endpoint?.baseUrl, account, endpoint?.models[model] ?? model].join("\n");
    const { provider } = variant;
    const group = groups.get(key) ?? {
      scope: textId(key, 32),
      provider,
      model,
      variants: [],
      limits: new Map<string, LimitSpec>(),
    };
    groups.set(key, group);
    group.variants.push(number);
    const name = `${provider}/${model}`;
    if (!group.limits.has(name)) group.limits.set(name, laneLimit(limits, provider, model));
  }
  const stated = [...groups.values()].map((group) => ({
    ...group,
    limit: lowest([...group.limits.values()]),
  }));
  const sum = (of: number): number =>
    stated.reduce((total, { limit }) => total + (limit.concurrency ?? of), 0);
  const concurrency =
    limits.concurrency ?? Math.max(sum(0), Math.min(totalConcurrency, sum(learnedConcurrency)));
  const keys = new Set<string>();
  const lanes = stated.map(({ scope, provider, model, variants, limit }): LaneSpec => {
    const concurrent = limit.concurrency ?? limits.concurrency;
    return {
      key: freeKey(`${provider}/${model}`, keys),
      provider,
      model,
      variants,
      concurrency: Math.min(concurrency, concurrent ?? learnedConcurrency),
      isAdaptive: concurrent === null,
      limits: statedLimits(limit),
      strict: limits.strict,
      scope,
    };
  });
  return { lanes, concurrency };
}

interface NumberedVariant {
  /** Among the variants of all plans. */
  readonly number: number;
  readonly variant: Pick<Variant, "id" | "provider" | "parameters">;
  readonly endpoint: Endpoint | undefined;
}

/** The variants of the first plan in their order, each followed by those of equal id; then what only the others have. */
function sideBySide(plans: readonly PlanEndpoints[]): readonly NumberedVariant[] {
  const byId = new Map<string, NumberedVariant[]>();
  let number = 0;
  for (const { plan, endpoints } of plans) {
    for (const variant of plan.variants) {
      const numbered = { number, variant, endpoint: endpoints.get(variant.provider) };
      const equal = byId.get(variant.id);
      if (equal === undefined) byId.set(variant.id, [numbered]);
      else equal.push(numbered);
      number++;
    }
  }
  return [...byId.values()].flat();
}

/** A provider of the base may have the name of one of the candidate's and lead elsewhere. */
function freeKey(wanted: string, taken: Set<string>): string {
  const key = taken.has(wanted) ? `${wanted} (base)` : wanted;
  taken.add(key);
  return key;
}

/** Top-level limits, overridden key by key by the provider's, then by those of each pattern the model matches. */
function laneLimit(limits: LimitsSpec, provider: string, model: string): LimitSpec {
  const narrower = Object.entries(limits.models)
    .filter(([pattern]) => fitsPattern(pattern, model))
    .map(([, limit]) => limit);
  return Object.assign({}, limits, limits.providers[provider], ...narrower) as LimitSpec;
}

/** The lowest of each limit; null where none states it. */
function lowest(limits: readonly LimitSpec[]): LimitSpec {
  const of = (key: keyof LimitSpec): number | null => {
    const stated = limits.flatMap((limit) => limit[key] ?? []);
    return stated.length === 0 ? null : Math.min(...stated);
  };
  const keys = ["concurrency", ...limitAxes] as const;
  return Object.fromEntries(keys.map((key) => [key, of(key)])) as unknown as LimitSpec;
}

function statedLimits(limit: LimitSpec): Limits {
  return Object.fromEntries(
    limitAxes.flatMap((axis) => (limit[axis] === null ? [] : [[axis, limit[axis]] as const])),
  );
}

/** Whether a name fits a pattern in which `*` stands for any run of characters. */
export function fitsPattern(pattern: string, name: string): boolean {
  const source = pattern.replace(/[.+^${}()|[\]\\?]/g, "\\$&").replaceAll("*", ".*");
  return new RegExp(`^${source}$`).test(name);
}
