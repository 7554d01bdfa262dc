import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import type { Summary } from "../../src/aggregate/summary-shape.ts";
import { scanJournal } from "../../src/journal/reader.ts";
import type { AttemptRecord, BatchRecord } from "../../src/journal/record.ts";
import type { BatchOptions } from "../../src/simulator/batches/batch-options.ts";
import type { Simulator } from "../../src/simulator/options.ts";
import { startSimulator } from "../../src/simulator/server.ts";
import { type CliResult, collect, runCli, spawnCli } from "../support/cli.ts";
import { type Front, type FrontMood, startFront } from "../support/front.ts";
import { tempFolder } from "../support/temp-folder.ts";

let simulator: Simulator | null = null;
let front: Front | null = null;

afterEach(async () => {
  await front?.close();
  await simulator?.close();
  front = null;
  simulator = null;
});

const key = "sk-batch-secret-0123456789";

interface Set {
  readonly rows: number;
  readonly batches?: BatchOptions;
  readonly apiKey?: string;
  readonly models?: string;
  readonly more?: string;
  readonly mood?: (call: string, nth: number) => FrontMood;
}

/** A local endpoint, with something in front of it where a mood says so, and a folder with a matrix that asks it. */
async function setUp(set: Set): Promise<{ folder: string; endpoint: Simulator }> {
  const endpoint = await startSimulator({
    batches: set.batches ?? {},
    countRequestIds: true,
    apiKey: set.apiKey ?? null,
  });
  simulator = endpoint;
  if (set.mood !== undefined) front = await startFront(endpoint.baseUrl, set.mood);
  const rows = Array.from({ length: set.rows }, (_, i) => `r${i},What is ${i} + 1?`);
  const folder = tempFolder({
    "rows.csv": `id,question\n${rows.join("\n")}\n`,
    "m.yaml": `
name: batched
provider: local
providers: { local: { base_url: "${front?.baseUrl ?? endpoint.baseUrl}", api_key_env: LOCAL_KEY } }
prompts: [{ id: p, user: "{{ question }}" }]
dataset: rows.csv
parameters: { max_tokens: 50 }
grid: { model: [${set.models ?? "Qwen/Qwen3-8B"}] }
prices:
  - { model: "*", currency: CNY, input: 1, output: 2, batch_discount: 0.5 }
${set.more ?? ""}`,
  });
  return { folder, endpoint };
}

const environment = { LOCAL_KEY: key };

function cli(folder: string, ...args: readonly string[]): Promise<CliResult> {
  return runCli(args, { cwd: folder, env: environment });
}

function summaryOf(folder: string): Summary {
  return JSON.parse(readFileSync(join(folder, "out", "summary.json"), "utf8")) as Summary;
}

function recordsOf(folder: string): { readonly attempts: AttemptRecord[]; readonly batches: BatchRecord[] } {
  const attempts: AttemptRecord[] = [];
  const batches: BatchRecord[] = [];
  scanJournal(join(folder, "out", "journal.jsonl"), (record) => {
    if (record.kind === "attempt") attempts.push(record);
    if (record.kind === "batch") batches.push(record);
  });
  return { attempts, batches };
}

async function until(what: () => boolean): Promise<void> {
  for (let i = 0; !what(); i++) {
    if (i > 1_000) throw new Error("what is waited for does not come");
    await sleep(10);
  }
}

function event(folder: string, name: BatchRecord["event"]): boolean {
  const path = join(folder, "out", "journal.jsonl");
  return (
    existsSync(path) &&
    readFileSync(path, "utf8")
      .split("\n")
      .some((line) => line.includes('"kind":"batch"') && line.includes(`"event":"${name}"`))
  );
}

describe("a run in batches", () => {
  it("asks 5 000 requests, again what failed or expired, and costs what the discount leaves", async () => {
    const { folder, endpoint } = await setUp({ rows: 5_000, batches: { failShare: 0.01, expire: 1 } });
    const run = await cli(folder, "run", "m.yaml", "--batch", "--out", "out");
    expect(run.stderr).toMatch(/batch batch_\w+: expired, 2 4\d\d answers, 2 5\d\d failed/);
    expect(run.code).toBe(0);
    const { totals } = summaryOf(folder);
    expect(totals).toMatchObject({ requests: 5_000, answered: 5_000, failed: 0 });
    const full = ((totals.prompt_tokens ?? 0) * 1 + (totals.completion_tokens ?? 0) * 2) / 1e6;
    expect(totals.cost[0]?.amount).toBeCloseTo(full / 2, 9);
    const { attempts } = recordsOf(folder);
    const answered = attempts.filter(({ status }) => status === "ok").map(({ request_id: id }) => id);
    expect(new Set(answered).size).toBe(5_000);
    expect(answered).toHaveLength(5_000);
    // Nothing was worked on that did not come to an attempt, and what expired was not worked on.
    const unworked = attempts.filter(({ failure }) => failure?.code === "batch_expired").length;
    expect(unworked).toBe(2_500);
    expect(endpoint.stats().batchLines).toBe(attempts.length - unworked);
    expect(existsSync(join(folder, "out", "batches"))).toBe(false);
    const [row = ""] = readFileSync(join(folder, "out", "completions.csv"), "utf8")
      .split("\n")
      .slice(1);
    expect(row).toContain(",ok,local,Qwen/Qwen3-8B,");
    expect(summaryOf(folder).variants[0]?.latency_ms.p50).toBeNull();
  });

  it("goes by model, by OpenAI's shape too, and no further than the provider takes", async () => {
    const { folder, endpoint } = await setUp({
      rows: 20,
      models: "Qwen/Qwen3-8B, deepseek-ai/DeepSeek-V3",
      batches: { shape: "openai", mostOpen: 1, takesMs: 300 },
    });
    const run = await cli(folder, "run", "m.yaml", "--batch", "--out", "out");
    expect(run.code, run.stderr).toBe(0);
    expect(endpoint.stats()).toMatchObject({ batches: 2, batchLines: 40, requests: 0 });
    expect(summaryOf(folder).totals.answered).toBe(40);
  });

  it("works with the simulator that a run starts itself, which knows the right answers", async () => {
    const folder = tempFolder({
      "m.yaml": `
provider: simulator
prompts: [{ id: p, user: "What is {{ a }} + 1? Answer with a number." }]
grid: { model: [sim/strong] }
dataset: rows.csv
scorers: [{ type: numeric, expected: "{{ b }}" }]
`,
      "rows.csv": "a,b\n1,2\n2,3\n3,4\n4,5\n",
    });
    const run = await cli(folder, "run", "m.yaml", "--batch", "--out", "out");
    expect(run.code, run.stderr).toBe(0);
    expect(summaryOf(folder).variants[0]?.pass_rate?.value).toBeGreaterThan(0.7);
  });

  it("is fetched by a resume when it was left, and not bought again", async () => {
    const { folder, endpoint } = await setUp({ rows: 50, batches: { takesMs: 500 } });
    const left = await cli(folder, "run", "m.yaml", "--batch", "--detach", "--out", "out");
    expect(left.code, left.stderr).toBe(0);
    expect(left.stderr).toContain("50 requests are in batches; go on with: promptgrid resume out");
    expect(summaryOf(folder).run).toMatchObject({ status: "incomplete" });
    expect(readdirSync(join(folder, "out", "batches"))).toHaveLength(2);

    const direct = await cli(folder, "run", "m.yaml", "--out", "out");
    expect(direct.code).toBe(2);
    expect(direct.stderr).toContain("a batch with 50 requests of");
    expect(direct.stderr).toContain("[run/open-batches]");
    const merged = await cli(folder, "merge", "out", "--out", "merged");
    expect(merged.stderr).toContain("[run/open-batches]");

    const resumed = await cli(folder, "resume", "out");
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(summaryOf(folder).totals.answered).toBe(50);
    expect(endpoint.stats()).toMatchObject({ batches: 1, batchLines: 50 });
    const again = await cli(folder, "resume", "out");
    expect(again.code).toBe(0);
    expect(endpoint.stats().batches).toBe(1);
  });

  it("is killed while it waits, and read once", async () => {
    const { folder, endpoint } = await setUp({ rows: 300, batches: { takesMs: 700, failShare: 0.1 } });
    const child = spawnCli(["run", "m.yaml", "--batch", "--out", "out"], { cwd: folder, env: environment });
    await until(() => event(folder, "created"));
    child.kill("SIGKILL");
    await collect(child);
    const resumed = await cli(folder, "resume", "out");
    expect(resumed.code, resumed.stderr).toBe(0);
    const { attempts } = recordsOf(folder);
    expect(attempts.filter(({ status }) => status === "ok")).toHaveLength(300);
    expect(endpoint.stats().batchLines).toBe(attempts.length);
    expect(Math.max(...Object.values(endpoint.stats().byRequestId ?? {}))).toBeGreaterThan(1);
  });

  it("stops softly with a signal, and says what is still worked on", async () => {
    const { folder, endpoint } = await setUp({ rows: 30, batches: { takesMs: 60_000 } });
    const child = spawnCli(["run", "m.yaml", "--batch", "--out", "out"], { cwd: folder, env: environment });
    const ended = collect(child);
    await until(() => event(folder, "created"));
    child.kill("SIGINT");
    const { code, stderr } = await ended;
    expect(code).toBe(130);
    expect(stderr).toContain("30 requests in a batch that the provider still works on");
    expect(endpoint.stats().batches).toBe(1);
  });

  it("finds a batch whose creation was not heard of in the provider's list", async () => {
    const { folder, endpoint } = await setUp({
      rows: 40,
      mood: (call, nth) => (call === "POST /v1/batches" && nth === 0 ? "cut-after" : "pass"),
    });
    const run = await cli(folder, "run", "m.yaml", "--batch", "--out", "out");
    expect(run.code, run.stderr).toBe(0);
    expect(endpoint.stats()).toMatchObject({ batches: 1, batchLines: 40 });
    expect(front?.calls.some((call) => call.startsWith("GET /v1/batches?"))).toBe(true);
  });

  it("creates a batch again that never arrived", async () => {
    const { folder, endpoint } = await setUp({
      rows: 40,
      mood: (call, nth) => (call === "POST /v1/batches" && nth === 0 ? "cut-before" : "pass"),
    });
    const run = await cli(folder, "run", "m.yaml", "--batch", "--out", "out");
    expect(run.code, run.stderr).toBe(0);
    expect(endpoint.stats()).toMatchObject({ batches: 1, batchLines: 40 });
  });

  it("buys nothing while it cannot know whether it did", async () => {
    let isListed = false;
    const { folder, endpoint } = await setUp({
      rows: 40,
      more: "retry: { attempts: 1 }",
      mood: (call, nth) => {
        if (call === "POST /v1/batches" && nth === 0) return "cut-after";
        if (call.startsWith("GET /v1/batches?") && !isListed) return { status: 403, body: '"Forbidden"' };
        return "pass";
      },
    });
    const run = await cli(folder, "run", "m.yaml", "--batch", "--out", "out");
    expect(run.code).toBe(3);
    expect(run.stderr).toContain("the list of batches: Forbidden");
    expect(endpoint.stats().batches).toBe(1);
    isListed = true;
    const resumed = await cli(folder, "resume", "out");
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(endpoint.stats()).toMatchObject({ batches: 1, batchLines: 40 });
  });

  it("goes on through bad looks, and reads files again that broke off", async () => {
    const { folder, endpoint } = await setUp({
      rows: 200,
      batches: { failShare: 0.05 },
      mood: (call, nth) => {
        if (/^GET \/v1\/batches\/batch/.test(call) && nth < 2)
          return nth === 0 ? "cut-before" : { status: 502, body: "<html>Bad Gateway</html>" };
        if (call.endsWith("/content") && nth === 0) return { status: 500, body: '"busy"' };
        return "pass";
      },
    });
    const run = await cli(folder, "run", "m.yaml", "--batch", "--out", "out");
    expect(run.code, run.stderr).toBe(0);
    expect(summaryOf(folder).totals.answered).toBe(200);
    expect(endpoint.stats().batchLines).toBe(recordsOf(folder).attempts.length);
  });

  it("keeps to a budget by whole batches, and uses the room that answers leave", async () => {
    // Worst case a request at half price: about 20 tokens in and 50 out, 0.00006 CNY; it uses about 0.00004.
    const { folder } = await setUp({ rows: 100, more: "budget: { cost: 0.003 CNY }" });
    const run = await cli(folder, "run", "m.yaml", "--batch", "--out", "out");
    expect(summaryOf(folder).totals.cost[0]?.amount ?? 0).toBeLessThanOrEqual(0.003);
    const { batches } = recordsOf(folder);
    expect(batches.filter(({ event: one }) => one === "created").length).toBeGreaterThan(1);
    expect(run.code, run.stderr).toBe(3);
    expect(run.stderr).toContain("the budget is used up");
  });

  it("gives up what the provider no longer knows only when it is told to", async () => {
    let isKnown = true;
    const { folder, endpoint } = await setUp({
      rows: 10,
      batches: { takesMs: 100 },
      mood: (call) =>
        /^GET \/v1\/batches\/batch/.test(call) && !isKnown
          ? { status: 404, body: '{"code":20015,"message":"No such batch","data":null}' }
          : "pass",
    });
    await cli(folder, "run", "m.yaml", "--batch", "--detach", "--out", "out");
    isKnown = false;
    const lost = await cli(folder, "resume", "out");
    expect(lost.code).toBe(3);
    expect(lost.stderr).toMatch(/does not know batch batch_\w+ of 10 requests any more/);
    expect(endpoint.stats().batches).toBe(1);
    isKnown = true;
    const dropped = await cli(folder, "resume", "out", "--drop-batches");
    expect(dropped.code, dropped.stderr).toBe(0);
    expect(endpoint.stats().batches).toBe(2);
  });

  it("says what a provider refuses: a key, a window, an endpoint without batches", async () => {
    const wrong = await setUp({ rows: 3, apiKey: "sk-another" });
    const refused = await cli(wrong.folder, "run", "m.yaml", "--batch", "--out", "out");
    expect(refused.code).toBe(3);
    expect(refused.stderr).toContain("the upload of a batch: Api key is invalid (key from `LOCAL_KEY`)");
    expect(refused.stderr + readFileSync(join(wrong.folder, "out", "journal.jsonl"), "utf8")).not.toContain(
      key,
    );
    await wrong.endpoint.close();

    const { folder } = await setUp({ rows: 3 });
    const late = await cli(folder, "run", "m.yaml", "--batch", "--batch-window", "12h", "--out", "out");
    expect(late.code).toBe(3);
    expect(late.stderr).toContain("completion_window must be from `24h` to `336h`");
    const none = await cli(folder, "run", "m.yaml", "--batch", "--batch-window", "soon");
    expect(none.code).toBe(2);
    expect(none.stderr).toContain("[cli/batch-window]");
    const alone = await cli(folder, "run", "m.yaml", "--detach");
    expect(alone.code).toBe(2);
    expect(alone.stderr).toContain("`--detach` needs `--batch`");
    await simulator?.close();

    const old = await setUp({
      rows: 3,
      mood: () => ({ status: 404, body: '"404 page not found"' }),
    });
    const without = await cli(old.folder, "run", "m.yaml", "--batch", "--out", "out");
    expect(without.code).toBe(3);
    expect(without.stderr).toContain("the upload of a batch: 404 page not found");
  });

  it("is estimated at the discount", async () => {
    const { folder } = await setUp({ rows: 10 });
    const full = await cli(folder, "estimate", "m.yaml", "--format", "json");
    const half = await cli(folder, "estimate", "m.yaml", "--batch", "--format", "json");
    const cost = ({ stdout }: CliResult): number =>
      (JSON.parse(stdout) as { totals: { cost: { expected: number }[] } }).totals.cost[0]?.expected ?? 0;
    expect(cost(half)).toBeCloseTo(cost(full) / 2, 9);
  });
});
