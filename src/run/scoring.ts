import type { Dataset, Row } from "../dataset/dataset.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/nearest.ts";
import { variablesOf } from "../plan/plan.ts";
import { type CompiledValue, compileValue, constant, TemplateError } from "../plan/template.ts";
import { commonScorerKeys, rawOptionKeys, scorerTypes } from "../score/registry.ts";
import type { RenderedScorer } from "../score/score-completion.ts";
import type { ScorerSpec } from "../score/scorer.ts";

/** The scorers of a matrix, ready to be filled by a row. */
export interface Scoring {
  readonly specs: readonly ScorerSpec[];
  /** Variables that the options use. */
  readonly variables: readonly string[];
  /** The scorers with their options filled from a row. */
  forRow(row: Row, trial: number): readonly RenderedScorer[];
}

/** Reads the scorers' options as templates and checks them against every row, unless they are `implied`. */
export function compileScoring(
  specs: readonly ScorerSpec[],
  dataset: Dataset,
  implied: boolean,
): { readonly scoring: Scoring; readonly diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const compiled = specs.map((spec) => ({ spec, options: compileOptions(spec, diagnostics) }));
  const usesTrial = compiled.some(({ options }) => options.variables.includes("trial"));
  let last: { row: Row; trial: number; rendered: readonly RenderedScorer[] } | null = null;
  const scoring: Scoring = {
    specs,
    variables: [...new Set(compiled.flatMap(({ options }) => [...options.variables, ...options.rowMembers]))],
    forRow: (row, trial) => {
      if (last !== null && last.row === row && (!usesTrial || last.trial === trial)) return last.rendered;
      const rendered = compiled.map(({ spec, options }) => fill(spec, options, row, trial));
      last = { row, trial, rendered };
      return rendered;
    },
  };
  if (diagnostics.length === 0 && !implied) diagnostics.push(...checkRows(scoring, dataset));
  return { scoring, diagnostics };
}

function compileOptions(spec: ScorerSpec, diagnostics: Diagnostic[]): CompiledValue {
  const type = scorerTypes[spec.type];
  if (type === undefined) {
    const close = nearest(spec.type, Object.keys(scorerTypes));
    diagnostics.push({
      code: "score/unknown-type",
      severity: "error",
      message: `scorer \`${spec.id}\`: there is no type \`${spec.type}\``,
      hint: close === null ? `types: ${Object.keys(scorerTypes).join(", ")}` : `did you mean \`${close}\`?`,
    });
    return constant({});
  }
  const known = rawOptionKeys(spec.type) ?? [];
  for (const name of Object.keys(spec.options).filter((option) => !known.includes(option))) {
    const close = nearest(name, [...known, ...commonScorerKeys]);
    diagnostics.push({
      code: "score/unknown-option",
      severity: "error",
      message: `scorer \`${spec.id}\` (${spec.type}): unknown option \`${name}\``,
      hint: close === null ? `options: ${[...known, ...commonScorerKeys].join(", ")}` : `did you mean \`${close}\`?`,
    });
  }
  try {
    return compileValue(spec.options);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    diagnostics.push({
      code: "template/syntax",
      severity: "error",
      message: `scorer \`${spec.id}\`: ${error.message}`,
    });
    return constant({});
  }
}

function fill(spec: ScorerSpec, options: CompiledValue, row: Row, trial: number): RenderedScorer {
  const type = scorerTypes[spec.type];
  if (type === undefined) return { spec, options: null, problem: `there is no type \`${spec.type}\`` };
  let rendered: unknown;
  try {
    rendered = options.render(variablesOf(row, trial));
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    const what =
      error.undefinedVariable === null
        ? error.message
        : `nothing fills the placeholder \`${error.undefinedVariable}\``;
    return { spec, options: null, problem: what };
  }
  const parsed = type.options.safeParse(rendered);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const at = issue === undefined || issue.path.length === 0 ? "" : `\`${issue.path.join(".")}\`: `;
    return { spec, options: null, problem: `${at}${(issue?.message ?? "bad options").toLowerCase()}` };
  }
  const problem = type.check?.(parsed.data) ?? null;
  return problem === null ? { spec, options: parsed.data, problem: null } : { spec, options: null, problem };
}

/** Options that no row can fill are errors; options that some rows cannot fill are too, and name the first row. */
function checkRows(scoring: Scoring, dataset: Dataset): readonly Diagnostic[] {
  const bad = new Map<string, { row: Row; problem: string; rows: number; spec: ScorerSpec }>();
  for (const row of dataset.rows) {
    for (const { spec, problem } of scoring.forRow(row, 0)) {
      if (problem === null) continue;
      const key = `${spec.id}\n${problem}`;
      const known = bad.get(key);
      if (known === undefined) bad.set(key, { row, problem, rows: 1, spec });
      else known.rows++;
    }
  }
  return [...bad.values()].map(({ row, problem, rows, spec }): Diagnostic => {
    const every = rows === dataset.rows.length;
    const at =
      row.line > 0 && dataset.file !== null
        ? `${dataset.file}:${row.line}, row \`${row.id}\``
        : `row \`${row.id}\``;
    return {
      code: "score/options",
      severity: "error",
      message: `scorer \`${spec.id}\` (${spec.type}): ${problem}${every ? "" : `, in ${at}${rows > 1 ? ` and ${rows - 1} more row${rows === 2 ? "" : "s"}` : ""}`}`,
    };
  });
}
