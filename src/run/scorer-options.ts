import type { Diagnostic, Place } from "../diagnostics/diagnostic.ts";
import { type Excerpt, placeOfWord } from "../diagnostics/excerpt.ts";
import { nearest } from "../diagnostics/nearest.ts";
import { type CompiledValue, compileValue, TemplateError, type Variables } from "../plan/template.ts";
import { faultWords, placeOfFault } from "../plan/template-fault.ts";
import { commonScorerKeys, rawOptionKeys, scorerTypes } from "../score/registry.ts";
import type { RenderedScorer } from "../score/score-completion.ts";
import type { ScorerSpec } from "../score/scorer.ts";

/** What types are called in other tools, docs/from-promptfoo.md. */
const elsewhere: Readonly<Record<string, string>> = {
  equals: "exact",
  icontains: "`contains` with `ignore_case: true`",
  "contains-any": "`contains` with `any`",
  "icontains-any": "`contains` with `any` and `ignore_case: true`",
  "contains-all": "`contains` with `all`",
  "icontains-all": "`contains` with `all` and `ignore_case: true`",
  "is-json": "`json`, or `json_schema`",
  "contains-json": "`json` with `within: true`",
  "rouge-n": "rouge_l",
  "llm-rubric": "judge",
  "g-eval": "judge",
  factuality: "`judge` with `rubric: correctness`",
  "model-graded-closedqa": "`judge` with `rubric: correctness`",
  "context-faithfulness": "`judge` with `rubric: faithfulness`",
  javascript: "module",
  python: "module",
  "is-valid-openai-tools-call": "tool_call",
};

/** The options as a template, or null when they or the type cannot be read, which is reported. */
export function compileOptions(
  spec: ScorerSpec,
  written: Excerpt | null,
  diagnostics: Diagnostic[],
): CompiledValue | null {
  const type = scorerTypes[spec.type];
  if (type === undefined) {
    const close = elsewhere[spec.type.replace(/^not-/, "")] ?? nearest(spec.type, Object.keys(scorerTypes));
    diagnostics.push({
      code: "score/unknown-type",
      severity: "error",
      message: `scorer \`${spec.id}\`: there is no type \`${spec.type}\``,
      hint:
        close === null
          ? `types: ${Object.keys(scorerTypes).join(", ")}`
          : `did you mean ${close.includes("`") ? close : `\`${close}\``}${spec.type.startsWith("not-") ? " with `negate: true`" : ""}?`,
      ...wordPlace(written, spec.type),
    });
    return null;
  }
  if (type.reads === "facts" && spec.target === "reasoning") {
    diagnostics.push({
      code: "score/options",
      severity: "error",
      message: `scorer \`${spec.id}\` (${spec.type}): \`target\` chooses a text, and this type reads none`,
      ...wordPlace(written, "target"),
    });
  }
  const unknown = unknownOptions(spec);
  for (const name of unknown) {
    const known = [...(rawOptionKeys(spec.type) ?? []), ...commonScorerKeys];
    const close = nearest(name, known);
    diagnostics.push({
      code: "score/unknown-option",
      severity: "error",
      message: `scorer \`${spec.id}\` (${spec.type}): unknown option \`${name}\``,
      hint: close === null ? `options: ${known.join(", ")}` : `did you mean \`${close}\`?`,
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

/** Options that the type does not have. */
export function unknownOptions({ type, options }: ScorerSpec): readonly string[] {
  const known = rawOptionKeys(type) ?? [];
  return Object.keys(options).filter((name) => !known.includes(name));
}

/** The place of a word in a scorer as it is written, else of the scorer; none where it is not written. */
export function wordPlace(written: Excerpt | null, word: string): { readonly place?: Place } {
  return written === null ? {} : { place: placeOfWord([written], word) ?? written.place };
}

/** A scorer with its options filled from a row, or why they cannot be. */
export function fillOptions(spec: ScorerSpec, options: CompiledValue, variables: Variables): RenderedScorer {
  try {
    return checkedOptions(spec, options.render(variables));
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    const what =
      error.undefinedVariable === null
        ? error.message
        : `nothing fills the placeholder \`${error.undefinedVariable}\``;
    return { spec, options: null, problem: what };
  }
}

/** A scorer with rendered options, or why its type does not take them. */
export function checkedOptions(spec: ScorerSpec, rendered: unknown): RenderedScorer {
  const type = scorerTypes[spec.type];
  if (type === undefined) return { spec, options: null, problem: `there is no type \`${spec.type}\`` };
  const parsed = type.options.safeParse(rendered);
  if (!parsed.success)
    return { spec, options: null, problem: optionProblem(parsed.error.issues[0], rendered) };
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
  const words = `${issue.message.charAt(0).toLowerCase()}${issue.message.slice(1)}`.replace(
    /^invalid input$/,
    "a value of another type is needed",
  );
  return `\`${option}\`: ${words}, found \`${JSON.stringify(value)}\``;
}
