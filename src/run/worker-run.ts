import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, sep } from "node:path";
import { hasErrors } from "../diagnostics/diagnostic.ts";
import type { AttemptRecord } from "../journal/record.ts";
import type { Failure } from "../outcome/failure.ts";
import type { PlannedRequest } from "../plan/plan.ts";
import { requestBody } from "../plan/request-body.ts";
import type { Endpoint } from "../provider/endpoint.ts";
import type { Provider } from "../provider/provider.ts";
import { ChunkLeft, type ChunkTaker, takeChunks } from "../queue/chunks.ts";
import type { Announcement, RunBoard } from "../queue/run-board.ts";
import type { SharedLimits } from "../queue/shared-limits.ts";
import type { LaneSpec } from "../schedule/lane.ts";
import { type EndedAttempt, Scheduler } from "../schedule/scheduler.ts";
import type { Clock } from "../system/clock.ts";
import { Fifo } from "../system/fifo.ts";
import { packageVersion } from "../system/package-version.ts";
import { attemptRecord } from "./attempt-record.ts";
import { DiagnosticsError } from "./diagnostics-error.ts";
import { resolveEndpoints } from "./endpoints.ts";
import { type Environment, withDotEnv } from "./environment.ts";
import { planLanes } from "./lanes.ts";
import { prepareKept } from "./open-run.ts";
import type { Prepared } from "./prepare.ts";
import { proxyFrom } from "./proxy.ts";
import { demandOf } from "./request-demand.ts";
import { ResultOutbox } from "./result-outbox.ts";
import { KeptFiles, readRunFile } from "./run-directory.ts";
import { openClients } from "./session-part.ts";
import { withSharedLimits } from "./shared-lanes.ts";
import { Simulators } from "./simulators.ts";

/** What a worker brings to every run that it works on. */
export interface WorkerSettings {
  readonly url: string;
  /** How it is named where a lane stops. */
  readonly id: string;
  readonly workingDirectory: string;
  readonly environment: Environment;
  readonly clock: Clock;
  readonly random: () => number;
  readonly sharedLimits: SharedLimits;
  readonly notice: (message: string) => void;
}

/** A chunk that is worked on. */
interface Chunk {
  readonly id: string;
  readonly lane: number;
  readonly left: Set<number>;
  readonly done: () => void;
  readonly leave: (reason: ChunkLeft) => void;
}

/** What is known of a run before work on it begins. */
interface Opened {
  readonly folder: string;
  readonly prepared: Prepared;
  readonly simulators: Simulators;
  readonly endpoints: ReadonlyMap<string, Endpoint>;
  readonly lanes: readonly LaneSpec[];
  readonly concurrency: number;
}

/** Chunks of a lane that a worker has at a time: when one ends, others keep the lane busy. */
const chunksAtOnce = 4;
/** Results that may wait to be kept; beyond, nothing more is asked. */
const mostHeld = 5_000;
const retryMs = 500;
/** How often it is looked whether chunks are still this worker's, and for how long that is believed. */
const ownEveryMs = 500;
const ownedMs = 2_000;
/** A chunk that was another's: until that one has noticed. */
const takeOverMs = ownedMs + 1_000;

/** One run that a worker works on: its plan, its lanes, and the chunks it has taken. */
export class WorkerRun {
  readonly announcement: Announcement;
  /** Answers and failures that were sent. */
  results = 0;
  readonly #settings: WorkerSettings;
  readonly #board: RunBoard;
  readonly #opened: Opened;
  readonly #clients: ReadonlyMap<string, Provider>;
  readonly #scheduler: Scheduler;
  readonly #outbox: ResultOutbox;
  readonly #waiting: readonly Fifo<number>[];
  readonly #chunks = new Set<Chunk>();
  /** The chunks that want a position. */
  readonly #wanted = new Map<number, Chunk[]>();
  readonly #sent = new Map<number, PlannedRequest>();
  readonly #records = new Map<number, AttemptRecord[]>();
  readonly #takers: ChunkTaker[] = [];
  readonly #ended: Promise<void>;
  readonly #ownTimer: NodeJS.Timeout;
  /** Requests that are being asked. */
  readonly #asked = new Set<number>();
  /** When it was last known whose the chunks are, on the monotonic clock. */
  #ownedAt = Number.NEGATIVE_INFINITY;
  #isCoordinatorThere = true;
  #isHeldBack = false;
  #isStopping = false;

  /** Reads a run from Redis and begins to take its chunks. Throws what is wrong with its files or the environment. */
  static async open(
    board: RunBoard,
    announcement: Announcement,
    settings: WorkerSettings,
  ): Promise<WorkerRun | null> {
    const opened = await openRunFiles(board, settings);
    if (opened === null) return null;
    if (opened.lanes.length !== announcement.lanes) {
      await discard(opened);
      throw new Error("its providers lead to other lanes here: the same keys and addresses are needed");
    }
    const run = new WorkerRun(board, announcement, settings, opened);
    for (const lane of opened.lanes.keys())
      run.#takers.push(
        await takeChunks(settings.url, announcement.scope, lane, chunksAtOnce, (id, positions) =>
          run.#work(id, lane, positions),
        ),
      );
    return run;
  }

  private constructor(board: RunBoard, announcement: Announcement, settings: WorkerSettings, opened: Opened) {
    const { prepared, lanes, concurrency, endpoints } = opened;
    const { environment, clock, random } = settings;
    const { timeouts } = prepared.config;
    this.announcement = announcement;
    this.#board = board;
    this.#settings = settings;
    this.#opened = opened;
    this.#clients = openClients(endpoints, {
      timeouts,
      concurrency,
      version: packageVersion(),
      proxyFor: (baseUrl) => proxyFrom(environment, baseUrl),
    });
    this.#outbox = new ResultOutbox(board, () => this.#isCoordinatorThere);
    this.#waiting = lanes.map(() => new Fifo());
    this.#scheduler = new Scheduler({
      lanes: lanes.map((spec, lane) => ({ spec, work: { next: () => this.#next(lane) } })),
      concurrency,
      maxAttempts: announcement.attempts,
      endless: true,
      clock,
      random,
      demandOf: (position) => demandOf(this.#request(position), this.#groupOf(position)),
      groupOf: (position) => this.#groupOf(position),
      send: (position) => this.#send(position),
      onAttempt: (ended) => this.#note(ended),
      onLaneChange: (lane, change) => {
        if (change.event === "stop") void this.#stopLane(this.#scheduler.lanes.indexOf(lane), change.reason);
      },
    });
    this.#ended = this.#scheduler.run();
    this.#ownTimer = setInterval(() => void this.#lookOwners(), ownEveryMs);
  }

  /** How the run stands: whether its coordinator is there or wants nothing more, and how many results wait for it. */
  look(isCoordinatorThere: boolean, isPaused: boolean, waiting: number): void {
    this.#isCoordinatorThere = isCoordinatorThere;
    this.#isHeldBack = isPaused || waiting > mostHeld || this.#outbox.size > mostHeld;
    if (!this.#isHeldBack) this.#scheduler.feed();
  }

  /** Ends what is in flight, for so many milliseconds at most, sends it, and puts the chunks back. */
  async close(graceMs: number): Promise<void> {
    this.#isStopping = true;
    clearInterval(this.#ownTimer);
    this.#scheduler.stop();
    const timer = setTimeout(() => {
      for (const client of this.#clients.values()) client.cancel();
    }, graceMs);
    await this.#ended;
    clearTimeout(timer);
    const unsent = await this.#outbox.close(graceMs);
    if (unsent > 0) this.#settings.notice(`${this.announcement.name}: ${unsent} results could not be sent`);
    for (const chunk of this.#chunks) chunk.leave(new ChunkLeft("the worker ends"));
    await Promise.all(this.#takers.map((taker) => taker.close()));
    await Promise.all([...this.#clients.values()].map((client) => client.close()));
    await discard(this.#opened);
  }

  async #work(id: string, lane: number, positions: readonly number[]): Promise<void> {
    if (this.#isStopping) throw new ChunkLeft("the worker ends");
    const { id: me, clock } = this.#settings;
    const before = await this.#persist(() => this.#board.own(id, me));
    if (before !== null && before !== me) await new Promise((done) => setTimeout(done, takeOverMs));
    const done = await this.#persist(() => this.#board.done(positions));
    this.#ownedAt = Math.max(this.#ownedAt, clock.now() - ownedMs / 2);
    const asked = positions.filter((_, i) => done[i] !== true);
    if (asked.length === 0 || this.#scheduler.lanes[lane]?.stopped !== null) return;
    await new Promise<void>((resolve, reject) => {
      const chunk: Chunk = { id, lane, left: new Set(asked), done: resolve, leave: reject };
      this.#chunks.add(chunk);
      for (const position of asked) {
        const others = this.#wanted.get(position);
        if (others === undefined) this.#waiting[lane]?.push(position);
        this.#wanted.set(position, [...(others ?? []), chunk]);
      }
      this.#scheduler.feed();
    });
  }

  #next(lane: number): number {
    // Nothing is asked that may be another's by now.
    if (this.#isHeldBack || this.#settings.clock.now() - this.#ownedAt > ownedMs) return -1;
    const waiting = this.#waiting[lane];
    for (;;) {
      const position = waiting?.shift() ?? -1;
      if (position < 0 || this.#wanted.has(position)) return position;
    }
  }

  /** Looks whether the chunks are still this worker's: what was given to another, or forgotten, is not asked any more. */
  async #lookOwners(): Promise<void> {
    const chunks = [...this.#chunks];
    const askedAt = this.#settings.clock.now();
    try {
      const owners = await this.#board.owners(chunks.map(({ id }) => id));
      chunks.forEach((chunk, i) => {
        if (owners[i] !== this.#settings.id) this.#drop(chunk);
      });
      this.#ownedAt = askedAt;
      this.#scheduler.feed();
    } catch {
      // Redis is away: soon nothing more is asked.
    }
  }

  #drop(chunk: Chunk): void {
    this.#chunks.delete(chunk);
    for (const position of chunk.left) {
      const others = (this.#wanted.get(position) ?? []).filter((one) => one !== chunk);
      if (others.length > 0) this.#wanted.set(position, others);
      else if (!this.#asked.has(position)) this.#wanted.delete(position);
    }
    chunk.done();
  }

  #request(position: number): PlannedRequest {
    const known = this.#sent.get(position);
    if (known !== undefined) return known;
    const request = this.#opened.prepared.plan.request(position);
    this.#sent.set(position, request);
    return request;
  }

  #groupOf(position: number): number {
    return this.#opened.prepared.plan.coordinates(position).variantIndex;
  }

  async #send(position: number): ReturnType<Provider["send"]> {
    const request = this.#request(position);
    this.#asked.add(position);
    const { provider } = request.variant;
    const endpoint = this.#opened.endpoints.get(provider);
    const client = this.#clients.get(provider);
    if (endpoint === undefined || client === undefined) throw new Error(`no client for provider ${provider}`);
    this.#opened.simulators.teach(request);
    return client.send({
      requestId: request.requestId,
      body: JSON.stringify(requestBody(request, endpoint)),
      stream: request.stream,
    });
  }

  #note(ended: EndedAttempt): void {
    const position = ended.index;
    const records = this.#records.get(position) ?? [];
    records.push(attemptRecord(this.#request(position), ended));
    if (!ended.final) {
      this.#records.set(position, records);
      return;
    }
    this.#records.delete(position);
    this.#sent.delete(position);
    this.#asked.delete(position);
    const chunks = this.#wanted.get(position) ?? [];
    this.#wanted.delete(position);
    // What a worker that ends gives up is left to others, and not failed.
    if (this.#isStopping && ended.outcome.status === "failed" && isUnsettled(ended.outcome.failure)) return;
    this.results++;
    const chunk = chunks[0]?.id ?? "";
    void this.#outbox.add({ position, chunk, records: JSON.stringify(records) }).then(() => {
      for (const one of chunks) this.#settle(one, position);
    });
  }

  #settle(chunk: Chunk, position: number): void {
    chunk.left.delete(position);
    if (chunk.left.size > 0) return;
    this.#chunks.delete(chunk);
    chunk.done();
  }

  /** A wrong key or an empty account: nothing more of the lane is asked, here or elsewhere. */
  async #stopLane(lane: number, reason: string): Promise<void> {
    const waiting = this.#waiting[lane];
    for (let position = waiting?.shift(); position !== undefined; position = waiting?.shift())
      this.#wanted.delete(position);
    await this.#persist(() => this.#board.sendStop(lane, `${reason} (worker ${this.#settings.id})`));
    for (const chunk of [...this.#chunks].filter((one) => one.lane === lane)) {
      this.#chunks.delete(chunk);
      chunk.done();
    }
  }

  /** Asks Redis until it answers. */
  async #persist<T>(ask: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        if (this.#isStopping) throw new ChunkLeft("the worker ends", { cause: error });
        await new Promise((done) => setTimeout(done, retryMs));
      }
    }
  }
}

function isUnsettled({ kind, retryable }: Failure): boolean {
  return retryable || kind === "cancelled";
}

/** Writes a run's files into a folder of their own and makes its plan; null where Redis has none. */
async function openRunFiles(board: RunBoard, settings: WorkerSettings): Promise<Opened | null> {
  const files = await board.files();
  if (files.size === 0) return null;
  const folder = mkdtempSync(join(tmpdir(), "promptgrid-worker-"));
  try {
    for (const [name, content] of files) {
      const path = join(folder, name);
      if (!path.startsWith(`${folder}${sep}`)) throw new Error(`\`${name}\` is no name of an input`);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content);
    }
    return await openFolder(folder, settings);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

async function openFolder(folder: string, settings: WorkerSettings): Promise<Opened> {
  const run = readRunFile(folder);
  const prepared = prepareKept(folder, run);
  const kept = new KeptFiles(folder, run.inputs);
  const environment = withDotEnv(settings.environment, settings.workingDirectory, run.matrix.file);
  const { endpoints: resolved, diagnostics } = resolveEndpoints(
    new Set(prepared.plan.variants.map(({ provider }) => provider)),
    prepared.config,
    environment,
    kept,
  );
  if (hasErrors(diagnostics)) throw new DiagnosticsError(diagnostics, kept);
  const simulators = new Simulators(prepared, kept);
  const endpoints = await simulators.start(resolved, (error) =>
    settings.notice(`the simulator crashed: ${error.message}`),
  );
  const { lanes, concurrency } = planLanes([{ plan: prepared.plan, endpoints }], prepared.config.limits);
  return {
    folder,
    prepared,
    simulators,
    endpoints,
    concurrency,
    lanes: lanes.map((lane) => withSharedLimits(lane, settings.sharedLimits, prepared.limitShare)),
  };
}

async function discard({ folder, simulators }: Opened): Promise<void> {
  await simulators.close();
  rmSync(folder, { recursive: true, force: true });
}
