import type { Job, Queue, Worker } from "bullmq";
import { UsageError } from "../errors.ts";
import { textId } from "../plan/canonical-json.ts";
import { redisAddress } from "./redis-connection.ts";

/** What a job holds. */
interface ChunkData {
  readonly positions: readonly number[];
}

/** A worker that was not heard of for so long has lost its chunk. */
const lockMs = 15_000;
const renewEveryMs = 4_000;
const stalledEveryMs = 5_000;
/** How long the end of chunks is waited for. */
const closeMs = 5_000;
/** A chunk may lose so many workers. */
const mostStalls = 1_000;
const prefix = "promptgrid:queue";

async function library(): Promise<{ readonly Queue: typeof Queue; readonly Worker: typeof Worker }> {
  try {
    return await import("bullmq");
  } catch (error) {
    throw new UsageError("queue/no-library", "a queue needs the packages `bullmq` and `ioredis`", {
      hint: "`npm install ioredis bullmq`",
      cause: error,
    });
  }
}

/** The id of a chunk: a digest of its positions. */
export function chunkId(positions: readonly number[]): string {
  return textId(positions.join(" "), 32);
}

/** The chunks of one lane as the coordinator deals them out. */
export interface ChunkQueue {
  /** Adds a chunk; its id is a digest of its positions, so that it is there once at most. */
  add(positions: readonly number[]): Promise<string>;
  /** Whether a chunk waits, or is worked on. */
  has(id: string): Promise<boolean>;
  /** Positions of all chunks that wait or are worked on. */
  positions(): Promise<readonly { readonly id: string; readonly positions: readonly number[] }[]>;
  /** Removes the chunks that nobody works on yet. */
  drain(): Promise<void>;
  /** Removes all of it. */
  remove(): Promise<void>;
  close(): Promise<void>;
}

/** Opens the queue of a lane for the coordinator. */
export async function openChunkQueue(url: string, scope: string, lane: number): Promise<ChunkQueue> {
  const { Queue } = await library();
  const queue = new Queue<ChunkData, void, string>(`${scope}-${lane}`, {
    prefix,
    connection: { ...redisAddress(url), maxRetriesPerRequest: 0, enableOfflineQueue: false },
    defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
  });
  queue.on("error", () => undefined);
  await queue.waitUntilReady();
  return {
    add: async (positions) => {
      const id = chunkId(positions);
      await queue.add("chunk", { positions }, { jobId: id });
      return id;
    },
    has: async (id) => (await queue.getJob(id)) !== undefined,
    positions: async () => {
      const jobs = await queue.getJobs(["active", "waiting", "delayed", "prioritized"]);
      return jobs.flatMap((job) =>
        job?.id === undefined ? [] : [{ id: job.id, positions: job.data.positions }],
      );
    },
    drain: () => queue.drain(true),
    remove: () => queue.obliterate({ force: true }),
    close: () => queue.close(),
  };
}

/** A worker's hold on the queue of a lane. */
export interface ChunkTaker {
  /** Takes no further chunk; those under way are put back by what their work throws, or end. */
  close(): Promise<void>;
}

/** What a chunk's work throws that is left to others. */
export class ChunkLeft extends Error {}

/**
 * Takes chunks of a lane, `concurrency` at a time. The work is to end when all positions of a chunk have a result on its way,
 * and to throw `ChunkLeft` to put it back.
 */
export async function takeChunks(
  url: string,
  scope: string,
  lane: number,
  concurrency: number,
  work: (id: string, positions: readonly number[]) => Promise<void>,
): Promise<ChunkTaker> {
  const { Worker } = await library();
  const worker = new Worker<ChunkData, void, string>(
    `${scope}-${lane}`,
    async (job: Job<ChunkData, void, string>, token?: string) => {
      try {
        await work(job.id ?? "", job.data.positions);
      } catch (error) {
        if (!(error instanceof ChunkLeft)) throw error;
        await job.moveToDelayed(Date.now(), token);
        const { DelayedError } = await import("bullmq");
        throw new DelayedError();
      }
    },
    {
      prefix,
      connection: { ...redisAddress(url), maxRetriesPerRequest: null },
      concurrency,
      lockDuration: lockMs,
      lockRenewTime: renewEveryMs,
      stalledInterval: stalledEveryMs,
      maxStalledCount: mostStalls,
    },
  );
  // What is wrong with Redis is told by those who wait for it.
  worker.on("error", () => undefined);
  return {
    close: async () => {
      const closed = worker.close().catch(() => undefined);
      const late = new Promise<"late">((resolve) => setTimeout(() => resolve("late"), closeMs).unref());
      // What is stuck with a Redis that has forgotten its job is given up.
      if ((await Promise.race([closed, late])) === "late") await worker.close(true).catch(() => undefined);
    },
  };
}
