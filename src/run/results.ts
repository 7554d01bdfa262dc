import type { Cost, RequestResult, ScoredCompletion } from "../aggregate/result.ts";
import { JournalLines } from "../journal/reader.ts";
import { type AttemptRecord, recordedAnswer, recordedFailure, round } from "../journal/record.ts";
import type { Answer, Completion } from "../outcome/completion.ts";
import type { PlannedRequest } from "../plan/plan.ts";
import { scoreCompletion } from "../score/score-completion.ts";
import type { ScoreInput } from "../score/scorer.ts";
import type { Deciding, JournalIndex } from "./journal-index.ts";
import type { Prepared } from "./prepare.ts";
import { usageCost } from "./price-of.ts";
import { RecordedScores } from "./recorded-scores.ts";

const noTimes = { queuedMs: null, ttftMs: null, latencyMs: null, tpotMs: null, totalMs: null } as const;

/**
 * Every planned request (of a shard, its own) with what came of it, in plan order, one at a time. The journal is read at random through
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
      if (deciding === null) {
        if (prepared.shard?.has(i) !== false) yield unasked(plan.request(i), index);
      } else {
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
    index: request.index,
    requestId: request.requestId,
    variantIndex: request.variantIndex,
    rowIndex: request.rowIndex,
    rowId: request.row.id,
    cluster: request.row.cluster,
    variables: request.row.variables,
    trial: request.trial,
    messages: request.messages,
    parameters: statedParameters(request),
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

/** Written out member by member, as `unasked`: a run may have a million of them. */
function settled(
  prepared: Prepared,
  request: PlannedRequest,
  record: AttemptRecord,
  index: JournalIndex,
  lines: JournalLines,
): RequestResult {
  const answer = recordedAnswer(record);
  const isBatch = record.batch !== undefined;
  const tokens = answer?.usage.completionTokens ?? null;
  const tpotMs =
    answer !== null && record.ttft_ms !== null && tokens !== null && tokens > 1
      ? round((record.latency_ms - record.ttft_ms) / (tokens - 1))
      : null;
  const cost =
    answer === null
      ? null
      : usageCost(prepared, request.variant.provider, request.parameters, answer.usage, { batch: isBatch });
  const reused = record.reused_from !== undefined;
  const recorded: Recorded = (one, completion, facts) =>
    new RecordedScores(prepared, index, lines, one, completion, facts);
  return {
    index: request.index,
    requestId: record.request_id,
    variantIndex: request.variantIndex,
    rowIndex: request.rowIndex,
    rowId: request.row.id,
    cluster: request.row.cluster,
    variables: request.row.variables,
    trial: request.trial,
    messages: request.messages,
    parameters: statedParameters(request),
    status: record.status,
    attempts: index.attempts(request.index),
    answer,
    completions: answer === null ? [] : scored(prepared, request, record, answer, cost, recorded),
    failure: recordedFailure(record),
    times: isBatch
      ? noTimes
      : {
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

/** What external scorers said of a completion. */
type Recorded = (
  request: PlannedRequest,
  completion: Completion,
  facts: Pick<ScoreInput, "usage" | "latencyMs" | "cost">,
) => RecordedScores;

function scored(
  { scoring }: Prepared,
  request: PlannedRequest,
  record: AttemptRecord,
  { completions, usage }: Answer,
  cost: Cost | null,
  recordedOf: Recorded,
): readonly ScoredCompletion[] {
  const scorers = scoring.forRow(request.row, request.trial, request.variant.promptId);
  const latencyMs = record.reused_from === undefined ? record.latency_ms : null;
  return completions.map((completion) => {
    const recorded = scoring.external ? recordedOf(request, completion, { usage, latencyMs, cost }) : null;
    const input = {
      completion,
      usage,
      latencyMs,
      cost,
      ...(recorded === null ? {} : { recorded: recorded.recorded }),
    };
    const { scores, passed, failReason } = scoreCompletion(scorers, input, scoring.weighted);
    const judging = recorded?.judging ?? null;
    return { completion, scores, passed, failReason, ...(judging === null ? {} : { judging }) };
  });
}

function statedParameters({ variant, parameters, stream }: PlannedRequest): RequestResult["parameters"] {
  return "stream" in variant.parameters ? { ...parameters, stream } : parameters;
}
