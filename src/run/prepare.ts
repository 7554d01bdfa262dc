import { checkGates } from "../compare/check-gates.ts";
import { withDefaultGate } from "../compare/default-gate.ts";
import type { GateSpec } from "../compare/gate.ts";
import { noBudget } from "../config/budget.ts";
import { loadMatrix } from "../config/load.ts";
import type { Overrides } from "../config/overrides.ts";
import type { RunConfig } from "../config/run-config.ts";
import type { PriceBook } from "../cost/price.ts";
import { priceBook } from "../cost/price-book.ts";
import { type Dataset, noDataset } from "../dataset/dataset.ts";
import { loadDataset } from "../dataset/load.ts";
import { type Diagnostic, hasErrors } from "../diagnostics/diagnostic.ts";
import { buildPlan } from "../plan/build-plan.ts";
import { checkPlan } from "../plan/check-plan.ts";
import type { Plan } from "../plan/plan.ts";
import { ShardRequests } from "../plan/shard.ts";
import type { InputFiles } from "../system/input-files.ts";
import { checkBudget } from "./check-budget.ts";
import { checkJudgeBudget } from "./check-judge-budget.ts";
import { checkLimits } from "./check-limits.ts";
import { checkPriceProviders } from "./check-price-providers.ts";
import { checkPricedGates } from "./check-priced-gates.ts";
import { checkTools } from "./check-tools.ts";
import { checkProviders } from "./endpoints.ts";
import { rulesOf } from "./provider-spec.ts";
import { type Baseline, readBaseline } from "./read-baseline.ts";
import { compileScoring, type Scoring } from "./scoring.ts";
import { type RunShard, withShare } from "./shard-share.ts";
import { usedColumns } from "./used-columns.ts";
import { usedProviders } from "./used-providers.ts";

/** Everything the files say, read and checked: what every command starts from. */
export interface Prepared {
  readonly config: RunConfig;
  readonly dataset: Dataset;
  readonly plan: Plan;
  readonly scoring: Scoring;
  /** Variables that prompts, parameters and scorers use, in the order of the dataset's columns. */
  readonly usedVariables: readonly string[];
  /** The baseline that the matrix or a flag names; null where there is none (yet). */
  readonly baseline: Baseline | null;
  readonly prices: PriceBook;
  /** What of the plan is asked and reported; null for all of it. */
  readonly shard: ShardRequests | null;
  /** What of the stated limits that is, in (0, 1]; the config's are of that share already. */
  readonly limitShare: number;
}

/** What a matrix is read for. */
export interface PrepareOptions {
  /** Further trials of some variants, by id: what a confirmation asks for. */
  readonly extraTrials?: ReadonlyMap<string, number>;
  /** `candidate`: another side is asked beside it. `base`: it is that side, which is measured and not judged. */
  readonly side?: "alone" | "candidate" | "base";
  /** The prices that a run keeps; without them those of the matrix and the shipped ones. */
  readonly prices?: PriceBook | undefined;
  /** A part of the plan alone, with its share of limits and budget. */
  readonly shard?: RunShard | undefined;
}

/** Reads and checks a matrix and all it names. Sends nothing; `prepared` is null when there are errors. */
export function prepare(
  matrix: string,
  overrides: Overrides,
  files: InputFiles,
  { extraTrials = new Map(), side = "alone", prices: kept, shard }: PrepareOptions = {},
): { readonly prepared: Prepared | null; readonly diagnostics: readonly Diagnostic[] } {
  const loaded = loadMatrix(matrix, files, overrides);
  const diagnostics: Diagnostic[] = [...loaded.diagnostics];
  if (loaded.config === null) return { prepared: null, diagnostics };
  const whole: RunConfig =
    side === "base"
      ? { ...loaded.config, gates: [], baseline: null, confirm: null, budget: noBudget }
      : loaded.config;
  const config = shard === undefined ? whole : withShare(whole, shard);
  const { dataset, diagnostics: dataProblems } = readRows(config, files);
  diagnostics.push(...dataProblems);
  if (dataset === null || hasErrors(diagnostics)) return { prepared: null, diagnostics };
  const built = buildPlan(config, dataset.rows, extraTrials);
  diagnostics.push(...built.diagnostics);
  if (built.plan === null) return { prepared: null, diagnostics };
  const compiled = compileScoring(config, dataset, config.sources);
  diagnostics.push(
    ...checkPlan(built.plan, config, dataset, (provider) => rulesOf(provider, config)),
    ...checkProviders(usedProviders({ plan: built.plan, scoring: compiled.scoring }), config),
    ...checkLimits(built.plan, config),
    ...(kept === undefined ? checkPriceProviders(config) : []),
    ...compiled.diagnostics,
    ...checkTools({ plan: built.plan, config }),
  );
  if (hasErrors(diagnostics)) return { prepared: null, diagnostics };
  const prices = kept ?? priceBook(config.prices, { exported: config.exportedPrices });
  const { scoring } = compiled;
  diagnostics.push(
    ...checkBudget(config.budget, { config, plan: built.plan, prices }),
    ...checkJudgeBudget(config.budget, { config, scoring, prices }),
  );
  const { baseline, diagnostics: baselineProblems } = readBaseline(config.baseline, files);
  const compared = config.baseline !== null || side === "candidate";
  const gates = compared
    ? withDefaultGate(
        config.gates,
        scoring.columns.some(({ required }) => required),
      )
    : config.gates;
  const facts = { config, plan: built.plan, dataset, scoring, baseline };
  diagnostics.push(...baselineProblems, ...gateProblems(gates, facts));
  diagnostics.push(...checkPricedGates(gates, { config, plan: built.plan, prices }));
  if (hasErrors(diagnostics)) return { prepared: null, diagnostics };
  const usedVariables = usedColumns(built.plan, scoring, dataset);
  const prepared = {
    config,
    dataset,
    plan: built.plan,
    scoring,
    usedVariables,
    baseline,
    prices,
    shard: shard === undefined ? null : new ShardRequests(built.plan, shard),
    limitShare: shard?.limit_share ?? 1,
  };
  return { prepared, diagnostics };
}

/** What is wrong with the gates that will judge, and what the data can see of what they ask for. */
function gateProblems(
  gates: readonly GateSpec[],
  {
    config,
    plan,
    dataset,
    scoring,
    baseline,
  }: Omit<Prepared, "usedVariables" | "prices" | "shard" | "limitShare">,
): readonly Diagnostic[] {
  const place = config.sources?.confirm?.place;
  return checkGates(gates, {
    variants: plan.variants,
    rows: dataset.rows,
    columns: dataset.columns,
    scorers: scoring.columns,
    baseline: baseline?.side ?? null,
    confirm: config.confirm === null ? null : { ...(place === undefined ? {} : { place }) },
  });
}

function readRows(
  config: RunConfig,
  files: InputFiles,
): { dataset: Dataset | null; diagnostics: readonly Diagnostic[] } {
  if (config.inlineRows !== null) {
    const columns = [...new Set(config.inlineRows.flatMap((row) => Object.keys(row.variables)))];
    return { dataset: { rows: config.inlineRows, columns, file: config.file }, diagnostics: [] };
  }
  return config.dataset === null
    ? { dataset: noDataset, diagnostics: [] }
    : loadDataset(config.dataset, files, config.sources?.dataset?.place);
}
