import { SendCursor } from "../plan/send-order.ts";
import { createBatchClient } from "../provider/batch-client.ts";
import { plural } from "../report/number-words.ts";
import { BatchAttempts } from "./batch-attempts.ts";
import { BatchFiles } from "./batch-files.ts";
import { BatchLane } from "./batch-lane.ts";
import type { BatchOptions } from "./batch-options.ts";
import { exhaustedWords, timeUpWords } from "./budget-words.ts";
import { readKnown } from "./known-records.ts";
import type { SessionEnd, SessionOptions } from "./session.ts";
import { type OpenSessionPart, openSessionPart } from "./session-part.ts";
import { SessionRecords } from "./session-records.ts";
import { tellElsewhere } from "./tell-elsewhere.ts";

/** Hands in what has no answer yet as batches, journals what comes of them, and says how it ended. */
export async function runBatchSession(options: SessionOptions, batch: BatchOptions): Promise<SessionEnd> {
  return new BatchSession(options, batch).run();
}

/** One process at work on a run through the batch API. */
class BatchSession {
  readonly #options: SessionOptions;
  readonly #batch: BatchOptions;
  readonly #part: OpenSessionPart;
  readonly #files: BatchFiles;
  readonly #lanes: readonly BatchLane[];
  /** 1 for a request that a batch of an earlier session asks. */
  readonly #taken: Uint8Array;
  #interruptedBy: string | null = null;
  #diskError: Error | null = null;
  #isTimeUp = false;
  #wake: () => void = () => undefined;

  constructor(options: SessionOptions, batch: BatchOptions) {
    const [part] = options.parts;
    if (part === undefined || options.parts.length > 1) throw new Error("batches ask one plan");
    const { config, plan } = part.prepared;
    this.#options = options;
    this.#batch = batch;
    this.#part = openSessionPart(part, 0, {
      timeouts: config.timeouts,
      concurrency: 1,
      version: options.version,
      proxyFor: options.proxyFor,
      onDiskError: (error) => {
        this.#diskError = error;
        this.#wake();
      },
    });
    this.#files = new BatchFiles(part.directory);
    this.#taken = new Uint8Array(plan.length);
    const desk = {
      options,
      part: this.#part,
      files: this.#files,
      attempts: new BatchAttempts(this.#part, options, config.retryAttempts),
      window: batch.window,
      isStopping: () => this.#isStopping,
      pause: (ms: number) => this.#pause(options.clock.now() + ms),
    };
    this.#lanes = options.lanes.map((spec) => {
      const endpoint = part.endpoints.get(spec.provider);
      if (endpoint === undefined) throw new Error(`no endpoint for provider ${spec.provider}`);
      const client = createBatchClient(endpoint, {
        connectMs: config.timeouts.connectMs,
        userAgent: `promptgrid/${options.version}`,
        proxy: options.proxyFor(endpoint.baseUrl),
      });
      return new BatchLane(spec, desk, client, endpoint, this.#unanswered(spec.variants));
    });
  }

  async run(): Promise<SessionEnd> {
    const { stop, kill } = this.#options;
    const { journal, known } = this.#part;
    const records = new SessionRecords(this.#options, this.#part.prepared);
    journal.append(records.start());
    const onStop = (): void => {
      this.#interruptedBy ??= String(stop.reason);
      this.#options.listener({ kind: "stopping", reason: String(stop.reason), inFlight: 0 });
      this.#wake();
    };
    const onKill = (): void => void this.#closeLanes();
    stop.addEventListener("abort", onStop, { once: true });
    kill.addEventListener("abort", onKill, { once: true });
    if (stop.aborted) onStop();
    const offTime = this.#watchTime();
    try {
      for (const record of readKnown(known)) journal.append(record);
      this.#takeUp();
      await this.#work();
      const end = this.#end();
      journal.append(records.end(end, []));
      const lost = journal.close();
      return { ...end, diskError: this.#diskError, lost };
    } finally {
      offTime();
      stop.removeEventListener("abort", onStop);
      kill.removeEventListener("abort", onKill);
      journal.close();
      await this.#closeLanes();
      await Promise.all([...this.#part.clients.values()].map((client) => client.close()));
    }
  }

  get #isStopping(): boolean {
    return this.#interruptedBy !== null || this.#isTimeUp || this.#diskError !== null;
  }

  async #work(): Promise<void> {
    for (;;) {
      for (const lane of this.#lanes) await lane.handIn();
      const open = this.#lanes.filter((lane) => lane.stopped === null && lane.open > 0);
      if (this.#isStopping || this.#batch.detach || open.length === 0) return;
      tellElsewhere(
        this.#options,
        open.map((lane) => ({ lane: lane.spec.key, requests: lane.openRequests, words: lane.words })),
      );
      await this.#pause(Math.min(...open.map((lane) => lane.nextLookAt)));
      for (const lane of open) await lane.look();
    }
  }

  /** Waits until a moment on the monotonic clock, or until the session is to stop. */
  #pause(until: number): Promise<void> {
    const { clock } = this.#options;
    return new Promise((resolve) => {
      const off = clock.after(until - clock.now(), resolve);
      this.#wake = () => {
        off();
        resolve();
      };
      if (this.#isStopping) this.#wake();
    });
  }

  /** Batches of earlier sessions that are still open: they are looked at, or given up. */
  #takeUp(): void {
    const { index, prepared, journal } = this.#part;
    for (const record of index.openBatches.values()) {
      const lane = this.#lanes.find(
        ({ spec }) => spec.provider === record.provider && spec.model === record.model,
      );
      if (lane === undefined || this.#batch.drop) {
        journal.append({ ...record, event: "dropped", at: this.#options.clock.wall() });
        this.#files.remove(record.name);
        this.#options.listener({
          kind: "notice",
          message: `batch ${record.batch ?? record.name} of ${plural(record.requests, "request")} is given up`,
        });
        continue;
      }
      lane.takeUp(record);
      for (const { variantId, rowId, trial } of this.#files.requests(record.name) ?? []) {
        const position = prepared.plan.locate(variantId, rowId, trial);
        if (position < 0 || index.isAnswered(position)) continue;
        this.#taken[position] = 1;
        this.#options.budget?.take(position);
      }
    }
  }

  /** The requests of variants that have no answer, are in no batch, and belong to this part of the plan. */
  #unanswered(variants: readonly number[]): { next(): number } {
    const cursor = new SendCursor(this.#options.order, variants);
    const { index, prepared } = this.#part;
    const isOut = (position: number): boolean =>
      index.isAnswered(position) || this.#taken[position] === 1 || prepared.shard?.has(position) === false;
    return {
      next: () => {
        let position = cursor.next();
        while (position >= 0 && isOut(position)) position = cursor.next();
        return position;
      },
    };
  }

  #watchTime(): () => void {
    const { timeLeftMs, clock, listener } = this.#options;
    if (timeLeftMs === null) return () => undefined;
    return clock.after(timeLeftMs, () => {
      this.#isTimeUp = true;
      listener({ kind: "stopping", reason: "the time of the budget is up", inFlight: 0 });
      this.#wake();
    });
  }

  #end(): SessionEnd {
    const open = this.#lanes.reduce((sum, lane) => sum + lane.openRequests, 0);
    const batches = this.#lanes.reduce((sum, lane) => sum + lane.open, 0);
    const base = { interruptedBy: this.#interruptedBy, diskError: this.#diskError, lost: 0, inBatches: open };
    const left = open === 0 ? "" : `; ${openWords(batches, open)}`;
    const stopped = this.#lanes.filter((lane) => lane.stopped !== null);
    if (this.#interruptedBy !== null)
      return { ...base, status: "interrupted", reason: `interrupted by ${this.#interruptedBy}${left}` };
    if (stopped.length > 0) {
      const reasons = stopped.map((lane) => `${lane.spec.key}: ${lane.stopped}`);
      return { ...base, status: "failed", reason: `${reasons.join("; ")}${left}` };
    }
    if (this.#isTimeUp)
      return {
        ...base,
        status: "incomplete",
        reason: `${timeUpWords(this.#part.prepared.config.budget)}${left}`,
      };
    if (open > 0) return { ...base, status: "incomplete", reason: openWords(batches, open), pilot: true };
    if (this.#lanes.some(({ isShort }) => isShort) && this.#options.budget !== null)
      return { ...base, status: "incomplete", reason: exhaustedWords(this.#options.budget) };
    return { ...base, status: "complete", reason: null };
  }

  async #closeLanes(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.close()));
  }
}

function openWords(batches: number, requests: number): string {
  return `${plural(requests, "request")} in ${batches === 1 ? "a batch" : plural(batches, "batch")} that the provider still works on`;
}
