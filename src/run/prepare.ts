import { loadMatrix } from "../config/load.ts";
import type { Overrides } from "../config/overrides.ts";
import type { RunConfig } from "../config/run-config.ts";
import { type Dataset, noDataset } from "../dataset/dataset.ts";
import { loadDataset } from "../dataset/load.ts";
import { type Diagnostic, hasErrors } from "../diagnostics/diagnostic.ts";
import { buildPlan } from "../plan/build-plan.ts";
import { checkPlan } from "../plan/check-plan.ts";
import type { Plan } from "../plan/plan.ts";
import type { InputFiles } from "../system/input-files.ts";
import { checkProviders } from "./endpoints.ts";
import { compileScoring, type Scoring } from "./scoring.ts";
import { usedColumns } from "./used-columns.ts";

/** Everything the files say, read and checked: what every command starts from. */
export interface Prepared {
  readonly config: RunConfig;
  readonly dataset: Dataset;
  readonly plan: Plan;
  readonly scoring: Scoring;
  /** Variables that prompts, parameters and scorers use, in the order of the dataset's columns. */
  readonly usedVariables: readonly string[];
}

/** Reads and checks a matrix and all it names. Sends nothing; `prepared` is null when there are errors. */
export function prepare(
  matrix: string,
  overrides: Overrides,
  files: InputFiles,
): { readonly prepared: Prepared | null; readonly diagnostics: readonly Diagnostic[] } {
  const loaded = loadMatrix(matrix, files, overrides);
  const diagnostics: Diagnostic[] = [...loaded.diagnostics];
  const { config } = loaded;
  if (config === null) return { prepared: null, diagnostics };
  const { dataset, diagnostics: dataProblems } = readRows(config, files);
  diagnostics.push(...dataProblems);
  if (dataset === null || hasErrors(diagnostics)) return { prepared: null, diagnostics };
  const built = buildPlan(config, dataset.rows);
  diagnostics.push(...built.diagnostics);
  if (built.plan === null) return { prepared: null, diagnostics };
  const compiled = compileScoring(config.scorers, dataset, config.scorersImplied, config.sources);
  diagnostics.push(
    ...checkPlan(built.plan, config, dataset),
    ...checkProviders(built.plan, config),
    ...compiled.diagnostics,
  );
  if (hasErrors(diagnostics)) return { prepared: null, diagnostics };
  const { scoring } = compiled;
  const usedVariables = usedColumns(built.plan, scoring, dataset);
  return { prepared: { config, dataset, plan: built.plan, scoring, usedVariables }, diagnostics };
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
