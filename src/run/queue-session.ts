import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Redis } from "ioredis";
import { RunError } from "../errors.ts";
import { type AttemptRecord, recordedAnswer, recordedFailure, recordedUsage } from "../journal/record.ts";
import type { AttemptOutcome } from "../outcome/attempt.ts";
import { SendCursor } from "../plan/send-order.ts";
import { type ChunkQueue, chunkId, openChunkQueue } from "../queue/chunks.ts";
import { openRedis, shownRedisUrl } from "../queue/redis-connection.ts";
import { RunBoard, type SeenWorker, type StreamEntry, seenWorkers } from "../queue/run-board.ts";
import { plural } from "../report/number-words.ts";
import type { LaneSpec } from "../schedule/lane.ts";
import { Fifo } from "../system/fifo.ts";
import { attemptCost } from "./attempt-cost.ts";
import { exhaustedWords, timeUpWords } from "./budget-words.ts";
import { readKnown } from "./known-records.ts";
import { planScope } from "./plan-scope.ts";
import { readRunFile, runFiles } from "./run-directory.ts";
import type { SessionEnd, SessionOptions } from "./session.ts";
import { type OpenSessionPart, openSessionPart } from "./session-part.ts";
import { SessionRecords } from "./session-records.ts";
import { tellElsewhere } from "./tell-elsewhere.ts";

/** A chunk that is with the workers. */
interface Chunk {
  readonly id: string;
  readonly positions: readonly number[];
  readonly left: Set<number>;
  /** Whether Redis has it. */
  isAdded: boolean;
  /** Since when it is not in the queue any more, on the monotonic clock; null while it is. */
  goneAt: number | null;
}

/** One lane: what is to be dealt out, and what is. */
interface QueueLane {
  readonly spec: LaneSpec;
  readonly queue: ChunkQueue;
  readonly cursor: { next(): number };
  readonly again: Fifo<number>;
  readonly chunks: Map<string, Chunk>;
  isShort: boolean;
  stopped: string | null;
}

const heartbeatMs = 3_000;
const retryMs = 500;
/** Commands wait for a read that blocks for a second. */
const readerCommandMs = 10_000;
const leastChunk = 50;
const mostChunk = 500;
/** Chunks of a lane that wait or are worked on, for each worker. */
const chunksAhead = 6;
/** A chunk that is not in the queue any more, and whose results do not come, is dealt out again. */
const goneMs = 10_000;

/** Deals out what has no answer to the workers of a queue, journals what they send, and says how it ended. */
export async function runQueueSession(options: SessionOptions, url: string): Promise<SessionEnd> {
  const { redis, notices } = await openRedis(url);
  const reader = await openRedis(url, {
    commandTimeout: readerCommandMs,
    socketTimeout: readerCommandMs,
  }).catch((error: unknown) => {
    redis.disconnect();
    throw error;
  });
  try {
    for (const message of notices) options.listener({ kind: "notice", message });
    return await new QueueSession(options, url, redis, reader.redis).run();
  } finally {
    redis.disconnect();
    reader.redis.disconnect();
  }
}

/** The coordinator of a run. */
class QueueSession {
  readonly #options: SessionOptions;
  readonly #url: string;
  readonly #part: OpenSessionPart;
  readonly #board: RunBoard;
  readonly #reading: RunBoard;
  readonly #redis: Redis;
  readonly #owner = randomBytes(8).toString("hex");
  #lanes: readonly QueueLane[] = [];
  /** 1 for a request that has its result. */
  readonly #decided: Uint8Array;
  /** 1 for a request that is in a chunk. */
  readonly #dealt: Uint8Array;
  /** 1 for a request that was dealt out before: what says that it is done has to go. */
  readonly #tried: Uint8Array;
  readonly #attempts = new Map<number, number>();
  #workers: readonly SeenWorker[] = [];
  #workersTold = false;
  #readUpTo = "0";
  #left: number;
  #interruptedBy: string | null = null;
  #diskError: Error | null = null;
  #isTimeUp = false;
  #isAway = false;
  #lostLock = false;
  #wake: () => void = () => undefined;

  constructor(options: SessionOptions, url: string, redis: Redis, reader: Redis) {
    const [part] = options.parts;
    if (part === undefined || options.parts.length > 1) throw new Error("a queue has one plan");
    const { prepared, directory } = part;
    const scope = planScope(readRunFile(directory));
    this.#options = options;
    this.#url = url;
    this.#redis = redis;
    this.#board = new RunBoard(redis, scope);
    this.#reading = new RunBoard(reader, scope);
    this.#decided = new Uint8Array(prepared.plan.length);
    this.#dealt = new Uint8Array(prepared.plan.length);
    this.#tried = new Uint8Array(prepared.plan.length);
    this.#left = options.lanes.reduce((sum, { left }) => sum + (left ?? 0), 0);
    for (let i = 0; i < prepared.plan.length; i++) if (part.index.isAnswered(i)) this.#decided[i] = 1;
    this.#part = openSessionPart(part, 0, {
      timeouts: prepared.config.timeouts,
      concurrency: 1,
      version: options.version,
      proxyFor: options.proxyFor,
      onDiskError: (error) => {
        this.#diskError = error;
        this.#wake();
      },
    });
  }

  async run(): Promise<SessionEnd> {
    const { stop } = this.#options;
    const { journal, known, prepared } = this.#part;
    const records = new SessionRecords(this.#options, prepared);
    const onStop = (): void => {
      this.#interruptedBy ??= String(stop.reason);
      this.#options.listener({ kind: "stopping", reason: String(stop.reason), inFlight: 0 });
      this.#wake();
    };
    let offTime = (): void => undefined;
    let isBegun = false;
    try {
      await this.#begin();
      isBegun = true;
      journal.append(records.start());
      for (const record of readKnown(known)) journal.append(record);
      stop.addEventListener("abort", onStop, { once: true });
      if (stop.aborted) onStop();
      offTime = this.#watchTime();
      await this.#work();
      const end = this.#end();
      journal.append(records.end(end, []));
      const lost = journal.close();
      if (end.status === "complete") await this.#persist(() => this.#removeAll());
      return { ...end, diskError: this.#diskError, lost };
    } finally {
      offTime();
      stop.removeEventListener("abort", onStop);
      journal.close();
      if (isBegun) await this.#board.unlock(this.#owner).catch(() => undefined);
      await Promise.all(this.#lanes.map(({ queue }) => queue.close().catch(() => undefined)));
      await Promise.all([...this.#part.clients.values()].map((client) => client.close()));
    }
  }

  get #isStopping(): boolean {
    return this.#interruptedBy !== null || this.#isTimeUp || this.#diskError !== null || this.#lostLock;
  }

  /** Takes the lock, puts there what workers need, and takes up the chunks of a coordinator before. */
  async #begin(): Promise<void> {
    if ((await this.#board.lock(this.#owner)) === "other")
      throw new RunError(
        "queue/coordinator",
        `another coordinator deals out this run at ${shownRedisUrl(this.#url)}`,
        {
          hint: "stop it, or wait 10 s where it was killed",
        },
      );
    await this.#publish();
    const { order, lanes, budget } = this.#options;
    const opened: QueueLane[] = [];
    this.#lanes = opened;
    for (const [i, spec] of lanes.entries()) {
      const queue = await openChunkQueue(this.#url, this.#board.scope, i);
      const lane: QueueLane = {
        spec,
        queue,
        cursor: this.#unanswered(new SendCursor(order, spec.variants)),
        again: new Fifo(),
        chunks: new Map(),
        isShort: false,
        stopped: null,
      };
      opened.push(lane);
      for (const { id, positions } of await queue.positions()) {
        const left = new Set(positions.filter((position) => this.#decided[position] !== 1));
        for (const position of left) {
          this.#dealt[position] = 1;
          budget?.take(position);
        }
        lane.chunks.set(id, { id, positions, left, isAdded: true, goneAt: null });
      }
    }
  }

  /** What Redis has to have of the run: files, what is kept already, and that it wants workers. */
  async #publish(): Promise<void> {
    const { directory, prepared } = this.#part;
    const run = readRunFile(directory);
    const names = [runFiles.run, ...run.inputs.map(({ file }) => file)];
    await this.#board.putFiles(new Map(names.map((name) => [name, readFileSync(join(directory, name))])));
    const bits = Buffer.alloc(Math.ceil(prepared.plan.length / 8));
    this.#decided.forEach((decided, i) => {
      if (decided === 1) bits[i >> 3] = (bits[i >> 3] ?? 0) | (0x80 >> (i & 7));
    });
    await this.#board.putKept(bits);
    await this.#announce();
  }

  async #announce(): Promise<void> {
    const { lanes, version, budget } = this.#options;
    const { config } = this.#part.prepared;
    await this.#board.announce({
      scope: this.#board.scope,
      name: config.name,
      version,
      lanes: lanes.length,
      // What may be billed twice is admitted twice.
      attempts: budget === null ? config.retryAttempts : 1,
      isPaused: this.#isStopping,
    });
  }

  async #work(): Promise<void> {
    let beatAt = 0;
    for (;;) {
      const { clock } = this.#options;
      if (clock.now() >= beatAt) {
        await this.#guarded(() => this.#beat());
        beatAt = clock.now() + heartbeatMs;
      }
      if (this.#isStopping) break;
      await this.#guarded(() => this.#deal());
      this.#tellLanes();
      if (this.#lanes.every((lane) => lane.stopped !== null || lane.chunks.size === 0)) return;
      await this.#guarded(() => this.#read());
    }
    if (this.#lostLock) return;
    // What waits is not to be asked by anyone, nor the rest of what is under way; answers wait for the next session.
    await this.#guarded(async () => {
      await this.#announce();
      for (const { queue } of this.#lanes) await queue.drain();
    });
  }

  /** Does what needs Redis; where it is away, says so once, and waits a little. */
  async #guarded(step: () => Promise<void>): Promise<void> {
    try {
      await step();
      this.#tellState(null);
    } catch (error) {
      if (error instanceof RunError || this.#diskError !== null) throw error;
      this.#tellState((error as Error).message);
      await this.#pause(retryMs);
    }
  }

  /** Every few seconds: the lock, the announcement, the workers, and chunks that vanished. */
  async #beat(): Promise<void> {
    const lock = await this.#board.lock(this.#owner);
    if (lock === "other") {
      this.#lostLock = true;
      return;
    }
    // Redis has forgotten: everything is put there again.
    if (lock === "taken") await this.#publish();
    else await this.#announce();
    this.#workers = await seenWorkers(this.#redis);
    this.#tellWorkers();
    for (const lane of this.#lanes) await this.#findGone(lane);
  }

  async #findGone(lane: QueueLane): Promise<void> {
    const { clock } = this.#options;
    for (const chunk of [...lane.chunks.values()]) {
      if (!chunk.isAdded) continue;
      if (await lane.queue.has(chunk.id)) {
        chunk.goneAt = null;
        continue;
      }
      chunk.goneAt ??= clock.now();
      if (clock.now() - chunk.goneAt < goneMs) continue;
      lane.chunks.delete(chunk.id);
      for (const position of chunk.left) {
        this.#options.budget?.release(position);
        this.#askAgain(lane, position);
      }
    }
  }

  #askAgain(lane: QueueLane, position: number): void {
    this.#tried[position] = 1;
    lane.again.push(position);
  }

  /** Deals out chunks as long as workers, budget and plan have room for more. */
  async #deal(): Promise<void> {
    const live = this.#workers.filter(({ version }) => version === this.#options.version).length;
    const most = chunksAhead * Math.max(1, live);
    const size = Math.min(mostChunk, Math.max(leastChunk, Math.ceil(this.#left / (8 * Math.max(1, live)))));
    for (const lane of this.#lanes) {
      for (const chunk of lane.chunks.values()) if (!chunk.isAdded) await this.#add(lane, chunk);
      lane.isShort = false;
      while (lane.stopped === null && lane.chunks.size < most) {
        const positions = this.#take(lane, size);
        if (positions.length === 0) break;
        const chunk: Chunk = {
          id: chunkId(positions),
          positions,
          left: new Set(positions),
          isAdded: false,
          goneAt: null,
        };
        lane.chunks.set(chunk.id, chunk);
        await this.#add(lane, chunk);
      }
    }
  }

  async #add(lane: QueueLane, chunk: Chunk): Promise<void> {
    const tried = chunk.positions.filter((position) => this.#tried[position] === 1);
    if (tried.length > 0) await this.#board.undo(tried);
    await lane.queue.add(chunk.positions);
    chunk.isAdded = true;
  }

  /** The next requests of a lane that find room in the budget. */
  #take(lane: QueueLane, size: number): readonly number[] {
    const { budget } = this.#options;
    const positions: number[] = [];
    while (positions.length < size) {
      const position = lane.again.shift() ?? lane.cursor.next();
      if (position < 0) break;
      if (budget?.admits(position) === false) {
        lane.again.unshift(position);
        lane.isShort = true;
        break;
      }
      budget?.take(position);
      this.#dealt[position] = 1;
      positions.push(position);
    }
    return positions;
  }

  /** Reads what workers sent, writes it to the disk, and lets Redis forget it. */
  async #read(): Promise<void> {
    const found = await this.#reading.read(this.#readUpTo);
    const last = found.at(-1)?.id;
    if (last === undefined) return;
    const kept: number[] = [];
    for (const { entry } of found) {
      this.#handle(entry);
      if (entry.kind === "result") kept.push(entry.position);
    }
    if (!this.#part.journal.settle()) return;
    this.#readUpTo = last;
    await this.#board.keep(kept, last);
  }

  #handle(entry: StreamEntry): void {
    if (entry.kind === "stopped") {
      const lane = this.#lanes[entry.lane];
      if (lane !== undefined) lane.stopped ??= entry.reason;
      return;
    }
    const { position } = entry;
    const lane = this.#lanes.find(({ chunks }) =>
      [...chunks.values()].some(({ left }) => left.has(position)),
    );
    const chunk = [...(lane?.chunks.values() ?? [])].find(({ left }) => left.has(position));
    const records = JSON.parse(entry.records) as readonly AttemptRecord[];
    const last = records.at(-1);
    if (last === undefined || this.#decided[position] !== 0) return;
    // An answer is an answer, whoever was to ask; a failure counts for the chunk that is waited for.
    if (last.status !== "ok" && (chunk === undefined || chunk.id !== entry.chunk)) return;
    this.#journal(position, records, lane);
    if (chunk !== undefined) {
      chunk.left.delete(position);
      if (chunk.left.size === 0) lane?.chunks.delete(chunk.id);
    }
  }

  #journal(position: number, records: readonly AttemptRecord[], lane: QueueLane | undefined): void {
    const { budget, listener } = this.#options;
    const { prepared, journal } = this.#part;
    const request = prepared.plan.request(position);
    if (budget !== null && this.#dealt[position] === 0) budget.take(position);
    this.#dealt[position] = 0;
    records.forEach((sent, i) => {
      const attempt = (this.#attempts.get(position) ?? 0) + 1;
      const record: AttemptRecord = { ...sent, attempt };
      const isLast = i === records.length - 1;
      const again =
        isLast &&
        budget !== null &&
        record.failure?.retryable === true &&
        attempt < prepared.config.retryAttempts &&
        lane?.stopped === null;
      journal.append(record);
      if (isLast) budget?.end(position, request, record);
      if (record.status === "ok" || (isLast && !again)) this.#attempts.delete(position);
      else this.#attempts.set(position, attempt);
      if (again) this.#askAgain(lane, position);
      else if (isLast) {
        this.#decided[position] = 1;
        this.#left--;
      }
      const outcome = outcomeOf(record);
      listener({
        kind: "attempt",
        lane: lane?.spec.key ?? "",
        final: isLast && !again,
        outcome,
        ...attemptCost(prepared, request.variant.provider, request.variant.parameters, outcome),
      });
    });
  }

  #unanswered(cursor: { next(): number }): { next(): number } {
    const { prepared } = this.#part;
    const isOut = (position: number): boolean =>
      this.#decided[position] === 1 || this.#dealt[position] === 1 || prepared.shard?.has(position) === false;
    return {
      next: () => {
        let position = cursor.next();
        while (position >= 0 && isOut(position)) position = cursor.next();
        return position;
      },
    };
  }

  #watchTime(): () => void {
    const { timeLeftMs, clock } = this.#options;
    if (timeLeftMs === null) return () => undefined;
    return clock.after(timeLeftMs, () => {
      this.#isTimeUp = true;
      this.#wake();
    });
  }

  #end(): SessionEnd {
    const base = { interruptedBy: this.#interruptedBy, diskError: this.#diskError, lost: 0 };
    if (this.#interruptedBy !== null)
      return { ...base, status: "interrupted", reason: `interrupted by ${this.#interruptedBy}` };
    if (this.#lostLock)
      return { ...base, status: "failed", reason: "another coordinator has taken the run over" };
    const stopped = this.#lanes.filter((lane) => lane.stopped !== null);
    if (stopped.length > 0) {
      const reasons = stopped.map((lane) => `${lane.spec.key}: ${lane.stopped}`);
      return { ...base, status: "failed", reason: reasons.join("; ") };
    }
    if (this.#isTimeUp)
      return { ...base, status: "incomplete", reason: timeUpWords(this.#part.prepared.config.budget) };
    if (this.#lanes.some(({ isShort }) => isShort) && this.#options.budget !== null)
      return { ...base, status: "incomplete", reason: exhaustedWords(this.#options.budget) };
    return { ...base, status: "complete", reason: null };
  }

  async #removeAll(): Promise<void> {
    await this.#board.remove();
    for (const { queue } of this.#lanes) await queue.remove();
  }

  async #persist(step: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        await step();
        return;
      } catch {
        if (this.#isStopping) return;
        await this.#pause(retryMs);
      }
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const off = this.#options.clock.after(ms, resolve);
      this.#wake = () => {
        off();
        resolve();
      };
    });
  }

  #tellLanes(): void {
    const workers = plural(this.#workers.length, "worker");
    const lanes = this.#lanes.map(({ spec, chunks }) => {
      const requests = [...chunks.values()].reduce((sum, { left }) => sum + left.size, 0);
      return { lane: spec.key, requests, words: `${requests} with ${workers}` };
    });
    tellElsewhere(
      this.#options,
      lanes.filter(({ requests }) => requests > 0),
    );
  }

  #tellWorkers(): void {
    const fit = this.#workers.filter(({ version }) => version === this.#options.version).length;
    if (fit > 0 || this.#workersTold) return;
    this.#workersTold = true;
    const others =
      this.#workers.length === 0 ? "" : ` (${plural(this.#workers.length, "worker")} of another version)`;
    this.#notice(
      `no worker is there yet${others}; start some: promptgrid worker --queue ${shownRedisUrl(this.#url)}`,
    );
  }

  #tellState(failure: string | null): void {
    if (this.#isAway === (failure !== null)) return;
    this.#isAway = failure !== null;
    const shown = shownRedisUrl(this.#url);
    this.#notice(failure === null ? `${shown} answers again` : `${shown} does not answer (${failure})`);
  }

  #notice(message: string): void {
    this.#options.listener({ kind: "notice", message });
  }
}

/** What a record says of its exchange, for whoever shows it. */
function outcomeOf(record: AttemptRecord): AttemptOutcome {
  const common = {
    times: { latencyMs: record.latency_ms, ttftMs: record.ttft_ms },
    httpStatus: record.http_status,
    traceId: record.trace_id,
    hints: null,
  };
  const answer = recordedAnswer(record);
  if (answer !== null) return { ...common, status: "ok", answer };
  const usage = recordedUsage(record);
  return {
    ...common,
    status: "failed",
    failure: recordedFailure(record) ?? {
      kind: "bad_response",
      message: "a worker sent neither answer nor failure",
      code: null,
      retryable: false,
      maybeBilled: true,
    },
    ...(usage === null ? {} : { usage }),
  };
}
