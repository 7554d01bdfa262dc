import type { ChildProcess } from "node:child_process";
import { cpSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Summary } from "../../src/aggregate/summary-shape.ts";
import { scanJournal } from "../../src/journal/reader.ts";
import { openRedis } from "../../src/queue/redis-connection.ts";
import { RunBoard } from "../../src/queue/run-board.ts";
import type { Simulator, SimulatorOptions } from "../../src/simulator/options.ts";
import { startSimulator } from "../../src/simulator/server.ts";
import { packageVersion } from "../../src/system/package-version.ts";
import { type CliResult, collect, runCli, spawnCli } from "../support/cli.ts";
import { type RedisServer, redisAvailable, startRedis } from "../support/redis.ts";
import { tempFolder } from "../support/temp-folder.ts";

let redis: RedisServer;
let simulator: Simulator | null = null;
const running: { readonly child: ChildProcess; readonly ended: Promise<CliResult> }[] = [];

const key = "sk-queue-secret-0123456789";

interface Setting {
  readonly rows: number;
  readonly options?: SimulatorOptions;
  readonly more?: string;
}

async function setUp({
  rows,
  options = {},
  more = "",
}: Setting): Promise<{ folder: string; endpoint: Simulator }> {
  simulator = await startSimulator({ countRequestIds: true, ...options });
  const lines = Array.from({ length: rows }, (_, i) => `r${i},What is ${i} + 1?`);
  const folder = tempFolder({
    "rows.csv": `id,question\n${lines.join("\n")}\n`,
    "m.yaml": `
name: queued
provider: local
providers: { local: { preset: simulator, base_url: "${simulator.baseUrl}", api_key_env: LOCAL_KEY } }
prompts: [{ id: p, user: "{{ question }}" }]
dataset: rows.csv
parameters: { model: Qwen/Qwen3-8B, max_tokens: 50 }
prices:
  - { model: "*", currency: CNY, input: 1, output: 2 }
${more}`,
  });
  return { folder, endpoint: simulator };
}

function start(
  folder: string,
  args: readonly string[],
  more: Readonly<Record<string, string>> = {},
): {
  readonly child: ChildProcess;
  readonly ended: Promise<CliResult>;
} {
  const env = { LOCAL_KEY: key, REDIS_URL: redis.url, ...more };
  const child = spawnCli(args, { cwd: folder, env });
  const started = { child, ended: collect(child) };
  running.push(started);
  return started;
}

function workers(folder: string, count: number): readonly ReturnType<typeof start>[] {
  return Array.from({ length: count }, () =>
    start(folder, ["worker", "--queue", "REDIS_URL", "--grace", "2s"]),
  );
}

const run = ["run", "m.yaml", "--queue", "REDIS_URL", "--out", "out"] as const;

function answers(folder: string): readonly string[] {
  const path = join(folder, "out", "journal.jsonl");
  const found: string[] = [];
  if (!existsSync(path)) return found;
  scanJournal(path, (record) => {
    if (record.kind === "attempt" && record.status === "ok") found.push(record.request_id);
  });
  return found;
}

async function until(what: () => boolean, seconds = 30): Promise<void> {
  for (let i = 0; !what(); i++) {
    if (i > seconds * 50) throw new Error("what is waited for does not come");
    await sleep(20);
  }
}

function askedTwice(endpoint: Simulator): number {
  const counts = Object.values(endpoint.stats().byRequestId ?? {});
  expect(counts.length).toBeGreaterThan(0);
  return counts.reduce((sum, count) => sum + Math.max(0, count - 1), 0);
}

describe.skipIf(!redisAvailable)("a queue and its workers", () => {
  beforeEach(async () => {
    redis = await startRedis();
  });

  afterEach(async () => {
    for (const { child } of running) child.kill("SIGKILL");
    await Promise.all(running.splice(0).map(({ ended }) => ended));
    await simulator?.close();
    simulator = null;
    await redis.stop();
  });

  it("survive a worker's death and that of Redis: all answered once, nothing refused", async () => {
    const { folder, endpoint } = await setUp({
      rows: 600,
      options: { limits: { rpm: 3_000, window: "bucket-second" }, latency: { firstMs: 150, perTokenMs: 0 } },
      more: "limits: { rpm: 3000 }",
    });
    const [victim] = workers(folder, 4);
    const coordinator = start(folder, run);
    await until(() => answers(folder).length > 80);
    victim?.child.kill("SIGKILL");
    await until(() => answers(folder).length > 160);
    await redis.kill();
    await sleep(2_000);
    await redis.restart();
    const { code, stderr } = await coordinator.ended;
    expect(code, stderr).toBe(0);
    const found = answers(folder);
    expect(found).toHaveLength(600);
    expect(new Set(found).size).toBe(600);
    const stats = endpoint.stats();
    expect(stats.rejected).toEqual({});
    expect(askedTwice(endpoint)).toBeLessThanOrEqual(stats.peakConcurrent);
    expect(stderr).toContain("answers again");
    // Nothing of the run is left in Redis.
    const opened = await openRedis(redis.url);
    const keys = await opened.redis.keys("promptgrid:run:*");
    opened.redis.disconnect();
    expect(keys).toEqual([]);
  }, 90_000);

  it("go on when Redis has lost everything", async () => {
    const { folder, endpoint } = await setUp({
      rows: 300,
      options: { latency: { firstMs: 100, perTokenMs: 0 } },
      more: "limits: { rpm: 3000 }",
    });
    workers(folder, 2);
    const coordinator = start(folder, run);
    await until(() => answers(folder).length > 60);
    await redis.restart(true);
    const { code, stderr } = await coordinator.ended;
    expect(code, stderr).toBe(0);
    expect(new Set(answers(folder)).size).toBe(300);
    expect(answers(folder)).toHaveLength(300);
    expect(askedTwice(endpoint)).toBeLessThanOrEqual(endpoint.stats().peakConcurrent);
  }, 90_000);

  it("go on without a coordinator that is killed, and nothing is asked twice", async () => {
    const { folder, endpoint } = await setUp({
      rows: 300,
      options: { latency: { firstMs: 50, perTokenMs: 0 } },
      more: "limits: { rpm: 3000 }",
    });
    workers(folder, 2);
    const coordinator = start(folder, run);
    await until(() => answers(folder).length > 30);
    coordinator.child.kill("SIGKILL");
    await coordinator.ended;
    const before = answers(folder).length;
    await until(() => (endpoint.stats().answered ?? 0) > before + 40);
    // Its lock is there for ten seconds more.
    const early = await start(folder, ["resume", "out", "--queue", "REDIS_URL"]).ended;
    expect(early.code).toBe(3);
    expect(early.stderr).toContain("[queue/coordinator]");
    await sleep(10_000);
    const resumed = await start(folder, ["resume", "out", "--queue", "REDIS_URL"]).ended;
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(answers(folder)).toHaveLength(300);
    expect(askedTwice(endpoint)).toBe(0);
  }, 90_000);

  it("ask nothing more when the coordinator is stopped, and go on when it is back", async () => {
    const { folder, endpoint } = await setUp({
      rows: 400,
      options: { latency: { firstMs: 50, perTokenMs: 0 } },
      more: "limits: { rpm: 3000 }",
    });
    workers(folder, 2);
    const coordinator = start(folder, run);
    await until(() => answers(folder).length > 40);
    coordinator.child.kill("SIGINT");
    const stopped = await coordinator.ended;
    expect(stopped.code, stopped.stderr).toBe(130);
    expect(stopped.stderr).toContain("go on with: promptgrid resume out --queue REDIS_URL");
    const direct = await start(folder, ["resume", "out"]).ended;
    expect(direct.code).toBe(2);
    expect(direct.stderr).toContain("[run/open-queue]");
    await sleep(1_000);
    const { requests } = endpoint.stats();
    await sleep(1_500);
    expect(endpoint.stats().requests).toBe(requests);
    expect(requests).toBeLessThan(300);
    const resumed = await start(folder, ["resume", "out", "--queue", "REDIS_URL"]).ended;
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(answers(folder)).toHaveLength(400);
    expect(askedTwice(endpoint)).toBe(0);
  }, 60_000);

  it("refuse a second coordinator of the same run", async () => {
    const { folder } = await setUp({ rows: 20 });
    const first = start(folder, run);
    await until(() => existsSync(join(folder, "out", "run.json")));
    let said = "";
    first.child.stderr?.on("data", (text: string) => {
      said += text;
    });
    await until(() =>
      said.includes("no worker is there yet; start some: promptgrid worker --queue redis://"),
    );
    cpSync(join(folder, "out"), join(folder, "copy"), {
      recursive: true,
      filter: (path) => !path.endsWith("lock"),
    });
    const second = await start(folder, ["resume", "copy", "--queue", "REDIS_URL"]).ended;
    expect(second.code).toBe(3);
    expect(second.stderr).toContain("another coordinator deals out this run");
    first.child.kill("SIGINT");
    const stopped = await first.ended;
    expect(stopped.code).toBe(130);
    workers(folder, 1);
    const resumed = await start(folder, ["resume", "out", "--queue", "REDIS_URL"]).ended;
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(answers(folder)).toHaveLength(20);
  }, 60_000);

  it("keep to a budget of money together", async () => {
    // A request uses about 0.00009 CNY, at worst 0.00014.
    const { folder } = await setUp({ rows: 300, more: "budget: { cost: 0.01 CNY }" });
    workers(folder, 2);
    const { code, stderr } = await start(folder, run).ended;
    expect(code).toBe(3);
    expect(stderr).toContain("the budget is used up");
    const { totals } = JSON.parse(readFileSync(join(folder, "out", "summary.json"), "utf8")) as Summary;
    expect(totals.cost[0]?.amount).toBeLessThanOrEqual(0.01);
    expect(totals.cost[0]?.amount).toBeGreaterThan(0.008);
  }, 60_000);

  it("try again what failed, also within a budget", async () => {
    const { folder } = await setUp({
      rows: 100,
      options: { faults: [{ kind: "503", rate: 0.05 }] },
      more: "budget: { requests: 1000 }",
    });
    workers(folder, 2);
    const { code, stderr } = await start(folder, run).ended;
    expect(code, stderr).toBe(0);
    expect(answers(folder)).toHaveLength(100);
  }, 60_000);

  it("stop a lane whose key a worker does not have right, and name the worker", async () => {
    const { folder } = await setUp({ rows: 20, options: { apiKey: "sk-another" } });
    const [worker] = workers(folder, 1);
    const { code, stderr } = await start(folder, run).ended;
    expect(code).toBe(3);
    expect(stderr).toMatch(/Api key is invalid \(key from `LOCAL_KEY`\) \(worker \S+\)/);
    worker?.child.kill("SIGTERM");
    const ended = await worker?.ended;
    expect(ended?.code).toBe(0);
    expect(`${stderr}${ended?.stderr}`).not.toContain(key);
    expect(readFileSync(join(folder, "out", "journal.jsonl"), "utf8")).not.toContain(key);
  }, 60_000);

  it("leave alone what another version or last week has left", async () => {
    const opened = await openRedis(redis.url);
    const run = { name: "other", lanes: 1, attempts: 3, isPaused: false };
    await new RunBoard(opened.redis, "a-1").announce({ ...run, scope: "a-1", version: "0.0.1" });
    const week = 7 * 86_400_000;
    await opened.redis.hset(
      "promptgrid:runs",
      "b-1",
      JSON.stringify({ ...run, name: "old", version: packageVersion(), at: Date.now() - week }),
    );
    opened.redis.disconnect();
    const folder = tempFolder({});
    const { child, ended } = start(folder, ["worker", "--queue", "REDIS_URL"]);
    await sleep(2_500);
    child.kill("SIGTERM");
    const { code, stderr } = await ended;
    expect(code).toBe(0);
    expect(stderr).toContain(
      `other is left alone: it was made by version 0.0.1, and this is ${packageVersion()}`,
    );
    expect(stderr).toContain("old is left alone: its coordinator was last heard of 7 days ago");
  });

  it("say what is wrong with the command line", async () => {
    const { folder } = await setUp({ rows: 1 });
    const said = async (...args: readonly string[]): Promise<string> => {
      const { code, stderr } = await runCli(args, { cwd: folder, env: { LOCAL_KEY: key } });
      expect(code).toBe(2);
      return stderr;
    };
    expect(await said("worker")).toContain("`promptgrid worker` needs `--queue`");
    expect(await said("worker", "--queue", "nowhere")).toContain("[queue/url]");
    expect(await said("worker", "--queue", "redis://127.0.0.1:1")).toContain("[queue/unreachable]");
    expect(await said("run", "m.yaml", "--queue", redis.url, "--batch")).toContain("[run/queue-alone]");
    expect(existsSync(join(folder, "results"))).toBe(false);
  });
});
