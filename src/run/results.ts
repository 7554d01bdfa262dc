import type { RequestResult } from "../aggregate/result.ts";
import { JournalLines } from "../journal/reader.ts";
import { type AttemptRecord, recordedAnswer, recordedFailure, round } from "../journal/record.ts";
import type { PlannedRequest } from "../plan/plan.ts";
import { scoreCompletion } from "../score/score-completion.ts";
import type { Deciding, JournalIndex } from "./journal-index.ts";
import type { Prepared } from "./prepare.ts";
import { usageCost } from "./price-of.ts";
import { RecordedScores } from "./recorded-scores.ts";

const noTimes = { queuedMs: null, ttftMs: null, latencyMs: null, tpotMs: null, totalMs: null } as const;

/**
 * Every planned request with what came of it, in plan order, one at a time. The journal is read at random through
 * the index, so memory does not grow with the run.
 */
export function* runResults(
  prepared: Prepared,
  index: JournalIndex,
  journal: string,
): Generator<RequestResult> {
  const { plan } = prepared;
  let lines: JournalLines | null = null;
  try {
    for (let i = 0; i < plan.length; i++) {
      const deciding = index.deciding(i);
      if (deciding === null) yield unasked(plan.request(i), index);
      else {
        lines ??= new JournalLines(journal);
        yield decided(prepared, index, lines, i, deciding);
      }
    }
  } finally {
    lines?.close();
  }
}

/** One planned request with what came of it, through a journal that is kept open. */
export function resultAt(
  prepared: Prepared,
  index: JournalIndex,
  lines: JournalLines,
  position: number,
): RequestResult {
  const deciding = index.deciding(position);
  return deciding === null
    ? unasked(prepared.plan.request(position), index)
    : decided(prepared, index, lines, position, deciding);
}

function decided(
  prepared: Prepared,
  index: JournalIndex,
  lines: JournalLines,
  position: number,
  deciding: Deciding,
): RequestResult {
  const record = lines.read(deciding.offset, deciding.length);
  if (record.kind !== "attempt")
    throw new Error(`the journal changed while it was read, at byte ${deciding.offset}`);
  return settled(prepared, prepared.plan.request(position), record, index, lines);
}

/** A request that was never sent: pending, or failed with its variant where a server refuses that as a whole. */
function unasked(request: PlannedRequest, index: JournalIndex): RequestResult {
  const refusal = index.refusal(request.variant.id);
  return {
    ...identity(request),
    status: refusal === null ? "pending" : "failed",
    attempts: index.attempts(request.index),
    answer: null,
    completions: [],
    failure: refusal === null ? null : { ...refusal, message: `not sent: ${refusal.message}` },
    times: noTimes,
    cost: null,
    httpStatus: null,
    traceId: null,
    startedAt: null,
    reused: false,
    maybeBilled: index.mayBeBilled(request.index),
  };
}

function settled(
  prepared: Prepared,
  request: PlannedRequest,
  record: AttemptRecord,
  index: JournalIndex,
  lines: JournalLines,
): RequestResult {
  const answer = recordedAnswer(record);
  const tokens = answer?.usage.completionTokens ?? null;
  const tpotMs =
    answer !== null && record.ttft_ms !== null && tokens !== null && tokens > 1
      ? round((record.latency_ms - record.ttft_ms) / (tokens - 1))
      : null;
  const scorers = prepared.scoring.forRow(request.row, request.trial, request.variant.promptId);
  const cost =
    answer === null ? null : usageCost(prepared, request.variant.provider, request.parameters, answer.usage);
  const reused = record.reused_from !== undefined;
  return {
    ...identity(request),
    status: record.status,
    attempts: index.attempts(request.index),
    answer,
    completions: (answer?.completions ?? []).map((completion) => {
      const facts = { usage: answer?.usage ?? null, latencyMs: reused ? null : record.latency_ms, cost };
      const { external, weighted } = prepared.scoring;
      if (!external) return { completion, ...scoreCompletion(scorers, { completion, ...facts }, weighted) };
      const recorded = new RecordedScores(prepared, index, lines, request, completion);
      const input = { completion, ...facts, recorded: recorded.recorded };
      return {
        completion,
        ...scoreCompletion(scorers, input, weighted),
        judging: recorded.judging,
      };
    }),
    failure: recordedFailure(record),
    times: {
      queuedMs: record.queued_ms,
      ttftMs: record.ttft_ms,
      latencyMs: record.status === "ok" ? record.latency_ms : null,
      tpotMs,
      totalMs: record.total_ms,
    },
    cost,
    httpStatus: record.http_status,
    traceId: record.trace_id,
    startedAt: record.started_at,
    reused,
    maybeBilled: index.mayBeBilled(request.index),
  };
}

function identity(
  request: PlannedRequest,
): Pick<
  RequestResult,
  | "index"
  | "requestId"
  | "variantIndex"
  | "rowIndex"
  | "rowId"
  | "cluster"
  | "variables"
  | "trial"
  | "messages"
  | "parameters"
> {
  const { row } = request;
  return {
    index: request.index,
    requestId: request.requestId,
    variantIndex: request.variantIndex,
    rowIndex: request.rowIndex,
    rowId: row.id,
    cluster: row.cluster,
    variables: row.variables,
    trial: request.trial,
    messages: request.messages,
    parameters:
      "stream" in request.variant.parameters
        ? { ...request.parameters, stream: request.stream }
        : request.parameters,
  };
}
