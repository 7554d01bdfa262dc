import { monitorEventLoopDelay } from "node:perf_hooks";
import type { RunStatus } from "../aggregate/summary-shape.ts";
import { type AttemptRecord, type JournalRecord, journalVersion } from "../journal/record.ts";
import type { AttemptOutcome } from "../outcome/attempt.ts";
import { pilotOrder } from "../plan/pilot-order.ts";
import type { Plan, PlannedRequest } from "../plan/plan.ts";
import { requestBody } from "../plan/request-body.ts";
import { partAt, SendCursor, type SendPart } from "../plan/send-order.ts";
import type { Provider } from "../provider/provider.ts";
import { plural } from "../report/number-words.ts";
import type { Lane, LaneSpec } from "../schedule/lane.ts";
import { type EndedAttempt, Scheduler } from "../schedule/scheduler.ts";
import type { Demand } from "../schedule/token-learner.ts";
import type { Clock } from "../system/clock.ts";
import { attemptCost } from "./attempt-cost.ts";
import { attemptRecord } from "./attempt-record.ts";
import { beyondWords, exhaustedWords, timeUpWords } from "./budget-words.ts";
import type { RunListener } from "./events.ts";
import { readKnown } from "./known-records.ts";
import { RefusedVariants } from "./refused-variants.ts";
import { demandOf } from "./request-demand.ts";
import type { RunBudget } from "./run-budget.ts";
import { type OpenSessionPart, openSessionPart, type SessionPart } from "./session-part.ts";
import { SessionRecords } from "./session-records.ts";
import { asShared, type SharedRequests } from "./shared-requests.ts";
import { tellStatus } from "./tell-status.ts";

/** How the sending of a session ended. */
export interface SessionEnd {
  readonly status: RunStatus;
  readonly reason: string | null;
  /** Nothing went wrong: a pilot asks no more. */
  readonly pilot?: true;
  /** The signal that asked to stop; null when none did. */
  readonly interruptedBy: string | null;
  /** The disk refused: nothing more could be kept. */
  readonly diskError: Error | null;
  /** Answers that had come and could not be kept. */
  readonly lost: number;
  /** Requests in batches that a provider still works on; absent for none. */
  readonly inBatches?: number;
}

export interface SessionOptions {
  /** The candidate, then its base where there is one. The first says how long to wait and how often to try. */
  readonly parts: readonly SessionPart[];
  /** How the parts are numbered through. */
  readonly order: readonly SendPart[];
  /** What the candidate asks for both; null without a base. */
  readonly shared: SharedRequests | null;
  /** Id of the candidate's run. */
  readonly runId: string;
  readonly lanes: readonly LaneSpec[];
  readonly concurrency: number;
  /** A pilot: so many requests of each variant and no more; null for all of them. */
  readonly perVariant: number | null;
  /** Null limits nothing but, maybe, time. */
  readonly budget: RunBudget | null;
  /** Milliseconds that the run may still take; null is without limit. */
  readonly timeLeftMs: number | null;
  readonly session: string;
  readonly version: string;
  readonly nodeVersion: string;
  readonly proxyFor: (baseUrl: string) => string | null;
  /** How long in-flight requests may take after a stop, in milliseconds. */
  readonly graceMs: number;
  /** Aborted once to stop softly; its reason is the signal's name. */
  readonly stop: AbortSignal;
  /** Aborted to stop at once. */
  readonly kill: AbortSignal;
  readonly clock: Clock;
  readonly random: () => number;
  readonly listener: RunListener;
}

/** Sends what has no answer yet, journals every attempt, and says how it ended. */
export async function runSession(options: SessionOptions): Promise<SessionEnd> {
  return new Session(options).run();
}

/** What a request in flight is about; emptied when it has ended, as `Map` keeps what stood in its former tables. */
interface InFlight {
  readonly part: OpenSessionPart;
  request: PlannedRequest | null;
}

/** One process at work on a run: scheduler, clients and journals, and the ways they may stop. */
class Session {
  readonly #options: SessionOptions;
  readonly #parts: readonly OpenSessionPart[];
  readonly #inFlight = new Map<number, InFlight>();
  /** Requests that were rendered to know their tokens, and are next in their lane. */
  readonly #rendered = new Map<number, PlannedRequest>();
  readonly #scheduler: Scheduler;
  readonly #refused: RefusedVariants;
  #diskError: Error | null = null;
  #lost = 0;
  #interruptedBy: string | null = null;
  #cancelGrace: (() => void) | null = null;
  #timeUp = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    const { lanes, order, clock, random, concurrency } = options;
    const config = first(options.parts).prepared.config;
    this.#parts = options.parts.map((part, i) => {
      return openSessionPart(part, order[i]?.offset ?? 0, {
        timeouts: config.timeouts,
        concurrency,
        version: options.version,
        proxyFor: options.proxyFor,
        onDiskError: (error) => this.#onDiskError(error),
      });
    });
    this.#refused = new RefusedVariants({ ...options, parts: this.#parts });
    this.#scheduler = new Scheduler({
      lanes: lanes.map((spec) => ({
        spec,
        work: this.#unanswered(this.#order(spec.variants), spec.variants),
      })),
      concurrency,
      maxAttempts: config.retryAttempts,
      admission: options.budget,
      clock,
      random,
      demandOf: (position) => this.#demand(position),
      groupOf: (position) => this.#groupOf(position),
      send: (position) => this.#send(position),
      onAttempt: (ended) => this.#record(ended),
      onLaneChange: (lane, change) => {
        this.#append({
          v: journalVersion,
          kind: "lane",
          at: clock.wall(),
          lane: lane.spec.key,
          event: change.event,
          reason: change.reason,
          concurrency: change.concurrency,
          ...(change.pauseMs === null ? {} : { pause_ms: Math.round(change.pauseMs) }),
          ...(change.limit === undefined
            ? {}
            : { axis: change.limit.axis, limit: Math.round(change.limit.value) }),
        });
        options.listener({ kind: "lane", lane: lane.spec.key, change });
      },
    });
  }

  async run(): Promise<SessionEnd> {
    const { stop, kill } = this.#options;
    const records = new SessionRecords(this.#options, first(this.#parts).prepared);
    this.#append(records.start());
    const delay = monitorEventLoopDelay({ resolution: 10 });
    delay.enable();
    const onStop = (): void => this.#softStop(String(stop.reason));
    const onKill = (): void => this.#cancelAll();
    stop.addEventListener("abort", onStop, { once: true });
    kill.addEventListener("abort", onKill, { once: true });
    if (stop.aborted) onStop();
    const offTimer = this.#watchTime();
    const offStatus = tellStatus({
      ...this.#options,
      scheduler: this.#scheduler,
      timeMs: first(this.#parts).prepared.config.budget.timeMs,
    });
    try {
      for (const { journal, known } of this.#parts)
        for (const record of readKnown(known)) journal.append(record);
      await this.#scheduler.run();
      const end = this.#end();
      this.#append(records.end(end, this.#notes(), Math.max(0, delay.percentile(99) / 1e6 - 10)));
      this.#closeJournals();
      // Only now is it known whether the last lines could be written.
      return { ...end, diskError: this.#diskError, lost: this.#lost };
    } finally {
      offTimer();
      offStatus();
      delay.disable();
      stop.removeEventListener("abort", onStop);
      kill.removeEventListener("abort", onKill);
      this.#cancelGrace?.();
      this.#closeJournals();
      await Promise.all(this.#clients().map((client) => client.close()));
    }
  }

  #clients(): readonly Provider[] {
    return this.#parts.flatMap(({ clients }) => [...clients.values()]);
  }

  #closeJournals(): void {
    for (const { journal } of this.#parts) this.#lost += journal.close();
  }

  /** What concerns the session as a whole stands in every journal. */
  #append(record: JournalRecord): void {
    for (const { journal } of this.#parts) journal.append(record);
  }

  /** Positions of some variants' requests as they are sent: all of them, or those of a pilot. */
  #order(variants: readonly number[]): { next(): number } {
    const { order, perVariant } = this.#options;
    if (perVariant === null) return new SendCursor(order, variants);
    const positions = pilotOrder(order, variants, perVariant).values();
    return { next: () => positions.next().value ?? -1 };
  }

  /** The requests of a cursor that have no answer yet and that this part has to ask. */
  #unanswered(cursor: { next(): number }, variants: readonly number[]): { next(): number } {
    const [, base] = this.#parts;
    const inBase = this.#options.shared?.inBase ?? null;
    const isDone = (position: number): boolean => {
      const part = partAt(this.#parts, position);
      const index = position - part.offset;
      return (
        part.index.isAnswered(index) ||
        part.prepared.shard?.has(index) === false ||
        (part === base && inBase?.[index] === 1) ||
        this.#refused.skips(position)
      );
    };
    return {
      next: () => {
        let position = cursor.next();
        while (position >= 0 && isDone(position)) position = cursor.next();
        return position >= 0 ? position : this.#refused.reclaimed(variants);
      },
    };
  }

  #end(): SessionEnd {
    const stopped = this.#scheduler.lanes.filter((lane) => lane.stopped !== null);
    const base = { interruptedBy: this.#interruptedBy, diskError: this.#diskError, lost: 0 };
    if (this.#interruptedBy !== null)
      return { ...base, status: "interrupted", reason: `interrupted by ${this.#interruptedBy}` };
    if (stopped.length > 0) {
      const reason = stopped.map(stopReason).join("; ");
      return { ...base, status: "failed", reason };
    }
    if (this.#scheduler.exhausted && this.#options.budget !== null)
      return { ...base, status: "incomplete", reason: exhaustedWords(this.#options.budget) };
    if (this.#timeUp && this.#scheduler.hasWork)
      return { ...base, status: "incomplete", reason: timeUpWords(this.#parts[0]?.prepared.config.budget) };
    const { perVariant } = this.#options;
    if (perVariant !== null && this.#parts.some(({ prepared }) => isLarger(prepared.plan, perVariant)))
      return { ...base, status: "incomplete", reason: pilotReason(perVariant), pilot: true };
    return { ...base, status: "complete", reason: null };
  }

  #notes(): readonly string[] {
    const { budget } = this.#options;
    const beyond = budget === null ? null : beyondWords(budget);
    return beyond === null ? [] : [beyond];
  }

  /** When the time is up nothing more is sent; what is in flight was paid for, and may end. */
  #watchTime(): () => void {
    const { timeLeftMs, clock, listener } = this.#options;
    if (timeLeftMs === null) return () => undefined;
    const end = (): void => {
      this.#timeUp = true;
      const { inFlight } = this.#scheduler;
      listener({ kind: "stopping", reason: "the time of the budget is up", inFlight });
      this.#scheduler.stop();
    };
    if (timeLeftMs > 0) return clock.after(timeLeftMs, end);
    end();
    return () => undefined;
  }

  /** Rendered once for what limits and the budget ask, and for the wire. */
  #request(position: number): PlannedRequest {
    const part = partAt(this.#parts, position);
    return (
      this.#rendered.get(position) ??
      this.#options.budget?.request(position) ??
      part.prepared.plan.request(position - part.offset)
    );
  }

  #demand(position: number): Demand {
    const request = this.#request(position);
    this.#rendered.set(position, request);
    return demandOf(request, this.#groupOf(position));
  }

  #groupOf(position: number): number {
    const part = partAt(this.#parts, position);
    return part.prepared.plan.coordinates(position - part.offset).variantIndex + part.offset;
  }

  async #send(position: number): Promise<AttemptOutcome> {
    const part = partAt(this.#parts, position);
    const request = this.#request(position);
    this.#rendered.delete(position);
    this.#inFlight.set(position, { part, request });
    this.#refused.sent(position);
    const { provider } = request.variant;
    const endpoint = part.endpoints.get(provider);
    const client = part.clients.get(provider);
    if (endpoint === undefined || client === undefined) throw new Error(`no client for provider ${provider}`);
    part.simulators.teach(request);
    return client.send({
      requestId: request.requestId,
      body: JSON.stringify(requestBody(request, endpoint)),
      stream: request.stream,
    });
  }

  #record(ended: EndedAttempt): void {
    const sent = this.#inFlight.get(ended.index);
    this.#inFlight.delete(ended.index);
    const request = sent?.request ?? null;
    if (sent === undefined || request === null)
      throw new Error(`request ${ended.index} ended without having been sent`);
    const { part } = sent;
    sent.request = null;
    const record = attemptRecord(request, ended);
    part.journal.append(record);
    this.#options.budget?.end(ended.index, request, record);
    this.#share(part, request.index, record);
    this.#refused.note(part, request, ended);
    this.#options.listener({
      kind: "attempt",
      lane: ended.lane.spec.key,
      final: ended.final,
      outcome: ended.outcome,
      ...attemptCost(part.prepared, request.variant.provider, request.variant.parameters, ended.outcome),
    });
  }

  /** The base's journal gets what the candidate asked for both. */
  #share(part: OpenSessionPart, index: number, record: AttemptRecord): void {
    const { shared, runId } = this.#options;
    const [candidate, base] = this.#parts;
    if (shared === null || part !== candidate || (shared.baseOf[index] ?? -1) < 0) return;
    base?.journal.append(asShared(record, runId));
  }

  #softStop(signal: string): void {
    this.#interruptedBy ??= signal;
    const { clock, graceMs, listener } = this.#options;
    listener({ kind: "stopping", reason: signal, inFlight: this.#scheduler.inFlight });
    this.#cancelGrace = clock.after(graceMs, () => this.#cancelAll());
    this.#scheduler.stop();
  }

  #cancelAll(): void {
    this.#scheduler.stop();
    for (const client of this.#clients()) client.cancel();
  }

  #onDiskError(error: Error): void {
    this.#diskError = error;
    this.#cancelAll();
  }
}

function first<T>(items: readonly T[]): T {
  const [item] = items;
  if (item === undefined) throw new Error("a session needs a plan");
  return item;
}

function isLarger({ variants }: Plan, perVariant: number): boolean {
  return variants.some(({ requests }) => requests > perVariant);
}

function pilotReason(perVariant: number): string {
  return `a pilot of ${plural(perVariant, "request")} for each variant`;
}

function stopReason(lane: Lane): string {
  return lane.stopped === null ? "" : `${lane.spec.key}: ${lane.stopped.reason}`;
}
