import { type AttemptRecord, journalVersion, outcomeFields, round } from "../journal/record.ts";
import { bodyId, type PlannedRequest } from "../plan/plan.ts";
import type { EndedAttempt } from "../schedule/scheduler.ts";

/** What the journal holds of an attempt that ended. */
export function attemptRecord(request: PlannedRequest, ended: EndedAttempt): AttemptRecord {
  return {
    v: journalVersion,
    kind: "attempt",
    request_id: request.requestId,
    variant_id: request.variant.id,
    row_id: request.row.id,
    trial: request.trial,
    attempt: ended.attempt,
    body_id: bodyId(request),
    started_at: ended.startedAt,
    queued_ms: round(ended.queuedMs),
    total_ms: round(ended.totalMs),
    ...outcomeFields(ended.outcome),
  };
}
