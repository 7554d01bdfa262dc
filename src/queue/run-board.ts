import type { Redis } from "ioredis";

/** What a coordinator says of a run that wants workers. */
export interface Announcement {
  /** Id of the run and digest of its plan: what positions mean. */
  readonly scope: string;
  readonly name: string;
  /** Of promptgrid; only workers of the same are of use. */
  readonly version: string;
  readonly lanes: number;
  /** How often a worker tries a request. */
  readonly attempts: number;
  /** Nothing more is to be asked until the coordinator is back. */
  readonly isPaused: boolean;
}

/** An announcement, and how long ago its coordinator was last heard of, in milliseconds. */
export interface SeenRun extends Announcement {
  readonly agoMs: number;
}

/** A worker that is there. */
export interface SeenWorker {
  readonly id: string;
  readonly version: string;
}

/** The result of one request, as it goes through the stream. */
export interface ResultEntry {
  readonly position: number;
  /** Id of the chunk that asked for it. */
  readonly chunk: string;
  /** JSON: the attempts' records. */
  readonly records: string;
}

/** One entry of the stream: a result, or a lane that a worker gave up. */
export type StreamEntry =
  | ({ readonly kind: "result" } & ResultEntry)
  | { readonly kind: "stopped"; readonly lane: number; readonly reason: string };

const runsKey = "promptgrid:runs";
const workersKey = "promptgrid:workers";
/** Who was not heard of for so long is gone. */
const goneMs = 15_000;
const lockMs = 10_000;
/** What a run leaves in Redis goes after that, in seconds. */
const keptSeconds = 30 * 86_400;
const readBlockMs = 1_000;
const readCount = 500;

/** Takes or renews the lock: 1 held, 0 held by another, 2 taken anew. */
const lockScript = `
local owner = redis.call('GET', KEYS[1])
if owner == ARGV[1] then redis.call('PEXPIRE', KEYS[1], ARGV[2]) return 1 end
if owner then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 2
`;

/** Milliseconds since the epoch by the clock of Redis. */
async function redisTime(redis: Redis): Promise<number> {
  const [seconds, micros] = await redis.time();
  return Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
}

/** All runs that want workers, or wanted some. */
export async function seenRuns(redis: Redis): Promise<readonly SeenRun[]> {
  const [now, all] = await Promise.all([redisTime(redis), redis.hgetall(runsKey)]);
  return Object.entries(all).map(([scope, text]) => {
    const { at, ...run } = JSON.parse(text) as Omit<Announcement, "scope"> & { readonly at: number };
    return { ...run, scope, agoMs: Math.max(0, now - at) };
  });
}

/** Says that a worker is there; `false` says that it goes. */
export async function tellWorker(redis: Redis, worker: SeenWorker, isThere: boolean): Promise<void> {
  if (!isThere) {
    await redis.hdel(workersKey, worker.id);
    return;
  }
  const at = await redisTime(redis);
  await redis.hset(workersKey, worker.id, JSON.stringify({ version: worker.version, at }));
}

/** The workers that were heard of lately. Forgets the others. */
export async function seenWorkers(redis: Redis): Promise<readonly SeenWorker[]> {
  const [now, all] = await Promise.all([redisTime(redis), redis.hgetall(workersKey)]);
  const workers = Object.entries(all).map(([id, text]) => {
    const { version, at } = JSON.parse(text) as { readonly version: string; readonly at: number };
    return { id, version, isGone: now - at > goneMs };
  });
  const gone = workers.filter(({ isGone }) => isGone).map(({ id }) => id);
  if (gone.length > 0) await redis.hdel(workersKey, ...gone);
  return workers.filter(({ isGone }) => !isGone).map(({ id, version }) => ({ id, version }));
}

/** What stands in Redis of one run: its files, what is done and kept, and the stream of results. */
export class RunBoard {
  readonly #redis: Redis;
  readonly scope: string;

  constructor(redis: Redis, scope: string) {
    this.#redis = redis;
    this.scope = scope;
  }

  /** Takes or renews the coordinator's lock. */
  async lock(owner: string): Promise<"held" | "taken" | "other"> {
    const answer = await this.#redis.eval(lockScript, 1, this.#key("coordinator"), owner, lockMs);
    return answer === 1 ? "held" : answer === 2 ? "taken" : "other";
  }

  async unlock(owner: string): Promise<void> {
    if ((await this.#redis.get(this.#key("coordinator"))) === owner)
      await this.#redis.del(this.#key("coordinator"));
  }

  async announce(run: Announcement): Promise<void> {
    const { scope, ...facts } = run;
    const at = await redisTime(this.#redis);
    await this.#redis.hset(runsKey, scope, JSON.stringify({ ...facts, at }));
  }

  /** Puts the files of a run there that workers make its plan of. */
  async putFiles(files: ReadonlyMap<string, Buffer>): Promise<void> {
    await this.#redis.del(this.#key("files"));
    for (const [name, content] of files) await this.#redis.hset(this.#key("files"), name, content);
    await this.#redis.expire(this.#key("files"), keptSeconds);
  }

  /** Those files; empty where there are none. */
  async files(): Promise<ReadonlyMap<string, Buffer>> {
    const names = await this.#redis.hkeys(this.#key("files"));
    const files = new Map<string, Buffer>();
    for (const name of names) {
      const content = await this.#redis.hgetBuffer(this.#key("files"), name);
      if (content !== null) files.set(name, content);
    }
    return files;
  }

  /** Sets all bits of what is kept at once: bit i of byte i / 8, from the highest. */
  async putKept(bits: Buffer): Promise<void> {
    if (bits.length > 0) await this.#redis.setrange(this.#key("kept"), 0, bits);
    await this.#redis.expire(this.#key("kept"), keptSeconds);
  }

  /** Results that are on the coordinator's disk, up to an entry of the stream. */
  async keep(positions: readonly number[], upTo: string): Promise<void> {
    const pipeline = this.#redis.pipeline();
    for (const position of positions) pipeline.setbit(this.#key("kept"), position, 1);
    // What was read is of no use any more.
    pipeline.call("XTRIM", this.#key("results"), "MINID", nextId(upTo));
    failFirst(await pipeline.exec());
  }

  /** Requests that are to be asked once more. */
  async undo(positions: readonly number[]): Promise<void> {
    const pipeline = this.#redis.pipeline();
    for (const position of positions)
      for (const name of ["done", "kept"]) pipeline.setbit(this.#key(name), position, 0);
    failFirst(await pipeline.exec());
  }

  /** Of each position, whether its result is on its way or kept. */
  async done(positions: readonly number[]): Promise<readonly boolean[]> {
    return this.#bits(["done", "kept"], positions);
  }

  /** Of each position, whether its result is on the coordinator's disk. */
  async kept(positions: readonly number[]): Promise<readonly boolean[]> {
    return this.#bits(["kept"], positions);
  }

  /** A worker takes a chunk; gives whose it was before, null for nobody's. */
  async own(chunk: string, worker: string): Promise<string | null> {
    const answers = failFirst(
      await this.#redis
        .multi()
        .hget(this.#key("owners"), chunk)
        .hset(this.#key("owners"), chunk, worker)
        .expire(this.#key("owners"), keptSeconds)
        .exec(),
    );
    return answers[0] as string | null;
  }

  /** Whose chunks are; null for what nobody has, or Redis has forgotten. */
  async owners(chunks: readonly string[]): Promise<readonly (string | null)[]> {
    return chunks.length === 0 ? [] : this.#redis.hmget(this.#key("owners"), ...chunks);
  }

  /** Sends results, with the bits that say so, all or none. */
  async send(results: readonly ResultEntry[]): Promise<void> {
    const transaction = this.#redis.multi();
    for (const { position, chunk, records } of results) {
      transaction.xadd(this.#key("results"), "*", "p", position, "c", chunk, "r", records);
      transaction.setbit(this.#key("done"), position, 1);
    }
    transaction.expire(this.#key("results"), keptSeconds);
    transaction.expire(this.#key("done"), keptSeconds);
    failFirst(await transaction.exec());
  }

  /** Says that a lane is given up. */
  async sendStop(lane: number, reason: string): Promise<void> {
    await this.#redis.xadd(this.#key("results"), "*", "lane", lane, "reason", reason);
  }

  /** Results that the coordinator has not read yet. */
  waiting(): Promise<number> {
    return this.#redis.xlen(this.#key("results"));
  }

  /** Entries after one of the stream; waits up to a second for some. Needs a connection of its own. */
  async read(after: string): Promise<readonly { readonly id: string; readonly entry: StreamEntry }[]> {
    const found = await this.#redis.xread(
      "COUNT",
      readCount,
      "BLOCK",
      readBlockMs,
      "STREAMS",
      this.#key("results"),
      after,
    );
    const entries = found?.[0]?.[1] ?? [];
    return entries.map(([id, fields]) => ({ id, entry: entryOf(fields) }));
  }

  /** Removes all that is there of the run. */
  async remove(): Promise<void> {
    await this.#redis.hdel(runsKey, this.scope);
    await this.#redis.del(
      ...["files", "kept", "done", "results", "owners", "coordinator"].map((name) => this.#key(name)),
    );
  }

  async #bits(names: readonly string[], positions: readonly number[]): Promise<readonly boolean[]> {
    const pipeline = this.#redis.pipeline();
    for (const position of positions) for (const name of names) pipeline.getbit(this.#key(name), position);
    const answers = failFirst(await pipeline.exec());
    return positions.map((_, i) => names.some((_name, n) => answers[i * names.length + n] === 1));
  }

  #key(name: string): string {
    return `promptgrid:run:${this.scope}:${name}`;
  }
}

function entryOf(fields: readonly string[]): StreamEntry {
  const pairs = new Map(
    fields.flatMap((name, i) => (i % 2 === 0 ? [[name, fields[i + 1] ?? ""] as const] : [])),
  );
  const lane = pairs.get("lane");
  if (lane !== undefined) return { kind: "stopped", lane: Number(lane), reason: pairs.get("reason") ?? "" };
  return {
    kind: "result",
    position: Number(pairs.get("p")),
    chunk: pairs.get("c") ?? "",
    records: pairs.get("r") ?? "[]",
  };
}

/** The answers of several commands; throws the first error. */
function failFirst(answers: [error: Error | null, result: unknown][] | null): readonly unknown[] {
  if (answers === null) throw new Error("Redis gave the transaction up");
  return answers.map(([error, result]) => {
    if (error !== null) throw error;
    return result;
  });
}

/** The smallest id of a stream behind another. */
function nextId(id: string): string {
  const [ms = "0", count = "0"] = id.split("-");
  return `${ms}-${Number(count) + 1}`;
}
