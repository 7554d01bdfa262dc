import type { Completion } from "../outcome/completion.ts";
import { emptiedByThought } from "../outcome/emptied-by-thought.ts";
import { scorerTypes } from "./registry.ts";
import type { Score, ScoreInput, ScorerSpec } from "./scorer.ts";

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
 * graded ones); `negate` turns that around and reports 1 − value.
 */
export function scoreCompletion(scorers: readonly RenderedScorer[], input: ScoreInput): CompletionVerdict {
  const scores: Record<string, Score> = {};
  let required = false;
  let unknown = false;
  let failReason: string | null = null;
  for (const scorer of scorers) {
    const { score, yes } = judge(scorer, input);
    scores[scorer.spec.id] = score;
    if (!scorer.spec.required) continue;
    required = true;
    if (yes === null) unknown = true;
    if (yes === false) failReason ??= `${scorer.spec.id}: ${score.reason ?? "below the threshold"}`;
  }
  const passed = failReason !== null ? false : required && !unknown ? true : null;
  return { scores, passed, failReason };
}

/** Whether a scorer of this type gives values between 0 and 1; false for types that do not exist. */
export function isGraded(type: string): boolean {
  return scorerTypes[type]?.graded ?? false;
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
  const target = spec.target === "reasoning" ? input.completion.reasoning : input.completion.content;
  // What went astray on its way out is not an empty answer. A model that thinks until its limit has none.
  if (spec.target === "answer" && emptiedByThought(input.completion) === "thought_only")
    return { score: { value: null, reason: emptiness(input.completion) }, yes: null };
  const said = type.score(target, options, input);
  if (said.value === null) return { score: said, yes: null };
  const reached = said.value >= (spec.threshold ?? (type.graded ? 0.5 : 1));
  const score = spec.negate ? negated(said) : said;
  const yes = reached !== spec.negate;
  return { score: yes || score.value === null ? score : explained(score, spec, input.completion), yes };
}

function negated(score: Score): Score {
  const value = score.value === null ? null : 1 - score.value;
  return { value, ...(score.details !== undefined && { details: score.details }) };
}

/** A score that says no, with a reason: why it says so, and what is peculiar about an answer without text. */
function explained(score: Score, spec: ScorerSpec, completion: Completion): Score {
  const why =
    score.reason ?? (spec.negate ? `${spec.type} holds, and must not` : `value ${score.value ?? 0}`);
  const peculiar =
    spec.target === "answer" && completion.content.trim() === "" ? emptiness(completion) : null;
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
