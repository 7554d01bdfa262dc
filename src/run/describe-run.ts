import { dirname, resolve } from "node:path";
import type { KeptEstimate } from "../aggregate/summary-shape.ts";
import type { RunConfig } from "../config/run-config.ts";
import { UsageError } from "../errors.ts";
import { contentId } from "../plan/canonical-json.ts";
import type { Plan } from "../plan/plan.ts";
import type { Endpoint } from "../provider/endpoint.ts";
import { shownRedisUrl } from "../queue/redis-connection.ts";
import { gitRevision } from "../system/git-revision.ts";
import { packageVersion } from "../system/package-version.ts";
import type { BatchMode } from "./batch-options.ts";
import { shownUrl } from "./endpoints.ts";
import { keptPrices } from "./kept-prices.ts";
import type { Prepared } from "./prepare.ts";
import { providerSpec } from "./provider-spec.ts";
import { defaultReports, type RunContext, type RunOptions } from "./run-context.ts";
import { inputsOf, keepInputs } from "./run-directory.ts";
import {
  isSameProvider,
  type RunAgainst,
  type RunFile,
  type RunInput,
  type RunProvider,
} from "./run-file.ts";
import type { RunSource } from "./run-source.ts";
import type { Simulators } from "./simulators.ts";

/** What `run.json` says of the providers: no key, no user name, no password. */
export function describeProviders(
  endpoints: ReadonlyMap<string, Endpoint>,
  simulators: Simulators,
  config: RunConfig,
): Readonly<Record<string, RunProvider>> {
  return Object.fromEntries(
    [...endpoints].map(([key, endpoint]) => [
      key,
      {
        preset: endpoint.preset,
        base_url: simulators.describe(key) ?? shownUrl(endpoint.baseUrl),
        api_key_env: endpoint.apiKeyEnv,
        models: endpoint.models,
        simulated: endpoint.preset === "simulator",
        settings: settingsDigest(key, config),
      },
    ]),
  );
}

/** As written, `${ENV}` unfilled: no secret enters it. */
function settingsDigest(key: string, config: RunConfig): string {
  const { headers, query, apiKeyEnv, caFile } = providerSpec(key, config) ?? {};
  return contentId({ headers, query, apiKeyEnv, caFile }, 12);
}

/** Throws UsageError when a provider of a run that goes on is another endpoint now. */
export function refuseOtherEndpoints(
  earlier: RunFile,
  providers: Readonly<Record<string, RunProvider>>,
): void {
  for (const [key, provider] of Object.entries(providers)) {
    const before = earlier.providers[key];
    if (before !== undefined && !isSameProvider(before, provider)) {
      const what = (one: RunProvider): string =>
        before.base_url === provider.base_url
          ? JSON.stringify({ preset: one.preset, models: one.models })
          : one.base_url;
      throw new UsageError(
        "run/other-endpoint",
        `provider \`${key}\` was \`${what(before)}\` in this run and is \`${what(provider)}\` now`,
        {
          hint: "answers of two endpoints do not belong into one run: choose another `--out`",
        },
      );
    }
  }
}

/** What `run.json` is made of. */
export interface RunFacts {
  readonly id: string;
  readonly directory: string;
  readonly source: RunSource;
  readonly prepared: Prepared;
  readonly providers: Readonly<Record<string, RunProvider>>;
  readonly earlier: RunFile | null;
  readonly setAside: number;
  readonly role: RunFile["role"];
  /** Made for this session; null keeps that of the run. */
  readonly estimate: KeptEstimate | null;
  /** What the run is compared with; null for a base, too. */
  readonly against: RunAgainst | null;
  /** The part of the plan that is asked; null for all of it. */
  readonly shard: RunFile["shard"] | null;
  /** How it goes through the batch API; null for directly. */
  readonly batch: BatchMode | null;
  /** The commit of a side that was read from git; null where it is that of the folder. */
  readonly revision: string | null;
}

/** `run.json` at the start of a session. Keeps copies of the inputs. */
export function describeRun(facts: RunFacts, options: RunOptions, context: RunContext): RunFile {
  const { prepared, directory, earlier, source } = facts;
  const { plan, config } = prepared;
  const recorded = source.recorded();
  const estimate = facts.estimate ?? earlier?.estimate ?? null;
  const inputs: readonly RunInput[] =
    recorded === null
      ? (earlier?.inputs ?? [])
      : keepInputs(directory, recorded, earlier === null ? [] : inputsOf(earlier));
  return {
    schema_version: 1,
    id: facts.id,
    name: config.name,
    promptgrid_version: packageVersion(),
    node_version: context.nodeVersion,
    git_revision: facts.revision ?? gitRevision(resolve(context.workingDirectory, dirname(source.matrix))),
    status: "running",
    reason: null,
    started_at: earlier?.started_at ?? context.clock.wall(),
    ended_at: null,
    matrix: { file: source.matrix, overrides: source.overrides },
    inputs,
    providers: facts.providers,
    plan: planFacts(plan),
    resolved: resolvedFacts(config),
    reports: { ...defaultReports, ...earlier?.reports, ...options.reports },
    // A matrix that is run anew brings its own scorers.
    scoring: recorded === null ? (earlier?.scoring ?? null) : null,
    set_aside: facts.setAside,
    role: facts.role,
    against: facts.against,
    confirmation: earlier?.confirmation ?? null,
    prices: keptPrices(prepared),
    ...(estimate === null ? {} : { estimate }),
    ...(facts.shard === null || facts.shard === undefined ? {} : { shard: facts.shard }),
    ...(options.queue === null ? {} : { queue: shownRedisUrl(options.queue) }),
    ...(facts.batch === null ? {} : { batch: { window: facts.batch.window } }),
    ...(earlier?.merged_from === undefined ? {} : { merged_from: earlier.merged_from }),
  };
}

/** What `run.json` says of a matrix with its defaults filled in. */
export function resolvedFacts(config: RunConfig): RunFile["resolved"] {
  return {
    prompts: [...new Set(config.prompts.map((prompt) => prompt.id))],
    dataset: config.dataset,
    parameters: config.parameters,
    stream: config.stream,
    trials: config.trials,
    limits: config.limits,
    timeouts: config.timeouts,
    retry: { attempts: config.retryAttempts },
    max_failed: config.maxFailed,
    scorers: config.scorers,
    ...(Object.keys(config.promptScorers).length > 0 ? { prompt_scorers: config.promptScorers } : {}),
    ...(config.rowScorers.length > 0
      ? { row_scorers: config.rowScorers.map(({ template }) => template) }
      : {}),
  };
}

/** What `run.json` says of a plan. */
export function planFacts(plan: Plan): RunFile["plan"] {
  return {
    requests: plan.length,
    rows: plan.rows.length,
    variants: plan.variants.map((variant) => ({
      variant_id: variant.id,
      variant: variant.label,
      prompt_id: variant.promptId,
      provider: variant.provider,
      parameters: variant.parameters,
      requests: variant.requests,
    })),
  };
}
