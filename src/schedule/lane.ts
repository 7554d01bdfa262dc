import type { AttemptOutcome } from "../outcome/attempt.ts";
import { type FailureKind, stopsLane } from "../outcome/failure.ts";
import { Bucket } from "./bucket.ts";
import { isThrottling } from "./retry-policy.ts";
import { RetryQueue } from "./retry-queue.ts";

/** One (base URL, account, model): the scope of a provider's limits. */
export interface LaneSpec {
  /** `provider/model`, for people; unique in a run. */
  readonly key: string;
  readonly provider: string;
  readonly model: string;
  /** Its variants, by number among those of all plans that are sent together. */
  readonly variants: readonly number[];
  /** Requests in flight at most. */
  readonly concurrency: number;
  readonly rpm: number | null;
  readonly tpm: number | null;
  /** An earlier session had answers on this lane: failures do not mean that nothing ever works. */
  readonly proven?: boolean;
}

/** One answer that is wanted, on its way through a lane. */
export interface WorkItem {
  /** Position in the plan. */
  readonly index: number;
  /** Attempts that ended. */
  attempts: number;
  /** When the request could first have been sent, but for limits and slots. */
  readonly firstAdmissibleAt: number;
  /** The same for its next attempt. */
  admissibleAt: number;
  /** Kind and message of the last failure, and how often in a row it was that. */
  lastFailure: string | null;
  sameFailures: number;
  /** The lane's answers when this request first failed. */
  answeredBefore: number;
}

/** A change of a lane's pace, with its reason in words. */
export interface LaneChange {
  readonly event: "pause" | "grow" | "stop";
  readonly reason: string;
  readonly concurrency: number;
  readonly pauseMs: number | null;
}

const firstPauseMs = 1_000;
const longestPauseMs = 60_000;
/** Nothing ever worked: as many failures in a row and the lane is given up. */
const hopelessAtStart = 12;
/** It worked once: as many failures in a row, over at least a minute. */
const hopelessLater = 50;
const hopelessLaterMs = 60_000;
const learnedShare = 0.1;

/**
 * The state of one lane: what waits, what is in flight, how fast it may go. A pure decider of time handed in; it
 * sends nothing itself.
 */
export class Lane {
  readonly spec: LaneSpec;
  readonly retries: RetryQueue<WorkItem> = new RetryQueue();
  /** The next request that was never sent; null at the end of the plan (or before the first look). */
  head: WorkItem | null = null;
  inFlight = 0;
  /** Attempts that were started. */
  started = 0;
  answered = 0;
  failed = 0;
  /** Why nothing more is sent; null while the lane lives. */
  stopped: { readonly reason: string; readonly kind: FailureKind } | null = null;
  #concurrency: number;
  #pausedUntil = 0;
  #pauses = 0;
  #failuresInRow = 0;
  #lastMessage = "";
  #lastAnswerAt: number;
  #goodInRow = 0;
  #tokensLearned = 500;
  readonly #requests: Bucket | null;
  readonly #tokens: Bucket | null;

  constructor(spec: LaneSpec, now: number) {
    this.spec = spec;
    this.#concurrency = spec.concurrency;
    this.#lastAnswerAt = now;
    this.#requests = spec.rpm === null ? null : new Bucket(spec.rpm, now);
    this.#tokens = spec.tpm === null ? null : new Bucket(spec.tpm, now);
  }

  get concurrency(): number {
    return this.#concurrency;
  }

  /** Whether there is or may be something left to send. */
  get hasWork(): boolean {
    return this.stopped === null && (this.head !== null || this.retries.size > 0);
  }

  /** When the next attempt may start: `now` or earlier is at once, Infinity is not before something ends. */
  readyAt(now: number): number {
    if (!this.hasWork || this.inFlight >= this.#concurrency) return Number.POSITIVE_INFINITY;
    const itemAt = this.head !== null ? now : this.retries.nextDueAt;
    const budgetAt =
      now +
      Math.max(this.#requests?.waitMs(1, now) ?? 0, this.#tokens?.waitMs(this.#tokensLearned, now) ?? 0);
    return Math.max(itemAt, budgetAt, this.#pausedUntil);
  }

  /** The item that `take` would take: a retry that is due goes first. */
  peek(now: number): WorkItem | null {
    return this.retries.nextDueAt <= now ? this.retries.next : this.head;
  }

  /** Takes the next item. The caller refills `head`. Takes budget and a slot. */
  take(now: number): { readonly item: WorkItem; readonly reservedTokens: number } | null {
    const item = this.peek(now);
    if (item === null) return null;
    if (item === this.head) this.head = null;
    else this.retries.pop();
    this.inFlight++;
    this.started++;
    this.#requests?.take(1, now);
    this.#tokens?.take(this.#tokensLearned, now);
    return { item, reservedTokens: this.#tokensLearned };
  }

  /** Takes note of how an attempt ended; gives the changes of pace that follow. */
  settle(
    outcome: AttemptOutcome,
    reservedTokens: number,
    sentAt: number,
    now: number,
  ): readonly LaneChange[] {
    this.inFlight--;
    if (outcome.status === "ok") return this.#good(outcome.answer.usage.totalTokens, reservedTokens, now);
    if (outcome.failure.kind === "cancelled") return [];
    this.#tokens?.settle(reservedTokens, 0, now);
    return this.#bad(outcome, sentAt, now);
  }

  /** Ends the lane; what waits is left for a resume. */
  stop(reason: string, kind: FailureKind): LaneChange {
    this.stopped = { reason, kind };
    return { event: "stop", reason, concurrency: 0, pauseMs: null };
  }

  #good(tokens: number | null, reserved: number, now: number): readonly LaneChange[] {
    this.answered++;
    this.#failuresInRow = 0;
    this.#lastAnswerAt = now;
    this.#goodInRow++;
    if (now >= this.#pausedUntil) this.#pauses = 0;
    if (tokens !== null) {
      this.#tokens?.settle(reserved, tokens, now);
      this.#tokensLearned += (tokens - this.#tokensLearned) * (this.answered === 1 ? 1 : learnedShare);
    }
    if (this.#concurrency >= this.spec.concurrency || this.#goodInRow < this.#concurrency) return [];
    this.#goodInRow = 0;
    this.#concurrency++;
    const back = this.#concurrency === this.spec.concurrency;
    return back
      ? [{ event: "grow", reason: "no refusal since", concurrency: this.#concurrency, pauseMs: null }]
      : [];
  }

  #bad(outcome: AttemptOutcome & { status: "failed" }, sentAt: number, now: number): readonly LaneChange[] {
    const { failure } = outcome;
    this.failed++;
    // Requests that are each refused for a reason of their own say nothing against the lane.
    const ownFault = failure.kind === "invalid_request" && failure.message !== this.#lastMessage;
    // What is wrong with one variant says nothing of the others, whose answers may only be slow to come.
    const ofVariant = failure.kind === "invalid_request" && this.spec.variants.length > 1;
    if (!ofVariant) this.#failuresInRow = ownFault ? 1 : this.#failuresInRow + 1;
    this.#lastMessage = failure.message;
    this.#goodInRow = 0;
    if (stopsLane(failure.kind))
      return this.stopped === null ? [this.stop(failure.message, failure.kind)] : [];
    if (isThrottling(failure.kind)) return this.#throttled(outcome, sentAt, now);
    const { kind } = failure;
    if (this.stopped === null && !ofVariant && kind !== "context_overflow" && kind !== "content_filtered") {
      const hopeless =
        this.answered === 0 && this.spec.proven !== true
          ? this.#failuresInRow >= hopelessAtStart
          : kind !== "invalid_request" &&
            this.#failuresInRow >= hopelessLater &&
            now - this.#lastAnswerAt >= hopelessLaterMs;
      if (hopeless)
        return [
          this.stop(`${this.#failuresInRow} attempts in a row failed, the last: ${failure.message}`, kind),
        ];
    }
    return [];
  }

  /** The lane slows and pauses as a whole; refusals of requests sent before the pause are one and the same event. */
  #throttled(
    outcome: AttemptOutcome & { status: "failed" },
    sentAt: number,
    now: number,
  ): readonly LaneChange[] {
    if (sentAt < this.#pausedUntil) return [];
    const asked = Math.min(outcome.hints?.retryAfterMs ?? 0, 5 * longestPauseMs);
    const pauseMs = Math.max(asked, Math.min(longestPauseMs, firstPauseMs * 2 ** this.#pauses));
    this.#pauses++;
    this.#pausedUntil = now + pauseMs;
    this.#concurrency = Math.max(1, this.#concurrency >> 1);
    return [{ event: "pause", reason: outcome.failure.message, concurrency: this.#concurrency, pauseMs }];
  }
}
