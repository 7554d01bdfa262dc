import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { RunStatus } from "../aggregate/summary-shape.ts";
import { type AttemptRecord, journalVersion, outcomeFields, round } from "../journal/record.ts";
import { JournalWriter } from "../journal/writer.ts";
import type { AttemptOutcome } from "../outcome/attempt.ts";
import { bodyId, type PlannedRequest } from "../plan/plan.ts";
import { requestBody } from "../plan/request-body.ts";
import { rowOrder, SendCursor } from "../plan/send-order.ts";
import { createChatClient } from "../provider/chat-client.ts";
import type { Endpoint } from "../provider/endpoint.ts";
import type { Provider } from "../provider/provider.ts";
import type { Lane, LaneSpec } from "../schedule/lane.ts";
import { type EndedAttempt, Scheduler } from "../schedule/scheduler.ts";
import type { Clock } from "../system/clock.ts";
import type { RunListener } from "./events.ts";
import type { JournalIndex } from "./journal-index.ts";
import type { Prepared } from "./prepare.ts";
import { runFiles } from "./run-directory.ts";
import type { Simulators } from "./simulators.ts";

const spareConnections = 4;

/** How the sending of a session ended. */
export interface SessionEnd {
  readonly status: RunStatus;
  readonly reason: string | null;
  /** The signal that asked to stop; null when none did. */
  readonly interruptedBy: string | null;
  /** The disk refused: nothing more could be kept. */
  readonly diskError: Error | null;
}

export interface SessionOptions {
  readonly prepared: Prepared;
  readonly directory: string;
  readonly index: JournalIndex;
  /** Length of the good part of the journal when a torn tail must be cut off; null otherwise. */
  readonly cutAt: number | null;
  readonly endpoints: ReadonlyMap<string, Endpoint>;
  readonly lanes: readonly LaneSpec[];
  readonly concurrency: number;
  readonly simulators: Simulators;
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

/** Answers known before the session that are written into its journal first. */
export interface ReusedAnswer {
  readonly index: number;
  readonly record: AttemptRecord;
}

/** Sends what has no answer yet, journals every attempt, and says how it ended. */
export async function runSession(
  options: SessionOptions,
  reused: readonly ReusedAnswer[],
): Promise<SessionEnd> {
  return new Session(options).run(reused);
}

/** One process at work on a run: scheduler, clients and journal, and the ways they may stop. */
class Session {
  readonly #options: SessionOptions;
  readonly #journal: JournalWriter;
  readonly #clients = new Map<string, Provider>();
  readonly #inFlight = new Map<number, PlannedRequest>();
  readonly #scheduler: Scheduler;
  #diskError: Error | null = null;
  #interruptedBy: string | null = null;
  #cancelGrace: (() => void) | null = null;

  constructor(options: SessionOptions) {
    this.#options = options;
    const { prepared, index, lanes, clock, random, concurrency } = options;
    this.#journal = new JournalWriter(
      join(options.directory, runFiles.journal),
      (error) => this.#onDiskError(error),
      options.cutAt,
    );
    const order = rowOrder(prepared.plan);
    this.#scheduler = new Scheduler({
      lanes: lanes.map((spec) => ({
        spec,
        work: unanswered(new SendCursor(prepared.plan, spec.variants, order), index),
      })),
      concurrency,
      maxAttempts: prepared.config.retryAttempts,
      clock,
      random,
      send: (position, lane) => this.#send(position, lane),
      onAttempt: (ended) => this.#record(ended),
      onLaneChange: (lane, change) => {
        this.#journal.append({
          v: journalVersion,
          kind: "lane",
          at: clock.wall(),
          lane: lane.spec.key,
          event: change.event,
          reason: change.reason,
          concurrency: change.concurrency,
          ...(change.pauseMs === null ? {} : { pause_ms: Math.round(change.pauseMs) }),
        });
        options.listener({ kind: "lane", lane: lane.spec.key, change });
      },
    });
    for (const [key, endpoint] of options.endpoints) {
      this.#clients.set(
        key,
        createChatClient(endpoint, {
          timeouts: prepared.config.timeouts,
          // undici frees a socket one turn of the event loop late: a few more keep that from being a wait.
          connections: concurrency + spareConnections,
          userAgent: `promptgrid/${options.version}`,
          proxy: options.proxyFor(endpoint.baseUrl),
        }),
      );
    }
  }

  async run(reused: readonly ReusedAnswer[]): Promise<SessionEnd> {
    const { clock, session, version, nodeVersion, stop, kill } = this.#options;
    const startedAt = clock.now();
    const common = {
      v: journalVersion,
      kind: "session",
      session,
      promptgrid_version: version,
      node_version: nodeVersion,
    } as const;
    this.#journal.append({ ...common, event: "start", at: clock.wall() });
    for (const { record } of reused) this.#journal.append(record);
    const delay = monitorEventLoopDelay({ resolution: 10 });
    delay.enable();
    const onStop = (): void => this.#softStop(String(stop.reason));
    const onKill = (): void => this.#cancelAll();
    stop.addEventListener("abort", onStop, { once: true });
    kill.addEventListener("abort", onKill, { once: true });
    if (stop.aborted) onStop();
    try {
      await this.#scheduler.run();
      const end = this.#end();
      this.#journal.append({
        ...common,
        event: "end",
        at: clock.wall(),
        wall_seconds: round((clock.now() - startedAt) / 1_000),
        status: end.status,
        reason: end.reason,
        event_loop_delay_p99_ms: round(Math.max(0, delay.percentile(99) / 1e6 - 10)),
      });
      this.#journal.close();
      // Only now is it known whether the last lines could be written.
      return { ...end, diskError: this.#diskError };
    } finally {
      delay.disable();
      stop.removeEventListener("abort", onStop);
      kill.removeEventListener("abort", onKill);
      this.#cancelGrace?.();
      this.#journal.close();
      await Promise.all([...this.#clients.values()].map((client) => client.close()));
    }
  }

  #end(): SessionEnd {
    const stopped = this.#scheduler.lanes.filter((lane) => lane.stopped !== null);
    const base = { interruptedBy: this.#interruptedBy, diskError: this.#diskError };
    if (this.#interruptedBy !== null)
      return { ...base, status: "interrupted", reason: `interrupted by ${this.#interruptedBy}` };
    if (stopped.length > 0) {
      const reason = stopped.map(stopReason).join("; ");
      return { ...base, status: "failed", reason };
    }
    return { ...base, status: "complete", reason: null };
  }

  async #send(position: number, lane: Lane): Promise<AttemptOutcome> {
    const { prepared, endpoints, simulators } = this.#options;
    const request = prepared.plan.request(position);
    this.#inFlight.set(position, request);
    const endpoint = endpoints.get(lane.spec.provider);
    const client = this.#clients.get(lane.spec.provider);
    if (endpoint === undefined || client === undefined)
      throw new Error(`no client for provider ${lane.spec.provider}`);
    simulators.teach(request);
    return client.send({
      requestId: request.requestId,
      body: JSON.stringify(requestBody(request, endpoint)),
      stream: request.stream,
    });
  }

  #record(ended: EndedAttempt): void {
    const request = this.#inFlight.get(ended.index);
    this.#inFlight.delete(ended.index);
    if (request === undefined) throw new Error(`request ${ended.index} ended without having been sent`);
    this.#journal.append({
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
    });
    this.#options.listener({
      kind: "attempt",
      lane: ended.lane.spec.key,
      final: ended.final,
      outcome: ended.outcome,
    });
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
    for (const client of this.#clients.values()) client.cancel();
  }

  #onDiskError(error: Error): void {
    this.#diskError = error;
    this.#cancelAll();
  }
}

/** The requests of a cursor that have no answer yet. */
function unanswered(cursor: SendCursor, index: JournalIndex): { next(): number } {
  return {
    next: () => {
      let position = cursor.next();
      while (position >= 0 && index.isAnswered(position)) position = cursor.next();
      return position;
    },
  };
}

function stopReason(lane: Lane): string {
  return lane.stopped === null ? "" : `${lane.spec.key}: ${lane.stopped.reason}`;
}
