import type { ConfigSources, RunConfig } from "../config/run-config.ts";
import type { Dataset, Row } from "../dataset/dataset.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Excerpt } from "../diagnostics/excerpt.ts";
import { variableHint } from "../plan/check-placeholders.ts";
import { variablesOf } from "../plan/plan.ts";
import { type CompiledValue, constant } from "../plan/template.ts";
import { scorerTypes } from "../score/registry.ts";
import { areWeighted, type ScoreColumn, scoreColumns, weightedId } from "../score/score-column.ts";
import type { RenderedScorer } from "../score/score-completion.ts";
import type { ScorerSpec } from "../score/scorer.ts";
import { checkScorerRows } from "./check-scorer-rows.ts";
import { RowScorers } from "./row-scorers.ts";
import { compileOptions, fillOptions } from "./scorer-options.ts";

/** The scorers of a matrix, ready to be filled by a row. */
export interface Scoring {
  /** Those of the matrix, of its prompts, and of its rows. */
  readonly specs: readonly ScorerSpec[];
  /** What the reports have columns for. */
  readonly columns: readonly ScoreColumn[];
  /** Whether there is a weighted score. */
  readonly weighted: boolean;
  /** Whether some scorers are external: what they said stands in the journal. */
  readonly external: boolean;
  /** Variables that the options use. */
  readonly variables: readonly string[];
  /** The scorers that hold for a prompt and a row, with their options filled. */
  forRow(row: Row, trial: number, promptId: string): readonly RenderedScorer[];
}

/** What a matrix says of scorers. */
export type ScorerConfig = Pick<
  RunConfig,
  "provider" | "scorers" | "scorersImplied" | "promptScorers" | "rowScorers" | "inlineRows"
>;

interface Compiled {
  readonly spec: ScorerSpec;
  readonly options: CompiledValue;
}

/**
 * Reads the scorers' options as templates and checks them against every row, unless they are implied. A scorer of a
 * prompt takes the place of one of the matrix with its id, and one of a row that of both.
 */
export function compileScoring(
  config: ScorerConfig,
  dataset: Dataset,
  sources?: ConfigSources,
): { readonly scoring: Scoring; readonly diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const implied = config.scorersImplied;
  const unread = new Set<ScorerSpec>();
  const written = new Map<ScorerSpec, Excerpt | null>();
  const compile = (stated: ScorerSpec, excerpt: Excerpt | null): Compiled => {
    const spec = withProvider(stated, config.provider);
    written.set(spec, excerpt);
    const options = compileOptions(spec, excerpt, diagnostics);
    if (options === null) unread.add(spec);
    return { spec, options: options ?? constant({}) };
  };
  const common = config.scorers.map((spec, i) => compile(spec, (!implied && sources?.scorers[i]) || null));
  const own = new Map(
    Object.entries(config.promptScorers).map(([prompt, specs]): [string, readonly Compiled[]] => [
      prompt,
      specs.map((spec, i) => compile(spec, sources?.promptScorers[prompt]?.[i] ?? null)),
    ]),
  );
  const ofPrompt = new Map([...own].map(([prompt, specs]) => [prompt, override(common, specs)]));
  const ofRows = new RowScorers(config.rowScorers, dataset);
  diagnostics.push(...ofRows.diagnostics);
  const all = [...common, ...[...own.values()].flat()];
  const specs = [...all.map(({ spec }) => spec), ...ofRows.specs];
  diagnostics.push(...reserved(specs, written));
  const usesTrial = all.some(({ options }) => options.variables.includes("trial"));
  let last: { row: Row; trial: number; prompt: string; rendered: readonly RenderedScorer[] } | null = null;
  const forRow = (row: Row, trial: number, prompt: string): readonly RenderedScorer[] => {
    if (last?.row === row && last.prompt === prompt && (!usesTrial || last.trial === trial))
      return last.rendered;
    const variables = variablesOf(row, trial);
    const brought = ofRows.forRow(row);
    const ids = new Set(brought.map(({ spec }) => spec.id));
    const stated = (ofPrompt.get(prompt) ?? common).filter(({ spec }) => !ids.has(spec.id));
    const rendered = [
      ...stated.map(({ spec, options }) => fillOptions(spec, options, variables)),
      ...brought,
    ];
    last = { row, trial, prompt, rendered };
    return rendered;
  };
  const prompts = own.size === 0 ? [""] : ["", ...own.keys()];
  const checked = checkScorerRows(dataset, prompts, forRow, {
    unread,
    written,
    hint: (name) => variableHint(name, config, dataset),
  });
  if (!implied) diagnostics.push(...checked.diagnostics);
  const scoring: Scoring = {
    specs,
    columns: scoreColumns(specs, (id) => checked.parts.get(id) ?? []),
    weighted: areWeighted(specs),
    external: specs.some(({ type }) => scorerTypes[type]?.external !== undefined),
    variables: [
      ...new Set([
        ...all.flatMap(({ options }) => [...options.variables, ...options.rowMembers]),
        ...ofRows.variables,
      ]),
    ],
    forRow,
  };
  return { scoring, diagnostics };
}

/** A judge is asked where the matrix asks, unless it says otherwise. */
function withProvider(spec: ScorerSpec, provider: string): ScorerSpec {
  return spec.type === "judge" && spec.options.provider === undefined
    ? { ...spec, options: { ...spec.options, provider } }
    : spec;
}

/** The scorers of a prompt: those of the matrix, in whose place its own of the same id stand, then the rest of its own. */
function override(common: readonly Compiled[], own: readonly Compiled[]): readonly Compiled[] {
  const ids = new Set(common.map(({ spec }) => spec.id));
  return [
    ...common.map((one) => own.find(({ spec }) => spec.id === one.spec.id) ?? one),
    ...own.filter(({ spec }) => !ids.has(spec.id)),
  ];
}

/** With weights there is a column of the weighted score, whose name no scorer can have. */
function reserved(
  specs: readonly ScorerSpec[],
  written: ReadonlyMap<ScorerSpec, Excerpt | null>,
): readonly Diagnostic[] {
  const spec = areWeighted(specs) ? specs.find(({ id }) => id === weightedId) : undefined;
  if (spec === undefined) return [];
  const place = written.get(spec)?.place;
  return [
    {
      code: "score/reserved-id",
      severity: "error",
      message: `a scorer cannot have the id \`${weightedId}\` where scorers have weights`,
      hint: `\`score.${weightedId}\` is the weighted score of all: give the scorer another id`,
      ...(place === undefined ? {} : { place }),
    },
  ];
}
