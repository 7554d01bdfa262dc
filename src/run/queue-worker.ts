import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { openRedis, shownRedisUrl } from "../queue/redis-connection.ts";
import { RunBoard, type SeenRun, seenRuns, tellWorker } from "../queue/run-board.ts";
import { SharedLimits } from "../queue/shared-limits.ts";
import { plural } from "../report/number-words.ts";
import type { Clock } from "../system/clock.ts";
import { packageVersion } from "../system/package-version.ts";
import type { Environment } from "./environment.ts";
import { WorkerRun, type WorkerSettings } from "./worker-run.ts";

/** What a worker is started with. */
export interface QueueWorkerOptions {
  readonly url: string;
  readonly workingDirectory: string;
  readonly environment: Environment;
  readonly clock: Clock;
  readonly random: () => number;
  readonly pid: number;
  /** How long requests in flight may take after a stop, in milliseconds. */
  readonly graceMs: number;
  /** Aborted to end. */
  readonly stop: AbortSignal;
  readonly notice: (message: string) => void;
}

const lookEveryMs = 1_000;
/** A coordinator that was not heard of for so long is away; its results are not sent a second time. */
const awayMs = 15_000;
/** A run that is not found in Redis for so long has ended. */
const forgottenMs = 8_000;
/** A run whose coordinator was not heard of for so long is left alone. */
const abandonedMs = 300_000;

/** Works on the runs of a queue until it is told to stop; gives how many results it sent. Throws UsageError for a bad Redis. */
export async function runQueueWorker(options: QueueWorkerOptions): Promise<number> {
  const { redis, notices } = await openRedis(options.url);
  notices.forEach(options.notice);
  const id = `${hostname()}-${options.pid}-${randomBytes(3).toString("hex")}`;
  const sharedLimits = new SharedLimits(
    redis,
    () => options.clock.now(),
    () => undefined,
  );
  const settings: WorkerSettings = { ...options, id, sharedLimits };
  const worker = new QueueWorker(settings, options);
  try {
    options.notice(`worker ${id} waits for runs at ${shownRedisUrl(options.url)}; Ctrl-C ends it`);
    while (!options.stop.aborted) {
      await worker.look(
        async () => {
          await tellWorker(redis, { id, version: packageVersion() }, true);
          return seenRuns(redis);
        },
        (scope) => new RunBoard(redis, scope),
      );
      await pause(lookEveryMs, options.stop);
    }
    return await worker.close(options.graceMs);
  } finally {
    await sharedLimits.close();
    await tellWorker(redis, { id, version: packageVersion() }, false).catch(() => undefined);
    redis.disconnect();
  }
}

/** A run that is worked on. */
interface ServedRun {
  readonly run: WorkerRun;
  readonly board: RunBoard;
  /** When it was last found in Redis, on the monotonic clock. */
  seenAt: number;
}

class QueueWorker {
  readonly #settings: WorkerSettings;
  readonly #runs = new Map<string, ServedRun>();
  /** Runs that are being left. */
  readonly #leaving = new Set<Promise<void>>();
  /** Runs that are not worked on, for reasons that were told. */
  readonly #refused = new Set<string>();
  readonly #graceMs: number;
  #results = 0;
  #isAway = false;

  constructor(settings: WorkerSettings, { graceMs }: QueueWorkerOptions) {
    this.#settings = settings;
    this.#graceMs = graceMs;
  }

  /** Looks which runs there are, and takes up or leaves what has changed. */
  async look(see: () => Promise<readonly SeenRun[]>, boardOf: (scope: string) => RunBoard): Promise<void> {
    try {
      const seen = await see();
      this.#tellState(null);
      for (const one of seen) await this.#serve(one, boardOf);
      const now = this.#settings.clock.now();
      for (const { scope, agoMs } of seen) {
        const served = this.#runs.get(scope);
        if (served !== undefined && agoMs < abandonedMs) served.seenAt = now;
      }
      // A Redis that has forgotten everything is told again within seconds.
      for (const [scope, { seenAt }] of this.#runs) if (now - seenAt > forgottenMs) this.#leaveSoon(scope);
    } catch (error) {
      this.#tellState((error as Error).message);
    }
  }

  async close(graceMs: number): Promise<number> {
    await Promise.all([
      ...[...this.#runs.keys()].map((scope) => this.#leave(scope, graceMs)),
      ...this.#leaving,
    ]);
    return this.#results;
  }

  async #serve(seen: SeenRun, boardOf: (scope: string) => RunBoard): Promise<void> {
    const known = this.#runs.get(seen.scope);
    if (known !== undefined) {
      known.run.look(seen.agoMs < awayMs, seen.isPaused, await known.board.waiting());
      return;
    }
    if (this.#refused.has(seen.scope)) return;
    if (seen.agoMs >= abandonedMs) {
      this.#refuse(
        seen,
        `its coordinator was last heard of ${ago(seen.agoMs)}; \`promptgrid resume\` of its folder goes on`,
        false,
      );
      return;
    }
    if (seen.version !== packageVersion()) {
      this.#refuse(seen, `it was made by version ${seen.version}, and this is ${packageVersion()}`);
      return;
    }
    const board = boardOf(seen.scope);
    try {
      const run = await WorkerRun.open(board, seen, this.#settings);
      if (run === null) return;
      this.#runs.set(seen.scope, { run, board, seenAt: this.#settings.clock.now() });
      this.#settings.notice(`${seen.name}: at work (${plural(seen.lanes, "lane")})`);
    } catch (error) {
      this.#refuse(seen, (error as Error).message.split("\n")[0] ?? "");
    }
  }

  #refuse({ scope, name }: SeenRun, why: string, isFinal = true): void {
    if (isFinal) this.#refused.add(scope);
    else if (this.#refused.has(`${scope} told`)) return;
    else this.#refused.add(`${scope} told`);
    this.#settings.notice(`${name} is left alone: ${why}`);
  }

  /** Others are served meanwhile. */
  #leaveSoon(scope: string): void {
    const leaving = this.#leave(scope).catch((error: unknown) => {
      this.#settings.notice(`a run could not be left in order: ${(error as Error).message}`);
    });
    this.#leaving.add(leaving);
    void leaving.then(() => this.#leaving.delete(leaving));
  }

  async #leave(scope: string, graceMs = this.#graceMs): Promise<void> {
    const known = this.#runs.get(scope);
    this.#runs.delete(scope);
    if (known === undefined) return;
    await known.run.close(graceMs);
    this.#results += known.run.results;
    this.#settings.notice(`${known.run.announcement.name}: ${plural(known.run.results, "request")} asked`);
  }

  #tellState(failure: string | null): void {
    if (this.#isAway === (failure !== null)) return;
    this.#isAway = failure !== null;
    const shown = shownRedisUrl(this.#settings.url);
    this.#settings.notice(
      failure === null
        ? `${shown} answers again`
        : `${shown} does not answer (${failure}): nothing more is asked until it does`,
    );
  }
}

function ago(ms: number): string {
  const hours = ms / 3_600_000;
  if (hours < 1) return `${Math.round(ms / 60_000)} minutes ago`;
  return hours < 48 ? `${Math.round(hours)} hours ago` : `${Math.round(hours / 24)} days ago`;
}

function pause(ms: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      stop.removeEventListener("abort", done);
      resolve();
    }
    stop.addEventListener("abort", done);
    if (stop.aborted) done();
  });
}
