import type { AttemptOutcome } from "../outcome/attempt.ts";
import type { Failure } from "../outcome/failure.ts";
import type { Clock } from "../system/clock.ts";
import { type Flight, Lane, type LaneChange, type LaneSpec, type WorkItem } from "./lane.ts";
import { decideRetry } from "./retry-policy.ts";
import type { Demand } from "./token-learner.ts";

/** Where the plan indices of a lane come from, in sending order; -1 at the end. */
export interface WorkSource {
  next(): number;
}

/** One attempt that ended. Times are milliseconds; `queuedMs` = admissible → sent, `totalMs` = first admissible → now. */
export interface EndedAttempt {
  readonly lane: Lane;
  readonly index: number;
  /** Counts from 1. */
  readonly attempt: number;
  readonly startedAt: string;
  readonly queuedMs: number;
  readonly totalMs: number;
  readonly outcome: AttemptOutcome;
  /** Whether this request will not be tried again by this scheduler. */
  readonly final: boolean;
}

/** Decides whether requests may be sent at all. */
export interface Admission {
  /** Whether a request may be sent now, with all that are in flight. A no may become a yes when one of those ends. */
  admits(index: number): boolean;
  /** The request is being sent. */
  take(index: number): void;
}

export interface SchedulerOptions {
  readonly lanes: readonly { readonly spec: LaneSpec; readonly work: WorkSource }[];
  /** Attempts in flight at most, over all lanes. */
  readonly concurrency: number;
  readonly maxAttempts: number;
  /** It runs until `stop`, as `feed` may bring more; absent ends with its work. */
  readonly endless?: boolean;
  /** What a request needs of a limit of tokens; asked only where there is one. */
  readonly demandOf?: (index: number) => Demand;
  /** The variant of a request, as a number. */
  readonly groupOf?: (index: number) => number;
  /** Null admits everything. */
  readonly admission?: Admission | null;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Makes and sends one request. Never rejects for what a server or a network does. */
  readonly send: (index: number, lane: Lane) => Promise<AttemptOutcome>;
  readonly onAttempt: (ended: EndedAttempt) => void;
  readonly onLaneChange: (lane: Lane, change: LaneChange) => void;
}

/**
 * Runs the lanes: pulls the next request when a slot and the lane's budget are free, so that nothing is ever queued;
 * one task under the gate is one attempt; a request that waits for a retry lies in its lane and holds no slot. Free
 * slots go to the ready lane with the fewest requests in flight for the work it has left, so that no lane holds back
 * another and all end together; of equal ones to that which has started the fewest.
 */
export class Scheduler {
  readonly lanes: readonly Lane[];
  readonly #options: SchedulerOptions;
  readonly #sources: ReadonlyMap<Lane, WorkSource>;
  #inFlight = 0;
  #stopping = false;
  #exhausted = false;
  #givenUp = 0;
  #cancelTimer: (() => void) | null = null;
  #bug: unknown = null;
  #finish: (() => void) | null = null;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    const now = options.clock.now();
    const { demandOf = () => noDemand, groupOf = () => 0 } = options;
    const context = { demandOf, groupOf, wallAfter: (ms: number) => wallAfter(options.clock, ms) };
    const pairs = options.lanes.map(({ spec, work }) => [new Lane(spec, now, context), work] as const);
    this.lanes = pairs.map(([lane]) => lane);
    this.#sources = new Map(pairs);
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Whether it ended because nothing of what is left was admitted. */
  get exhausted(): boolean {
    return this.#exhausted;
  }

  /** Whether something is left to send. */
  get hasWork(): boolean {
    return this.#givenUp > 0 || this.lanes.some((lane) => lane.hasWork);
  }

  /** Runs until every lane is done or stopped, or until `stop` and the last attempt in flight has ended. */
  async run(): Promise<void> {
    for (const lane of this.lanes) {
      this.#refill(lane);
      lane.spec.shared?.listen(() => this.#pump());
    }
    await new Promise<void>((resolve) => {
      this.#finish = resolve;
      this.#pump();
    });
    if (this.#bug !== null) throw this.#bug;
  }

  /** Sends nothing more; what is in flight goes on. */
  stop(): void {
    this.#stopping = true;
    this.#pump();
  }

  /** Looks again whether there is work for lanes that had none. */
  feed(): void {
    for (const lane of this.lanes) if (lane.head === null && lane.stopped === null) this.#refill(lane);
    this.#pump();
  }

  #pump(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    if (this.#finish === null) return;
    let wakeAt = Number.POSITIVE_INFINITY;
    while (!this.#stopping && this.#inFlight < this.#options.concurrency) {
      const now = this.#options.clock.now();
      const choice = this.#choose(now);
      if (choice.lane === null) {
        wakeAt = choice.wakeAt;
        break;
      }
      this.#start(choice.lane, now);
    }
    // With nothing in flight nothing makes room any more.
    const isEnd = this.#options.endless !== true && (!Number.isFinite(wakeAt) || this.#isRefused());
    if (this.#inFlight === 0 && (this.#stopping || isEnd)) {
      this.#exhausted = !this.#stopping && this.lanes.some((lane) => lane.hasWork);
      this.#finish();
      this.#finish = null;
    } else if (Number.isFinite(wakeAt)) {
      this.#cancelTimer = this.#options.clock.after(wakeAt - this.#options.clock.now(), () => this.#pump());
    }
  }

  /** The ready lane with the fewest attempts in flight, or when the first will be ready. */
  #choose(now: number): { readonly lane: Lane | null; readonly wakeAt: number } {
    let best: Lane | null = null;
    let wakeAt = Number.POSITIVE_INFINITY;
    for (const lane of this.lanes) {
      const at = lane.readyAt(now);
      if (at > now && this.#isOverForToday(lane, now)) continue;
      if (at <= now) {
        if (best === null || isBehind(lane, best)) best = lane;
      } else if (at < wakeAt) wakeAt = at;
    }
    // What is not admitted holds back all lanes, until one in flight ends: else the cheap ones would eat what is left.
    const next = best?.peek(now) ?? null;
    if (next !== null && this.#options.admission?.admits(next.index) === false)
      return { lane: null, wakeAt: Number.POSITIVE_INFINITY };
    return { lane: best, wakeAt };
  }

  /** Ends a lane whose limit of a day is used up. */
  #isOverForToday(lane: Lane, now: number): boolean {
    const change = lane.stopForTheDay(now);
    if (change !== null) this.#options.onLaneChange(lane, change);
    return change !== null;
  }

  /** Whether neither what is next in a lane nor the retry that it waits for will ever be admitted. */
  #isRefused(): boolean {
    const { admission } = this.#options;
    if (admission === null || admission === undefined) return false;
    return this.lanes.every(
      (lane) =>
        !lane.hasWork ||
        [lane.head, lane.retries.next].every((item) => item === null || !admission.admits(item.index)),
    );
  }

  #start(lane: Lane, now: number): void {
    const flight = lane.take(now);
    if (flight === null) return;
    if (lane.head === null) this.#refill(lane);
    this.#inFlight++;
    this.#options.admission?.take(flight.item.index);
    void this.#attempt(lane, flight).catch((error: unknown) => {
      this.#bug ??= error;
      this.#stopping = true;
      this.#inFlight--;
      this.#pump();
    });
  }

  #refill(lane: Lane): void {
    const index = this.#sources.get(lane)?.next() ?? -1;
    if (index < 0) return;
    const now = this.#options.clock.now();
    lane.head = {
      index,
      attempts: 0,
      firstAdmissibleAt: now,
      admissibleAt: now,
      lastFailure: null,
      sameFailures: 0,
      answeredBefore: 0,
      demand: null,
    };
  }

  async #attempt(lane: Lane, flight: Flight): Promise<void> {
    const { clock } = this.#options;
    const { item } = flight;
    const startedAt = clock.wall();
    const outcome = await this.#options.send(item.index, lane);
    const now = clock.now();
    item.attempts++;
    // The client knows when it really wrote the request: what lies before, a connect included, is waiting.
    const queuedMs = Math.max(0, now - outcome.times.latencyMs - item.admissibleAt);
    const changes = lane.settle(flight, outcome, now);
    const again =
      outcome.status === "failed" &&
      this.#retry(lane, item, outcome.failure, outcome.hints?.retryAfterMs ?? null, now);
    if (!again) lane.done++;
    this.#options.onAttempt({
      lane,
      index: item.index,
      attempt: item.attempts,
      startedAt,
      queuedMs,
      totalMs: now - item.firstAdmissibleAt,
      outcome,
      final: !again,
    });
    for (const change of changes) this.#options.onLaneChange(lane, change);
    this.#inFlight--;
    // An attempt may show that what was left out is wanted after all.
    if (lane.head === null) this.#refill(lane);
    this.#pump();
  }

  /** Puts a failed request into its lane's queue if it is worth another attempt; says whether it did. */
  #retry(lane: Lane, item: WorkItem, failure: Failure, retryAfterMs: number | null, now: number): boolean {
    if (this.#stopping || lane.stopped !== null) {
      if (failure.retryable && failure.kind !== "cancelled") this.#givenUp++;
      return false;
    }
    const key = `${failure.kind}\n${failure.message}`;
    if (item.lastFailure === null) item.answeredBefore = lane.answered;
    item.sameFailures = item.lastFailure === key ? item.sameFailures + 1 : 1;
    item.lastFailure = key;
    const decision = decideRetry({
      failure,
      attempts: item.attempts,
      maxAttempts: this.#options.maxAttempts,
      sameFailures: item.sameFailures,
      othersSucceed: lane.answered > item.answeredBefore,
      retryAfterMs,
      random: this.#options.random(),
    });
    if (!decision.retry) return false;
    item.admissibleAt = now + decision.delayMs;
    lane.retries.push({ dueAt: item.admissibleAt, item });
    return true;
  }
}

/** Compares by multiplication: nothing is divided by what is left. */
function isBehind(lane: Lane, other: Lane): boolean {
  const share = lane.inFlight * other.left;
  const otherShare = other.inFlight * lane.left;
  return share === otherShare ? lane.started < other.started : share < otherShare;
}

const noDemand: Demand = { group: 0, promptTokens: 0, mostCompletion: null };

/** To the minute above. */
function wallAfter(clock: Clock, ms: number): string {
  const minute = 60_000;
  const at = Math.ceil((Date.parse(clock.wall()) + ms) / minute) * minute;
  return `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
