import type { LimitSpec, LimitsSpec } from "../config/run-config.ts";
import type { Plan } from "../plan/plan.ts";
import type { Endpoint } from "../provider/endpoint.ts";
import type { LaneSpec } from "../schedule/lane.ts";

/** Requests in flight at once where nothing is stated. */
const defaultConcurrency = 32;

/** The lanes of a plan: its variants grouped by base URL, account and model, each with the limits that hold for it. */
export function planLanes(
  plan: Plan,
  endpoints: ReadonlyMap<string, Endpoint>,
  limits: LimitsSpec,
): { readonly lanes: readonly LaneSpec[]; readonly concurrency: number } {
  const groups = new Map<string, { provider: string; model: string; variants: number[] }>();
  plan.variants.forEach((variant, i) => {
    const endpoint = endpoints.get(variant.provider);
    const model = String(variant.parameters.model);
    const key = [endpoint?.baseUrl, endpoint?.apiKeyEnv, endpoint?.models[model] ?? model].join("\n");
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { provider: variant.provider, model, variants: [i] });
    else group.variants.push(i);
  });
  const stated = [...groups.values()].map((group) => ({
    ...group,
    limit: laneLimit(limits, group.provider, group.model),
  }));
  const sum = stated.reduce((total, { limit }) => total + (limit.concurrency ?? 0), 0);
  const concurrency = limits.concurrency ?? Math.max(defaultConcurrency, sum);
  const lanes = stated.map(({ provider, model, variants, limit }): LaneSpec => {
    return {
      key: `${provider}/${model}`,
      provider,
      model,
      variants,
      concurrency: Math.min(concurrency, limit.concurrency ?? limits.concurrency ?? defaultConcurrency),
      rpm: limit.rpm,
      tpm: limit.tpm,
    };
  });
  return { lanes, concurrency };
}

/** Top-level limits, overridden key by key by the provider's, then by those of each pattern the model matches. */
function laneLimit(limits: LimitsSpec, provider: string, model: string): LimitSpec {
  const narrower = Object.entries(limits.models)
    .filter(([pattern]) => matches(pattern, model))
    .map(([, limit]) => limit);
  return Object.assign(
    {},
    { concurrency: limits.concurrency, rpm: limits.rpm, tpm: limits.tpm },
    limits.providers[provider],
    ...narrower,
  ) as LimitSpec;
}

/** Whether a name fits a pattern in which `*` stands for any run of characters. */
function matches(pattern: string, name: string): boolean {
  const source = pattern.replace(/[.+^${}()|[\]\\?]/g, "\\$&").replaceAll("*", ".*");
  return new RegExp(`^${source}$`).test(name);
}
