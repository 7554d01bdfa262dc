import type { ConfigSources } from "../config/run-config.ts";
import type { Dataset, Row } from "../dataset/dataset.ts";
import type { Diagnostic, Place } from "../diagnostics/diagnostic.ts";
import { type Excerpt, placeOfWord } from "../diagnostics/excerpt.ts";
import { nearest } from "../diagnostics/nearest.ts";
import { variablesOf } from "../plan/plan.ts";
import { type CompiledValue, compileValue, constant, TemplateError } from "../plan/template.ts";
import { faultWords, placeOfFault } from "../plan/template-fault.ts";
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
  sources?: ConfigSources,
): { readonly scoring: Scoring; readonly diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const written = new Map(specs.map((spec, i) => [spec, implied ? null : (sources?.scorers[i] ?? null)]));
  const unread = new Set<ScorerSpec>();
  const compiled = specs.map((spec) => {
    const options = compileOptions(spec, written.get(spec) ?? null, diagnostics);
    if (options === null) unread.add(spec);
    return { spec, options: options ?? constant({}) };
  });
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
  if (!implied) diagnostics.push(...checkRows(scoring, dataset, unread, written));
  return { scoring, diagnostics };
}

/** The options as a template, or null when they or the type cannot be read, which is reported. */
function compileOptions(
  spec: ScorerSpec,
  written: Excerpt | null,
  diagnostics: Diagnostic[],
): CompiledValue | null {
  const type = scorerTypes[spec.type];
  if (type === undefined) {
    const close = nearest(spec.type, Object.keys(scorerTypes));
    diagnostics.push({
      code: "score/unknown-type",
      severity: "error",
      message: `scorer \`${spec.id}\`: there is no type \`${spec.type}\``,
      hint: close === null ? `types: ${Object.keys(scorerTypes).join(", ")}` : `did you mean \`${close}\`?`,
      ...wordPlace(written, spec.type),
    });
    return null;
  }
  const known = rawOptionKeys(spec.type) ?? [];
  const unknown = Object.keys(spec.options).filter((option) => !known.includes(option));
  for (const name of unknown) {
    const close = nearest(name, [...known, ...commonScorerKeys]);
    diagnostics.push({
      code: "score/unknown-option",
      severity: "error",
      message: `scorer \`${spec.id}\` (${spec.type}): unknown option \`${name}\``,
      hint:
        close === null
          ? `options: ${[...known, ...commonScorerKeys].join(", ")}`
          : `did you mean \`${close}\`?`,
      ...wordPlace(written, name),
    });
  }
  try {
    const options = compileValue(spec.options);
    return unknown.length > 0 ? null : options;
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    const { message, hint } = faultWords(error);
    const place = written === null ? null : (placeOfFault(error, [written]) ?? written.place);
    diagnostics.push({
      code: "template/syntax",
      severity: "error",
      message: `scorer \`${spec.id}\`: ${message}`,
      hint: hint.replace(/;? ?`raw: true`.*$/, ""),
      ...(place === null ? {} : { place }),
    });
    return null;
  }
}

/** The place of a word in a scorer as it is written, else of the scorer; none where it is not written. */
function wordPlace(written: Excerpt | null, word: string): { readonly place?: Place } {
  return written === null ? {} : { place: placeOfWord([written], word) ?? written.place };
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
    return { spec, options: null, problem: optionProblem(parsed.error.issues[0], rendered) };
  }
  const problem = type.check?.(parsed.data) ?? null;
  return problem === null ? { spec, options: parsed.data, problem: null } : { spec, options: null, problem };
}

/** What the schema of a type says of options, in the house's words; the first word in backticks is the option. */
function optionProblem(
  issue: { readonly path: readonly PropertyKey[]; readonly message: string } | undefined,
  rendered: unknown,
): string {
  const [option] = issue?.path.map(String) ?? [];
  if (issue === undefined || option === undefined) return issue?.message.toLowerCase() ?? "bad options";
  const value = (rendered as Readonly<Record<string, unknown>>)[option];
  if (value === undefined) return `\`${option}\` is missing`;
  const words = issue.message.toLowerCase().replace(/^invalid input$/, "a value of another type is needed");
  return `\`${option}\`: ${words}, found \`${JSON.stringify(value)}\``;
}

/** Options that no row can fill are errors; options that some rows cannot fill are too, and name the first row. */
function checkRows(
  scoring: Scoring,
  dataset: Dataset,
  unread: ReadonlySet<ScorerSpec>,
  written: ReadonlyMap<ScorerSpec, Excerpt | null>,
): readonly Diagnostic[] {
  const bad = new Map<string, { row: Row; problem: string; rows: number; spec: ScorerSpec }>();
  for (const row of dataset.rows) {
    for (const { spec, problem } of scoring.forRow(row, 0)) {
      if (problem === null || unread.has(spec)) continue;
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
      ...wordPlace(written.get(spec) ?? null, /`([^`]+)`/.exec(problem)?.[1] ?? spec.type),
    };
  });
}
