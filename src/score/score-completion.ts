import type { Completion } from "../outcome/completion.ts";
import { emptiedByThought } from "../outcome/emptied-by-thought.ts";
import { PatternTimeout } from "../system/bounded-match.ts";
import { scorerTypes } from "./registry.ts";
import { weightedId } from "./score-column.ts";
import type { Score, ScoreInput, ScorerSpec, ScorerType } from "./scorer.ts";

/** A scorer with its options filled from a row. */
export interface RenderedScorer {
  readonly spec: ScorerSpec;
  /** Options that fit the type's schema; null when they do not, and then `problem` says why. */
  readonly options: object | null;
  readonly problem: string | null;
}

/** What all scorers say of one completion. */
export interface CompletionVerdict {
  /** By scorer id, in the order given. */
  readonly scores: Readonly<Record<string, Score>>;
  /** All required scorers say yes. Null without a required scorer, or when one could not score and none says no. */
  readonly passed: boolean | null;
  /** `id: reason` of the first required scorer that says no; null otherwise. */
  readonly failReason: string | null;
}

/**
 * Scores one completion. A scorer says yes when its value reaches its threshold (default 1 for yes/no types, 0.5 for
 * graded ones); `negate` turns that around and reports 1 − value. `weighted` adds the weighted score of all.
 */
export function scoreCompletion(
  scorers: readonly RenderedScorer[],
  input: ScoreInput,
  weighted: boolean = false,
): CompletionVerdict {
  const scores: Record<string, Score> = {};
  let required = false;
  let unknown = false;
  let failReason: string | null = null;
  for (const scorer of scorers) {
    const { score, yes } = judge(scorer, input);
    scores[scorer.spec.id] = score;
    for (const [part, value] of Object.entries(partsOf(scorer, score)))
      scores[`${scorer.spec.id}.${part}`] = { value };
    if (!scorer.spec.required) continue;
    required = true;
    if (yes === null) unknown = true;
    if (yes === false) failReason ??= `${scorer.spec.id}: ${score.reason ?? "below the threshold"}`;
  }
  if (weighted) scores[weightedId] = { value: weightedScore(scorers, scores) };
  const passed = failReason !== null ? false : required && !unknown ? true : null;
  return { scores, passed, failReason };
}

/** Details that are scores of their own; unknown where the scorer could not score. */
function partsOf({ spec, options }: RenderedScorer, score: Score): Readonly<Record<string, number | null>> {
  const parts = options === null ? undefined : scorerTypes[spec.type]?.parts?.(options);
  if (parts === undefined) return {};
  return Object.fromEntries(parts.map((part) => [part, score.details?.[part] ?? null]));
}

/** Mean of the scores by their weights; unknown when one that counts is. */
function weightedScore(
  scorers: readonly RenderedScorer[],
  scores: Readonly<Record<string, Score>>,
): number | null {
  let sum = 0;
  let weights = 0;
  for (const { spec } of scorers) {
    if (spec.weight === 0) continue;
    const value = scores[spec.id]?.value ?? null;
    if (value === null) return null;
    sum += spec.weight * value;
    weights += spec.weight;
  }
  return weights === 0 ? null : sum / weights;
}

function judge(
  scorer: RenderedScorer,
  input: ScoreInput,
): { readonly score: Score; readonly yes: boolean | null } {
  const { spec, options, problem } = scorer;
  const type = scorerTypes[spec.type];
  if (type === undefined || options === null) {
    return {
      score: { value: null, reason: problem ?? `there is no scorer type \`${spec.type}\`` },
      yes: null,
    };
  }
  const readsText = type.reads !== "facts";
  const target = spec.target === "reasoning" ? input.completion.reasoning : input.completion.content;
  // What went astray on its way out is not an empty answer. A model that thinks until its limit has none.
  if (readsText && spec.target === "answer" && emptiedByThought(input.completion) === "thought_only")
    return { score: { value: null, reason: emptiness(input.completion) }, yes: null };
  const said =
    type.external === undefined
      ? attempt(() => type.score(target, options, input))
      : (input.recorded?.({ spec, options }) ?? type.score(target, options, input));
  if (said.value === null) return { score: said, yes: null };
  const reached = said.value >= (spec.threshold ?? defaultThreshold(type));
  const score = spec.negate ? negated(said) : said;
  const yes = reached !== spec.negate;
  return {
    score: yes || score.value === null ? score : explained(score, spec, readsText ? input.completion : null),
    yes,
  };
}

function defaultThreshold({ defaultThreshold: own, graded }: ScorerType<object>): number {
  return own ?? (graded ? 0.5 : 1);
}

/** What cannot come to an end, or is nested beyond what the stack holds, could not be scored. */
function attempt(work: () => Score): Score {
  try {
    return work();
  } catch (error) {
    if (error instanceof PatternTimeout) return { value: null, reason: error.message };
    if (error instanceof RangeError) return { value: null, reason: "it is nested too deep" };
    throw error;
  }
}

/** Why it holds is why it does not, so a graded score keeps its reason. */
function negated({ value, reason, details }: Score): Score {
  return {
    value: value === null ? null : 1 - value,
    ...(value !== null && value > 0 && reason !== undefined && { reason }),
    ...(details !== undefined && { details }),
  };
}

/** A score that says no, with a reason: why it says so, and what is peculiar about an answer without text. */
function explained(score: Score, spec: ScorerSpec, completion: Completion | null): Score {
  const why =
    score.reason ?? (spec.negate ? `${spec.type} holds, and must not` : `value ${score.value ?? 0}`);
  const peculiar =
    completion !== null && spec.target === "answer" && completion.content.trim() === ""
      ? emptiness(completion)
      : null;
  return { ...score, reason: peculiar === null ? why : `${why} (${peculiar})` };
}

function emptiness(completion: Completion): string {
  if (completion.refusal !== null && completion.refusal !== "")
    return "the answer is empty: the model refused";
  if (completion.toolCalls.length > 0) return "the answer is empty: it calls a tool";
  if (completion.reasoning.trim() === "") return "the answer is empty";
  const cut = completion.finishReason === "length" ? ", and was cut at the token limit" : "";
  return `the answer is empty; the reasoning is not${cut}`;
}
