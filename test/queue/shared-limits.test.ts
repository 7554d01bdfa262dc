import { createConnection, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Redis } from "ioredis";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openRedis } from "../../src/queue/redis-connection.ts";
import { SharedLimits } from "../../src/queue/shared-limits.ts";
import type { Amounts } from "../../src/schedule/axis.ts";
import type { Limits } from "../../src/schedule/pace.ts";
import { type RedisServer, redisAvailable, startRedis } from "../support/redis.ts";

const scope = "a".repeat(32);
const none: Amounts = { input: 0, output: 0 };

let server: RedisServer;
const open: (() => Promise<void>)[] = [];

/** A process at work on a lane: it sends whenever it may. */
interface Sender {
  /** When it sent, in milliseconds. */
  readonly sent: number[];
  readonly states: string[];
  stop(): Promise<void>;
  /** Ends without giving anything back. */
  die(): void;
  /** Has nothing more to send; answers still come. */
  rest(): void;
  freeze(ms: number): void;
}

interface SenderOptions {
  readonly limits: Limits;
  /** What each request takes, and what it turns out to have used. */
  readonly takes?: Amounts;
  readonly uses?: () => Amounts;
  /** How long an answer takes. */
  readonly answerMs?: number;
  /** Where Redis is reached; the server itself. */
  readonly url?: string;
}

async function sender(options: SenderOptions): Promise<Sender> {
  const { limits, takes = none, uses = () => takes, answerMs = 20, url = server.url } = options;
  const { redis } = await openRedis(url);
  const states: string[] = [];
  const now = (): number => performance.now();
  const shared = new SharedLimits(redis as Redis, now, (state) => states.push(state));
  const lane = shared.lane({ scope, limits });
  if (lane === null) throw new Error("nothing is limited");
  const sent: number[] = [];
  let isRunning = true;
  let timer: NodeJS.Timeout | null = null;
  const pump = (): void => {
    if (timer !== null) clearTimeout(timer);
    while (isRunning) {
      const ms = lane.wait(takes, now());
      if (ms > 0) {
        timer = setTimeout(pump, ms);
        return;
      }
      lane.take(takes);
      sent.push(now());
      setTimeout(() => lane.settle(takes, uses()), answerMs);
    }
  };
  lane.listen(pump);
  pump();
  const rest = (): void => {
    isRunning = false;
    if (timer !== null) clearTimeout(timer);
  };
  const die = (): void => {
    rest();
    redis.disconnect();
  };
  const stop = async (): Promise<void> => {
    isRunning = false;
    await shared.close();
    die();
  };
  open.push(stop);
  return { sent, states, stop, die, rest, freeze: (ms) => lane.freeze(ms) };
}

/** Passes on to the server. `deafen` makes what is connected then say nothing more, without closing it. */
async function relay(): Promise<{
  readonly url: string;
  readonly deafen: () => void;
  readonly server: Server;
}> {
  const sockets = new Set<Socket>();
  const relayed = createServer((near) => {
    const far = createConnection(server.port, "127.0.0.1");
    near.pipe(far).pipe(near);
    sockets.add(near).add(far);
    for (const socket of [near, far]) socket.on("error", () => undefined);
  });
  await new Promise<void>((done) => relayed.listen(0, "127.0.0.1", done));
  const address = relayed.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const deafen = (): void => sockets.forEach((socket) => void socket.unpipe().resume());
  return { url: `redis://127.0.0.1:${port}`, deafen, server: relayed };
}

/** The most that was sent in any span of so many milliseconds. */
function mostWithin(times: readonly number[], ms: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  let most = 0;
  let from = 0;
  sorted.forEach((time, i) => {
    while (time - (sorted[from] ?? 0) > ms) from++;
    most = Math.max(most, i - from + 1);
  });
  return most;
}

describe.skipIf(!redisAvailable)("limits that processes share", () => {
  beforeEach(async () => {
    server = await startRedis();
  });

  afterEach(async () => {
    await Promise.all(open.splice(0).map((stop) => stop()));
    await server.stop();
  });

  it("are used by four together as by one, and by all of them", async () => {
    const limits = { rpm: 6_000 };
    const senders = await Promise.all([1, 2, 3, 4].map(() => sender({ limits })));
    await sleep(1_000);
    const from = performance.now();
    await sleep(4_000);
    const seconds = (performance.now() - from) / 1_000;
    const counts = senders.map(({ sent }) => sent.filter((time) => time >= from).length);
    const all = senders.flatMap(({ sent }) => sent);
    const used = counts.reduce((sum, count) => sum + count, 0) / (100 * seconds);
    expect(used).toBeGreaterThan(0.95);
    // 97 a second, half a second's worth at once, and what a lease may be late by.
    expect(mostWithin(all, 1_000)).toBeLessThanOrEqual(97 + 48.5 + 25);
    expect(mostWithin(all, 4_000)).toBeLessThanOrEqual(4 * 97 + 48.5 + 25);
    expect(Math.min(...counts)).toBeGreaterThan(30);
  });

  it("hold for tokens as they are used, not as they were expected", async () => {
    // 1 000 tokens a second; 50 are expected of each request and 20 are used: 48.5 a second.
    const limits = { rpm: 60_000, tpm: 60_000 };
    const options = { limits, takes: { input: 10, output: 40 }, uses: () => ({ input: 10, output: 10 }) };
    const senders = await Promise.all([1, 2].map(() => sender(options)));
    await sleep(1_500);
    const from = performance.now();
    await sleep(3_000);
    const count = senders.flatMap(({ sent }) => sent.filter((time) => time >= from)).length;
    expect(count / 3).toBeGreaterThan(0.9 * 48.5);
    expect(count / 3).toBeLessThan(1.1 * 50);
  });

  it("lose no more than its lease with a process that is killed", async () => {
    const limits = { rpm: 6_000 };
    const [one, two] = await Promise.all([sender({ limits }), sender({ limits })]);
    await sleep(1_500);
    one?.die();
    const from = performance.now();
    await sleep(2_000);
    const count = two?.sent.filter((time) => time >= from).length ?? 0;
    expect(count).toBeGreaterThan(2 * 97 - 25 - 10);
  });

  it("pause while Redis is away, also when it has lost everything, and are never overrun", async () => {
    const limits = { rpm: 6_000 };
    const senders = await Promise.all([sender({ limits }), sender({ limits })]);
    await sleep(1_000);
    await server.kill();
    const away = performance.now();
    await sleep(2_000);
    const meanwhile = senders.flatMap(({ sent }) => sent.filter((time) => time > away + 260));
    expect(meanwhile).toEqual([]);
    await server.restart(true);
    await sleep(3_500);
    const all = senders.flatMap(({ sent }) => sent);
    expect(all.filter((time) => time > away + 2_000).length).toBeGreaterThan(80);
    expect(mostWithin(all, 1_000)).toBeLessThanOrEqual(97 + 48.5 + 25);
    expect(senders.map(({ states }) => states)).toEqual([
      ["away", "back"],
      ["away", "back"],
    ]);
  }, 30_000);

  it("freeze for all when one is refused", async () => {
    const limits = { rpm: 6_000 };
    const senders = await Promise.all([sender({ limits }), sender({ limits })]);
    await sleep(800);
    senders[0]?.freeze(1_000);
    const from = performance.now();
    await sleep(1_500);
    const all = senders.flatMap(({ sent }) => sent);
    expect(all.filter((time) => time > from + 260 && time < from + 990)).toEqual([]);
    expect(all.some((time) => time > from + 1_050)).toBe(true);
  });

  it("are the lowest that a process states", async () => {
    const senders = await Promise.all([
      sender({ limits: { rpm: 6_000 } }),
      sender({ limits: { rpm: 1_200 } }),
    ]);
    await sleep(1_000);
    const from = performance.now();
    await sleep(2_000);
    const count = senders.flatMap(({ sent }) => sent.filter((time) => time >= from)).length;
    expect(count / 2).toBeLessThan(20 * 1.1);
    expect(count / 2).toBeGreaterThan(20 * 0.85);
  });

  it("freeze also when a call is under way", async () => {
    const { redis } = await openRedis(server.url);
    const shared = new SharedLimits(
      redis,
      () => performance.now(),
      () => undefined,
    );
    const lane = shared.lane({ scope, limits: { rpm: 6_000 } });
    lane?.wait(none, performance.now());
    await sleep(300);
    // This call is granted something; it is under way when the lane is frozen.
    lane?.wait(none, performance.now());
    lane?.freeze(2_000);
    await sleep(100);
    expect(lane?.wait(none, performance.now())).toBeGreaterThan(1_000);
    expect(Number(await redis.hget(`promptgrid:limits:${scope}`, "frozen"))).toBeGreaterThan(0);
    const other = await sender({ limits: { rpm: 6_000 } });
    await sleep(1_000);
    expect(other.sent).toEqual([]);
    await shared.close();
    redis.disconnect();
  });

  it("know what was used by one that has nothing more to send", async () => {
    const limits = { tpm: 60_000 };
    const takes = { input: 10, output: 40 };
    const uses = (): Amounts => ({ input: 10, output: 990 });
    const one = await sender({ limits, takes, uses, answerMs: 600 });
    await sleep(800);
    one.rest();
    await sleep(800);
    const from = performance.now();
    const other = await sender({ limits, takes });
    await sleep(1_500);
    expect(one.sent.length).toBeGreaterThan(8);
    expect(other.sent.filter((time) => time > from)).toEqual([]);
  });

  it("hold for one that does not state them", async () => {
    const senders = await Promise.all([
      sender({ limits: { rpm: 1_200 } }),
      sender({ limits: { tpm: 600_000 }, takes: { input: 10, output: 10 } }),
    ]);
    await sleep(1_000);
    const from = performance.now();
    await sleep(2_000);
    const count = senders.flatMap(({ sent }) => sent.filter((time) => time >= from)).length;
    expect(count / 2).toBeLessThan(20 * 1.1);
  });

  it("go on through a new connection when the old one says nothing more", async () => {
    const { url, deafen, server: relayed } = await relay();
    const one = await sender({ limits: { rpm: 6_000 }, url });
    await sleep(500);
    deafen();
    const from = performance.now();
    await sleep(5_500);
    expect(one.sent.filter((time) => time > from + 300).length).toBeGreaterThan(80);
    expect(one.states).toEqual(["away", "back"]);
    await one.stop();
    open.length = 0;
    relayed.close();
  });
});
