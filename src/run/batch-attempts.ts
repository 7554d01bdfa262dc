import { type AttemptRecord, journalVersion, outcomeFields } from "../journal/record.ts";
import type { AttemptOutcome } from "../outcome/attempt.ts";
import { bodyId } from "../plan/plan.ts";
import { attemptCost } from "./attempt-cost.ts";
import type { SessionOptions } from "./session.ts";
import type { OpenSessionPart } from "./session-part.ts";

/** Where an outcome comes from. */
export interface BatchOrigin {
  readonly lane: string;
  /** The provider's id of the batch. */
  readonly batch: string;
  /** When it was created, ISO 8601 in UTC. */
  readonly createdAt: string;
}

/** Journals what batches bring, and says which requests are worth another one. */
export class BatchAttempts {
  readonly #part: OpenSessionPart;
  readonly #options: Pick<SessionOptions, "budget" | "listener">;
  readonly #most: number;
  /** Attempts of this session, of requests that failed. */
  readonly #failed = new Map<number, number>();

  /** `most` is how often a request is tried. */
  constructor(part: OpenSessionPart, options: Pick<SessionOptions, "budget" | "listener">, most: number) {
    this.#part = part;
    this.#options = options;
    this.#most = most;
  }

  /** Takes note of the outcome of the request at a position; true when it is to be asked again. */
  record(position: number, outcome: AttemptOutcome, origin: BatchOrigin): boolean {
    const { prepared, journal } = this.#part;
    const request = prepared.plan.request(position);
    const attempt = (this.#failed.get(position) ?? 0) + 1;
    const record: AttemptRecord = {
      v: journalVersion,
      kind: "attempt",
      request_id: request.requestId,
      variant_id: request.variant.id,
      row_id: request.row.id,
      trial: request.trial,
      attempt,
      body_id: bodyId(request),
      batch: origin.batch,
      started_at: origin.createdAt,
      queued_ms: 0,
      total_ms: 0,
      ...outcomeFields(outcome),
    };
    journal.append(record);
    this.#options.budget?.end(position, request, record);
    const again = outcome.status === "failed" && outcome.failure.retryable && attempt < this.#most;
    if (again) this.#failed.set(position, attempt);
    else this.#failed.delete(position);
    this.#options.listener({
      kind: "attempt",
      lane: origin.lane,
      final: !again,
      outcome,
      ...attemptCost(prepared, request.variant.provider, request.variant.parameters, outcome, {
        batch: true,
      }),
    });
    return again;
  }
}
