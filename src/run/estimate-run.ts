import type { KeptEstimate } from "../aggregate/summary-shape.ts";
import type { BudgetSpec } from "../config/budget.ts";
import type { Overrides } from "../config/overrides.ts";
import { calibrate } from "../cost/calibration.ts";
import { batchPrices } from "../cost/cost-of.ts";
import { estimateTotals } from "../cost/estimate.ts";
import type { RunEstimate, UsedPrice, VariantEstimate } from "../cost/estimate-shape.ts";
import type { TokenCounter } from "../cost/token-counter.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { InputFiles } from "../system/input-files.ts";
import { countedModel } from "./counted-model.ts";
import { DiagnosticsError } from "./diagnostics-error.ts";
import { type Environment, withDotEnv } from "./environment.ts";
import { estimateJudging } from "./estimate-judging.ts";
import { planTime } from "./estimate-lanes.ts";
import { type PastRun, readPastRun } from "./estimate-past.ts";
import { type CountedVariant, countVariants, type SampleSize, usualSample } from "./estimate-prompts.ts";
import { lengthWarnings } from "./estimate-warnings.ts";
import { type Prepared, prepare } from "./prepare.ts";
import { providerSpec } from "./provider-spec.ts";

/** What is to be estimated. */
export interface EstimateOptions {
  readonly matrix: string;
  readonly overrides: Overrides;
  /** An earlier run whose numbers are taken, or `latest`; null for none. */
  readonly from: string | null;
  /** Whether requests are to be asked through the batch API. */
  readonly batch: boolean;
  readonly workingDirectory: string;
  readonly environment: Environment;
}

/** An estimate, and what was noticed of the files. */
export interface EstimatedRun {
  readonly estimate: RunEstimate;
  readonly diagnostics: readonly Diagnostic[];
  /** That of the matrix. */
  readonly budget: BudgetSpec;
}

/** Estimates a matrix. Sends nothing and needs no key. Throws DiagnosticsError and UsageError. */
export function estimateRun(
  { matrix, overrides, from, batch, workingDirectory, environment }: EstimateOptions,
  files: InputFiles,
  counter: TokenCounter,
): EstimatedRun {
  const { prepared, diagnostics } = prepare(matrix, overrides, files);
  if (prepared === null) throw new DiagnosticsError(diagnostics, files);
  const past = from === null ? null : readPastRun(from, workingDirectory);
  const all = withDotEnv(environment, workingDirectory, matrix);
  const estimate = estimatePrepared(prepared, past, files, all, counter, usualSample, batch);
  return { estimate, diagnostics, budget: prepared.config.budget };
}

/** Estimates what was read already, with the numbers of an earlier run where there is one. */
export function estimatePrepared(
  prepared: Prepared,
  past: PastRun | null,
  files: InputFiles,
  environment: Environment,
  counter: TokenCounter,
  sample: SampleSize = usualSample,
  batch = false,
): RunEstimate {
  const priced = batch ? { ...prepared, prices: batchPrices(prepared.prices) } : prepared;
  const simulated = simulatedProviders(prepared);
  const factors = past === null ? new Map<string, number>() : countFactors(past, counter);
  const counted = countVariants(priced, past?.variants ?? [], sample, (request) => {
    const { messages, parameters, variant } = request;
    const model = countedModel(prepared, variant.provider, String(parameters.model));
    return counter.request(model, messages, parameters) * (factors.get(model) ?? 1);
  });
  const loads = counted.map(({ variant, use }) => ({
    requests: variant.requests,
    tokens: use.promptTokens + use.completion.expected,
    busySeconds: use.busySeconds,
  }));
  const time = planTime(prepared.plan, prepared.config, environment, files, loads);
  const variants = counted.map(variantLine);
  return {
    requests: prepared.plan.length,
    rows: prepared.plan.rows.length,
    trials: Math.max(...prepared.plan.variants.map(({ trials }) => trials)),
    variants,
    totals: estimateTotals(variants),
    judging: estimateJudging(prepared, counted),
    ...time,
    prices: usedPrices(counted),
    assumptions: {
      from: past?.name ?? null,
      calibration: Object.fromEntries(
        [...factors].filter(([model]) =>
          counted.some(({ variant, models }) =>
            [...models].some((one) => countedModel(prepared, variant.provider, one) === model),
          ),
        ),
      ),
      unpriced: [...new Set(counted.flatMap(({ unpriced }) => [...unpriced]))],
      simulated,
      media_prompts: counted.reduce((sum, { mediaPrompts }) => sum + mediaPrompts, 0),
      // What a simulator says is no evidence of what a real model will say.
      from_simulated:
        past !== null &&
        past.simulated.length > 0 &&
        prepared.plan.variants.some(({ provider }) => !simulated.includes(provider)),
      batch,
      assumed_latency: counted.some(({ evidence }) => (evidence?.latencySeconds ?? null) === null),
    },
    warnings: counted.flatMap(lengthWarnings),
  };
}

/** What of an estimate is kept in `run.json`, for reports to set beside what came. */
export function keptEstimate({ totals, assumptions }: RunEstimate, madeAt: string): KeptEstimate {
  const { requests, prompt_tokens, completion_tokens, cost } = totals;
  return { made_at: madeAt, from: assumptions.from, requests, prompt_tokens, completion_tokens, cost };
}

/** By model: true prompt tokens over counted ones. */
function countFactors({ prompts }: PastRun, counter: TokenCounter): ReadonlyMap<string, number> {
  const pairs = prompts.map(({ model, request, promptTokens }) => ({
    model,
    counted: counter.request(model, request.messages, request.parameters),
    actual: promptTokens,
  }));
  return new Map([...calibrate(pairs)].map(([model, { factor }]) => [model, factor]));
}

function variantLine({ variant, use, evidence, rowsCounted }: CountedVariant): VariantEstimate {
  return {
    variant_id: variant.id,
    variant: variant.label,
    prompt_id: variant.promptId,
    provider: variant.provider,
    parameters: variant.parameters,
    requests: variant.requests,
    prompt_tokens: use.promptTokens,
    prompt_error: Number(use.promptError.toPrecision(3)),
    completion_tokens: use.completion,
    cost: use.cost,
    completion_basis: evidence?.basis ?? "assumed",
    evidence_requests: evidence?.requests ?? 0,
    cut_share: evidence?.cutShare ?? null,
    rows_counted: rowsCounted,
    rows: variant.requests / variant.trials,
  };
}

function usedPrices(counted: readonly CountedVariant[]): readonly UsedPrice[] {
  const prices = counted.flatMap(({ prices: own }) => [...own]);
  const byName = new Map(
    prices.map((price) => [`${price.provider}/${price.model} ${price.currency}`, price]),
  );
  return [...byName.values()].map(({ provider, model, currency, tiers, asOf, source }) => ({
    provider,
    model,
    currency,
    tiers: tiers.map(({ upTo, input, output, cachedInput }) => {
      return { up_to: upTo, input, output, cached_input: cachedInput };
    }),
    as_of: asOf,
    source,
  }));
}

/** Keys of the plan's providers whose answers no real model gives. */
function simulatedProviders({ plan, config }: Prepared): readonly string[] {
  const keys = [...new Set(plan.variants.map(({ provider }) => provider))];
  return keys.filter((key) => providerSpec(key, config)?.preset === "simulator");
}
