import type { RequestResult, ScoredCompletion } from "../../src/aggregate/result.ts";
import type { SummaryRun } from "../../src/aggregate/summary-shape.ts";
import type { Completion, Usage } from "../../src/outcome/completion.ts";
import { unknownUsage } from "../../src/outcome/completion.ts";
import type { Failure, FailureKind } from "../../src/outcome/failure.ts";
import type { Variant } from "../../src/plan/variant.ts";
import type { Score, ScorerSpec } from "../../src/score/scorer.ts";

/** A variant whose id and label come from its model. */
export function variantOf(model: string, parameters: Readonly<Record<string, unknown>> = {}): Variant {
  return {
    id: `id-${model}`,
    label: `model=${model}`,
    promptId: "v1",
    provider: "lab",
    parameters: { model, ...parameters },
  };
}

/** A required scorer of this type, or an optional one. */
export function scorerOf(id: string, type = "exact", required = true): ScorerSpec {
  return { id, type, negate: false, required, threshold: null, weight: 1, target: "answer", options: {} };
}

/** A completion that scored `correct` = 1 or 0, or could not be scored. */
export function choiceOf(passed: boolean | null, rest: Partial<Completion> = {}): ScoredCompletion {
  return scoredAs({ correct: { value: passed === null ? null : Number(passed) } }, passed, rest);
}

/** A completion with any scores. */
export function scoredAs(
  scores: Readonly<Record<string, Score>>,
  passed: boolean | null,
  rest: Partial<Completion> = {},
): ScoredCompletion {
  return {
    completion: {
      choice: 0,
      content: "18",
      reasoning: "",
      toolCalls: [],
      refusal: null,
      finishReason: "stop",
      finishReasonRaw: "stop",
      ...rest,
    },
    scores,
    passed,
    failReason: passed === false ? "correct: expected 18" : null,
  };
}

/** A request that was never asked; everything else is built on it. */
export function pending(
  variantIndex: number,
  rowId: string,
  rest: Partial<RequestResult> = {},
): RequestResult {
  return {
    index: 0,
    requestId: `request-${variantIndex}-${rowId}-${rest.trial ?? 0}`,
    variantIndex,
    rowIndex: 0,
    rowId,
    cluster: null,
    variables: { question: "What is 9 + 9?" },
    trial: 0,
    messages: [{ role: "user", content: "What is 9 + 9?" }],
    parameters: { model: "m" },
    status: "pending",
    attempts: 0,
    answer: null,
    completions: [],
    failure: null,
    times: { queuedMs: null, ttftMs: null, latencyMs: null, tpotMs: null, totalMs: null },
    cost: null,
    httpStatus: null,
    traceId: null,
    startedAt: null,
    reused: false,
    maybeBilled: false,
    ...rest,
  };
}

export interface AnsweredFacts extends Partial<RequestResult> {
  readonly latencyMs?: number;
  readonly usage?: Partial<Usage>;
}

/** A request with these choices. */
export function answered(
  variantIndex: number,
  rowId: string,
  completions: readonly ScoredCompletion[],
  { latencyMs = 100, usage = {}, ...rest }: AnsweredFacts = {},
): RequestResult {
  return pending(variantIndex, rowId, {
    status: "ok",
    attempts: 1,
    completions,
    answer: {
      completions: completions.map(({ completion }) => completion),
      usage: { ...unknownUsage, ...usage },
      responseId: "chat-1",
      responseModel: "m-2026",
    },
    times: { queuedMs: 1, ttftMs: 20, latencyMs, tpotMs: 4, totalMs: latencyMs + 1 },
    httpStatus: 200,
    traceId: "trace-1",
    startedAt: "2026-11-22T08:00:00.000Z",
    ...rest,
  });
}

/** A request that failed for good. */
export function failed(
  variantIndex: number,
  rowId: string,
  kind: FailureKind,
  message: string,
  rest: Partial<RequestResult> = {},
): RequestResult {
  const failure: Failure = { kind, message, code: null, retryable: true, maybeBilled: false };
  return pending(variantIndex, rowId, { status: "failed", attempts: 6, failure, httpStatus: 503, ...rest });
}

export const run: SummaryRun = {
  id: "triage-20261122T080000Z",
  name: "triage",
  status: "complete",
  reason: null,
  notes: [],
  started_at: "2026-11-22T08:00:00.000Z",
  ended_at: "2026-11-22T08:00:10.000Z",
  sessions: 1,
  promptgrid_version: "0.1.0",
  git_revision: null,
  scored_by: null,
  simulated: [],
  event_loop_delay_p99_ms: 1.5,
  pace: [],
};
