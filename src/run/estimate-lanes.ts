import type { RunConfig } from "../config/run-config.ts";
import { type LaneLoad, type WallTime, wallTime } from "../cost/wall-time.ts";
import type { Plan } from "../plan/plan.ts";
import type { Endpoint } from "../provider/endpoint.ts";
import { presets } from "../provider/presets.ts";
import type { InputFiles } from "../system/input-files.ts";
import { resolveEndpoints } from "./endpoints.ts";
import type { Environment } from "./environment.ts";
import { planLanes } from "./lanes.ts";
import { providerSpec } from "./provider-spec.ts";

/** What a lane is taken to learn where nothing is stated: few servers bear much less. */
const assumedConcurrency = 32;

/** What the requests of one variant ask of their lane. */
export interface VariantLoad {
  readonly requests: number;
  readonly tokens: number;
  readonly busySeconds: number;
}

/** How long a plan takes in the lanes that a run would have. `loads` are those of the plan's variants, in their order. */
export function planTime(
  plan: Plan,
  config: RunConfig,
  environment: Environment,
  files: InputFiles,
  loads: readonly VariantLoad[],
): WallTime {
  const endpoints = namedEndpoints(plan, config, environment, files);
  const { lanes, concurrency } = planLanes([{ plan, endpoints }], config.limits);
  const laneLoads = lanes.map((lane): LaneLoad => {
    const own = lane.variants.flatMap((variant) => loads[variant] ?? []);
    const sum = (pick: (load: VariantLoad) => number): number =>
      own.reduce((total, load) => total + pick(load), 0);
    return {
      lane: lane.key,
      requests: sum(({ requests }) => requests),
      tokens: sum(({ tokens }) => tokens),
      busySeconds: sum(({ busySeconds }) => busySeconds),
      concurrency: lane.isAdaptive ? Math.min(lane.concurrency, assumedConcurrency) : lane.concurrency,
      rpm: lane.limits.rpm ?? null,
      tpm: lane.limits.tpm ?? null,
    };
  });
  const learnt = laneLoads.reduce((sum, lane) => sum + lane.concurrency, 0);
  return wallTime(laneLoads, Math.min(concurrency, learnt));
}

/**
 * The endpoints as lanes tell them apart. Nothing is sent, so no key is needed: a variable that is not set stands for
 * itself, and each simulator that a run would start is one of its own.
 */
function namedEndpoints(
  plan: Plan,
  config: RunConfig,
  environment: Environment,
  files: InputFiles,
): ReadonlyMap<string, Endpoint> {
  const { endpoints } = resolveEndpoints(
    new Set(plan.variants.map(({ provider }) => provider)),
    config,
    withStandIns(plan, config, environment),
    files,
  );
  return new Map(
    [...endpoints].map(([key, endpoint]) => [
      key,
      endpoint.baseUrl.startsWith("simulator:") ? { ...endpoint, baseUrl: `simulator:${key}` } : endpoint,
    ]),
  );
}

function withStandIns(plan: Plan, config: RunConfig, environment: Environment): Environment {
  const names = new Set<string>();
  for (const key of new Set(plan.variants.map(({ provider }) => provider))) {
    const spec = providerSpec(key, config);
    const keyName = spec?.apiKeyEnv ?? presets[spec?.preset ?? ""]?.apiKeyEnv ?? null;
    if (keyName !== null) names.add(keyName);
    const filled = [spec?.baseUrl, ...Object.values({ ...spec?.query, ...spec?.headers })].join("\n");
    for (const [, name = ""] of filled.matchAll(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g)) names.add(name);
  }
  const missing = [...names].filter((name) => (environment[name] ?? "") === "");
  return { ...environment, ...Object.fromEntries(missing.map((name) => [name, name])) };
}
