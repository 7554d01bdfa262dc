import type { AttemptOutcome, LimitHints } from "../outcome/attempt.ts";
import { type FailureKind, stopsLane } from "../outcome/failure.ts";
import type { LimitAxis } from "../outcome/limit-axis.ts";
import { type Linked, LinkedList } from "../system/linked-list.ts";
import { type Amounts, axisWindowMs } from "./axis.ts";
import { ConcurrencyWindow } from "./concurrency-window.ts";
import { FailureQuota } from "./failure-quota.ts";
import { type Limits, type LimitUse, Pace, type PaceChange, type Reservation } from "./pace.ts";
import { isThrottling, longestAskedMs } from "./retry-policy.ts";
import { RetryQueue } from "./retry-queue.ts";
import type { SharedPace } from "./shared-pace.ts";
import type { Demand } from "./token-learner.ts";

/** What a lane took so long ago, in an earlier session. */
export interface PastUse extends Amounts {
  readonly agoMs: number;
  readonly requests: number;
}

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
  /** Whether that is only the ceiling of what is to be learned. */
  readonly isAdaptive: boolean;
  readonly limits: Limits;
  /** Reserve the 95th percentile of tokens instead of the mean. */
  readonly strict: boolean;
  /** Requests that are left; absent is not known. */
  readonly left?: number;
  /** An earlier session had answers on this lane: failures do not mean that nothing ever works. */
  readonly proven?: boolean;
  readonly past?: readonly PastUse[];
  /** Digest of base URL, account and model as the endpoint calls it: equal wherever the same limits hold. */
  readonly scope?: string;
  /** Its limits of a minute, where other processes use them up, too; absent where nobody does. */
  readonly shared?: SharedPace | null;
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
  /** Its tokens, once a limit asked for them. */
  demand: Demand | null;
}

/** An attempt under way. */
export interface Flight extends Linked<Flight> {
  readonly item: WorkItem;
  readonly sentAt: number;
  readonly reservation: Reservation;
}

/** What a lane asks of the run that it belongs to. */
export interface LaneContext {
  /** What a request needs of a limit of tokens; asked only where there is one. */
  readonly demandOf: (index: number) => Demand;
  /** The variant of a request, as a number. */
  readonly groupOf: (index: number) => number;
  /** Wall-clock time in so many milliseconds, ISO 8601 in UTC. */
  readonly wallAfter: (ms: number) => string;
}

/** A change of a lane's pace, with its reason in words. */
export interface LaneChange {
  readonly event: "pause" | "cut" | "grow" | "limit" | "charge" | "stop";
  readonly reason: string;
  /** Requests in flight at most, from now on. */
  readonly concurrency: number;
  readonly pauseMs: number | null;
  /** The limit that was learned. */
  readonly limit?: { readonly axis: LimitAxis; readonly value: number };
}

/** How a lane stands. */
export interface LaneStatus {
  readonly inFlight: number;
  readonly concurrency: number;
  /** What it will wait for the longest; null when that is not known yet. */
  readonly boundBy: LimitAxis | "concurrency" | null;
  /** Milliseconds until so many requests are answered; null when that is not known yet. */
  readonly etaMs: number | null;
  /** Milliseconds until its pause is over; 0 is not paused. */
  readonly pauseLeftMs: number;
  /** What its known limits of a minute hold. */
  readonly limits: readonly LimitUse[];
}

const firstPauseMs = 1_000;
/** A limit that is known and kept is overrun by a little, if at all. */
const firstKnownPauseMs = 250;
/** What is not refused by then was let through. */
const letThroughMs = 500;
const longestPauseMs = 60_000;
const longestRampMs = 30_000;
const longestHoldMs = 10_000;
/** A hold that long is worth a line of history. */
const notableHoldMs = 1_000;
/** A second refusal that names nothing within this time: fewer at once did not help. */
const rateSuspectMs = 30_000;
/** Nothing ever worked: as many failures in a row and the lane is given up. */
const hopelessAtStart = 12;
/** It worked once: as many failures in a row, over at least a minute. */
const hopelessLater = 50;
const hopelessLaterMs = 60_000;
/** Where nothing is known of an answer's length. */
const assumedWork = 100;
/** What the beginning of an answer is worth, in tokens. */
const beginningWork = 20;
const learnedShare = 0.05;

/**
 * The state of one lane: what waits, what is in flight, how fast it may go. A pure decider of time handed in; it
 * sends nothing itself.
 */
export class Lane {
  readonly spec: LaneSpec;
  readonly retries: RetryQueue<WorkItem> = new RetryQueue();
  /** The next request that was never sent; null at the end of the plan (or before the first look). */
  head: WorkItem | null = null;
  /** Attempts that were started. */
  started = 0;
  answered = 0;
  failed = 0;
  /** Requests that will not be tried again. */
  done = 0;
  /** Why nothing more is sent; null while the lane lives. */
  stopped: { readonly reason: string; readonly kind: FailureKind } | null = null;
  readonly #pace: Pace;
  readonly #window: ConcurrencyWindow;
  readonly #quota = new FailureQuota();
  /** In the order they were sent. */
  readonly #flights = new LinkedList<Flight>();
  readonly #context: LaneContext;
  #pausedUntil = 0;
  #heldUntil = 0;
  #isDrained = true;
  /** When the lane last reacted: refusals of what was sent before belong to the same event. */
  #reactedAt = Number.NEGATIVE_INFINITY;
  #namelessAt = Number.NEGATIVE_INFINITY;
  #pauses = 0;
  #events = 0;
  #failuresInRow = 0;
  #failingSince = 0;
  #lastMessage = "";
  readonly #refusedGroups = new Set<number>();
  #lastAnswerAt: number;
  #meanLatencyMs: number | null = null;

  constructor(spec: LaneSpec, now: number, context: LaneContext) {
    this.spec = spec;
    this.#lastAnswerAt = now;
    this.#pace = new Pace(spec.limits, spec.strict, now, spec.shared ?? null);
    for (const { agoMs, ...amounts } of spec.past ?? []) this.#pace.addPast(amounts, agoMs, now);
    this.#window = new ConcurrencyWindow(spec.concurrency, !spec.isAdaptive, now);
    this.#context = context;
  }

  get inFlight(): number {
    return this.#flights.size;
  }

  get concurrency(): number {
    return this.#window.size;
  }

  /** Requests that are left; 1 where that is not known. */
  get left(): number {
    return this.spec.left === undefined ? 1 : Math.max(1, this.spec.left - this.done);
  }

  /** Whether there is or may be something left to send. */
  get hasWork(): boolean {
    return this.stopped === null && (this.head !== null || this.retries.size > 0);
  }

  /** When the next attempt may start: `now` or earlier is at once, Infinity is not before something ends. */
  readyAt(now: number): number {
    if (!this.hasWork) return Number.POSITIVE_INFINITY;
    const roomAt = this.#window.roomAt(this.#flights.size, now);
    if (roomAt === Number.POSITIVE_INFINITY) return roomAt;
    if (now < this.#pausedUntil) return Math.max(this.#pausedUntil, roomAt);
    if (!this.#isDrained) {
      this.#pace.drain(now);
      this.#isDrained = true;
    }
    const item = this.peek(now);
    if (item === null) return Math.max(this.retries.nextDueAt, roomAt);
    const { ms, axis } = this.#pace.wait(this.#demand(item), now);
    if (axis !== null && axisWindowMs(axis) > longestHeldWindowMs)
      // A request that ends may give back what it did not use.
      return this.#flights.size > 0 ? Number.POSITIVE_INFINITY : now + ms;
    return Math.max(now + ms, roomAt);
  }

  /** The item that `take` would take: a retry that is due goes first. */
  peek(now: number): WorkItem | null {
    return this.retries.nextDueAt <= now ? this.retries.next : this.head;
  }

  /** Takes the next item, budget and a slot. The caller refills `head`. */
  take(now: number): Flight | null {
    const item = this.peek(now);
    if (item === null) return null;
    if (item === this.head) this.head = null;
    else this.retries.pop();
    this.started++;
    const reservation = this.#pace.take(this.#demand(item), now);
    const flight: Flight = { item, sentAt: now, reservation, previous: null, next: null };
    this.#flights.add(flight);
    return flight;
  }

  /** Ends a lane whose limit of a day is used up, once nothing in flight can give anything back; else null. */
  stopForTheDay(now: number): LaneChange | null {
    const item = this.hasWork && this.#flights.size === 0 && now >= this.#pausedUntil ? this.peek(now) : null;
    if (item === null) return null;
    const { ms, axis } = this.#pace.wait(this.#demand(item), now);
    if (axis === null || axisWindowMs(axis) <= longestHeldWindowMs) return null;
    const limit = this.spec.limits[axis] ?? 0;
    return this.#stop(`the ${axis} limit of ${limit} is used up`, "quota", ms);
  }

  /** Takes note of how an attempt ended; gives the changes of pace that follow. */
  settle(flight: Flight, outcome: AttemptOutcome, now: number): readonly LaneChange[] {
    const load = this.#flights.size;
    this.#flights.delete(flight);
    const heard = outcome.hints === null ? [] : this.#hear(flight, outcome.hints, now);
    if (outcome.status === "ok") {
      this.#pace.settle(flight.reservation, outcome.answer.usage, now);
      return [...heard, ...this.#good(flight, outcome, load, now)];
    }
    const { failure, usage } = outcome;
    if (isThrottling(failure.kind)) {
      this.failed++;
      return [...heard, ...this.#throttled(flight, outcome, now)];
    }
    const unbilled = failure.maybeBilled ? "unknown" : "none";
    this.#pace.settle(flight.reservation, usage ?? unbilled, now);
    if (failure.kind === "cancelled") return heard;
    this.failed++;
    return [...heard, ...this.#bad(flight, outcome, now)];
  }

  /** How the lane stands, with so many requests left. */
  status(now: number): LaneStatus {
    const rate = this.#pace.etaMs(this.left);
    const mean = this.#meanLatencyMs;
    const slots = mean === null ? null : (this.left * mean) / this.#window.size;
    const etaMs = slots === null && rate.axis === null ? null : Math.max(slots ?? 0, rate.ms);
    return {
      inFlight: this.inFlight,
      concurrency: this.#window.size,
      boundBy: etaMs === null ? null : rate.ms >= (slots ?? 0) ? rate.axis : "concurrency",
      etaMs: etaMs === null ? null : etaMs + Math.max(0, this.#pausedUntil - now),
      pauseLeftMs: Math.max(0, this.#pausedUntil - now),
      limits: this.#pace.uses(now),
    };
  }

  #demand(item: WorkItem): Demand | null {
    if (!this.#pace.needsTokens) return null;
    item.demand ??= this.#context.demandOf(item.index);
    return item.demand;
  }

  #good(
    { sentAt }: Flight,
    { answer, times }: AttemptOutcome & { status: "ok" },
    load: number,
    now: number,
  ): readonly LaneChange[] {
    this.answered++;
    this.#failuresInRow = 0;
    this.#refusedGroups.clear();
    this.#lastAnswerAt = now;
    this.#quota.answered();
    const found = this.#paceChanges(this.#pace.answered(now));
    if (sentAt >= this.#reactedAt) {
      this.#pauses = 0;
      this.#events = 0;
    }
    const mean = this.#meanLatencyMs;
    this.#meanLatencyMs = mean === null ? times.latencyMs : mean + (times.latencyMs - mean) * learnedShare;
    const work = (answer.usage.completionTokens ?? assumedWork) + beginningWork;
    const change = this.#window.answered({ sentAt, latencyMs: times.latencyMs, work, inFlight: load }, now);
    return change === null ? found : [...found, this.#change(change.event, change.reason)];
  }

  #bad(
    flight: Flight,
    { failure, hints }: AttemptOutcome & { status: "failed" },
    now: number,
  ): readonly LaneChange[] {
    const { kind, message, retryable } = failure;
    // Requests that are each refused for a reason of their own say nothing against the lane.
    const ownFault = kind === "invalid_request" && message !== this.#lastMessage;
    // What is wrong with one variant says nothing of the others.
    const ofVariant = kind === "invalid_request" && this.spec.variants.length > 1;
    if (!ofVariant) {
      if (this.#failuresInRow === 0 || ownFault) this.#failingSince = now;
      this.#failuresInRow = ownFault ? 1 : this.#failuresInRow + 1;
    } else if (this.#refusedGroups.size === 0 || ownFault) {
      this.#failingSince = now;
      this.#refusedGroups.clear();
    }
    if (ofVariant) this.#refusedGroups.add(this.#context.groupOf(flight.item.index));
    this.#lastMessage = message;
    if (this.stopped !== null) return [];
    if (stopsLane(kind)) return [this.#stop(message, kind, hints?.retryAfterMs ?? null)];
    if (kind === "context_overflow" || kind === "content_filtered") return [];
    const failures = ofVariant ? this.#refusedGroups.size : this.#failuresInRow;
    if (this.#isHopeless(kind, failures, now)) {
      const what = ofVariant ? "variants were refused" : "attempts in a row failed";
      return [this.#stop(`${failures} ${what}, the last: ${message}`, kind, null)];
    }
    if (!retryable || !this.#quota.failed() || flight.sentAt < this.#reactedAt) return [];
    this.#reactedAt = now;
    this.#window.reset(now);
    return [this.#pause(`too many failures, the last: ${message}`, 0, now)];
  }

  /** What was sent before the first of the failures may still be answered: answers are slower than refusals. */
  #isHopeless(kind: FailureKind, failures: number, now: number): boolean {
    const oldest = this.#flights.first;
    if (oldest !== null && oldest.sentAt < this.#failingSince) return false;
    if (this.answered === 0 && this.spec.proven !== true) return failures >= hopelessAtStart;
    return (
      kind !== "invalid_request" && failures >= hopelessLater && now - this.#lastAnswerAt >= hopelessLaterMs
    );
  }

  /** The lane slows and pauses as a whole; refusals of what was sent before it did are one and the same event. */
  #throttled(
    flight: Flight,
    { failure, hints }: AttemptOutcome & { status: "failed" },
    now: number,
  ): readonly LaneChange[] {
    const isSame = flight.sentAt < this.#reactedAt;
    const exceeded = hints?.exceeded ?? null;
    if (!isSame) {
      if (this.#letsThrough(now)) {
        this.#events = 0;
        this.#pauses = 0;
      }
      this.#events++;
    }
    const isKnown = exceeded !== null && this.#pace.isStated(exceeded.axis);
    const learned = isSame
      ? []
      : this.#learn(failure.kind, exceeded, flight.reservation, failure.message, now);
    this.#pace.settle(flight.reservation, "none", now);
    const cut = exceeded === null ? this.#window.refused(this.inFlight, !isSame, now) : null;
    const asked = Math.min(hints?.retryAfterMs ?? 0, longestAskedMs);
    if (!isSame) {
      this.#reactedAt = now;
    } else if (this.#reactedAt > now || this.#pausedUntil > now) {
      // The same event; the longest wait that is asked for holds.
      if (this.#pausedUntil > now) this.#pausedUntil = Math.max(this.#pausedUntil, now + asked);
      return [];
    }
    // A server that holds most of what it got refuses what is too much; one that refuses most wants a pause.
    const holdsLittle = this.inFlight < this.#window.refusedFrom / 2;
    const isPause = asked > 0 || exceeded !== null || this.#events > 1 || holdsLittle;
    if (isPause && (!isSame || holdsLittle)) {
      const firstMs = isKnown ? firstKnownPauseMs : firstPauseMs;
      const pause = this.#pause(failure.message, pauseFor(exceeded, asked), now, firstMs);
      this.#pace.freeze(pause.pauseMs ?? 0);
      return [...learned, pause];
    }
    return isSame || cut === null ? learned : [...learned, this.#change("cut", failure.message)];
  }

  /** Whether something that was sent after the last refusals is under way: they come at once, answers take their time. */
  #letsThrough(now: number): boolean {
    for (const { sentAt } of this.#flights)
      if (sentAt >= this.#reactedAt && now - sentAt >= letThroughMs) return true;
    return false;
  }

  #learn(
    kind: FailureKind,
    exceeded: LimitHints["exceeded"],
    reservation: Reservation,
    message: string,
    now: number,
  ): readonly LaneChange[] {
    if (exceeded !== null) {
      const said = this.#pace.told(exceeded, reservation, now);
      return this.#paceChanges(said ?? this.#pace.refused(exceeded, message, this.#events, now));
    }
    if (kind !== "rate_limited") return [];
    const again = now - this.#namelessAt < rateSuspectMs;
    this.#namelessAt = now;
    return again ? this.#paceChanges(this.#pace.suspectRate(message, this.#events, now)) : [];
  }

  #hear(flight: Flight, hints: LimitHints, now: number): readonly LaneChange[] {
    if (hints.axes.length === 0) return [];
    const changes = [...this.#paceChanges(this.#pace.hear(hints, now))];
    if (flight.sentAt < this.#heldUntil) return changes;
    for (const { axis, remaining, resetMs } of hints.axes) {
      if (remaining !== 0 || resetMs === null || axisWindowMs(axis) > longestHeldWindowMs) continue;
      const ms = Math.min(resetMs, longestHoldMs);
      this.#heldUntil = Math.max(this.#heldUntil, now + ms);
      if (this.#heldUntil <= this.#pausedUntil) continue;
      this.#pausedUntil = this.#heldUntil;
      if (ms >= notableHoldMs)
        changes.push(this.#change("pause", `the server has nothing left of its ${axis} limit`, ms));
    }
    return changes;
  }

  #pause(reason: string, atLeastMs: number, now: number, firstMs = firstPauseMs): LaneChange {
    const pauseMs = Math.max(atLeastMs, Math.min(longestPauseMs, firstMs * 2 ** this.#pauses));
    this.#pauses++;
    this.#pausedUntil = Math.max(this.#pausedUntil, now + pauseMs);
    this.#reactedAt = this.#pausedUntil;
    this.#isDrained = false;
    this.#window.ramp(this.#pausedUntil, Math.min(pauseMs, longestRampMs));
    return this.#change("pause", reason, pauseMs);
  }

  /** What waits is left for a resume; `resumeMs` is when it may have sense, null for not known. */
  #stop(why: string, kind: FailureKind, resumeMs: number | null): LaneChange {
    const reason = resumeMs === null ? why : `${why}; it may go on at ${this.#context.wallAfter(resumeMs)}`;
    this.stopped = { reason, kind };
    return { event: "stop", reason, concurrency: 0, pauseMs: null };
  }

  #change(event: LaneChange["event"], reason: string, pauseMs: number | null = null): LaneChange {
    return { event, reason, concurrency: this.#window.size, pauseMs };
  }

  #paceChanges(changes: readonly PaceChange[]): readonly LaneChange[] {
    return changes.map(({ event, axis, limit, reason }) => ({
      ...this.#change(event, reason),
      limit: { axis, value: limit },
    }));
  }
}

/** A longer limit than this ends the lane instead of holding it. */
const longestHeldWindowMs = 3_600_000;
/** An hour's limit is not there again in a minute. */
const hourPauseMs = 300_000;

function pauseFor(exceeded: LimitHints["exceeded"], asked: number): number {
  const isLong = exceeded !== null && axisWindowMs(exceeded.axis) > 60_000;
  return isLong ? Math.max(asked, hourPauseMs) : asked;
}
