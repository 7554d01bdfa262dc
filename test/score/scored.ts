import type { Completion } from "../../src/outcome/completion.ts";
import { scorerTypes } from "../../src/score/registry.ts";
import {
  type CompletionVerdict,
  type RenderedScorer,
  scoreCompletion,
} from "../../src/score/score-completion.ts";
import type { Score, ScoreInput, ScorerSpec } from "../../src/score/scorer.ts";

/** A completion with this answer, and whatever else is given. */
export function answered(content: string, rest: Partial<Completion> = {}): Completion {
  return {
    choice: 0,
    content,
    reasoning: "",
    toolCalls: [],
    refusal: null,
    finishReason: "stop",
    finishReasonRaw: "stop",
    ...rest,
  };
}

/** A scorer as a row has filled it; options that do not fit give a problem, as they do in a run. */
export function rendered(type: string, options: object, common: Partial<ScorerSpec> = {}): RenderedScorer {
  const spec: ScorerSpec = {
    id: type,
    type,
    negate: false,
    required: true,
    threshold: null,
    weight: 1,
    target: "answer",
    options: { ...options },
    ...common,
  };
  const parsed = scorerTypes[type]?.options.safeParse(options);
  if (parsed?.success !== true)
    return { spec, options: null, problem: parsed?.error.issues[0]?.message ?? "no such type" };
  const problem = scorerTypes[type]?.check?.(parsed.data) ?? null;
  return { spec, options: problem === null ? parsed.data : null, problem };
}

/** What the scorers make of an answer. */
export function verdict(
  answer: string | Completion,
  ...scorers: readonly RenderedScorer[]
): CompletionVerdict {
  return verdictWith({}, answer, ...scorers);
}

/** The same of a request about which more is known. */
export function verdictWith(
  facts: Partial<ScoreInput>,
  answer: string | Completion,
  ...scorers: readonly RenderedScorer[]
): CompletionVerdict {
  const completion = typeof answer === "string" ? answered(answer) : answer;
  return scoreCompletion(scorers, { completion, usage: null, latencyMs: null, cost: null, ...facts });
}

/** What one scorer says of an answer. */
export function scoreOf(answer: string | Completion, type: string, options: object): Score | undefined {
  return verdict(answer, rendered(type, options)).scores[type];
}
