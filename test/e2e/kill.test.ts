import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parse } from "csv-parse/sync";
import { describe, expect, it } from "vitest";
import { decodeRecord } from "../../src/journal/record.ts";
import type { Simulator } from "../../src/simulator/options.ts";
import { startSimulator } from "../../src/simulator/server.ts";
import { seededRandom } from "../../src/system/seeded-random.ts";
import { collect, runCli, spawnCli } from "../support/cli.ts";
import { tempFolder } from "../support/temp-folder.ts";

/** 100 by `npm run bench:kill`, with another seed each day. */
const kills = Number(process.env.KILLS ?? 10);
const seed = Number(process.env.KILL_SEED ?? 1);
const rows = 1_000;
const requests = 2 * rows;
const concurrency = 64;

function folderFor(simulator: Simulator): string {
  const lines = Array.from({ length: rows }, (_, i) => `r${i},What is ${i} + 1?,${i + 1}`);
  return tempFolder({
    "rows.csv": `id,question,answer\n${lines.join("\n")}\n`,
    "m.yaml": `
name: killed
provider: local
providers: { local: { preset: simulator, base_url: "${simulator.baseUrl}" } }
prompts: [{ id: p, user: "{{ question }}" }]
dataset: rows.csv
grid: { model: [sim/strong, sim/weak] }
limits: { concurrency: ${concurrency} }
scorers: [{ type: numeric, expected: "{{ answer }}" }]
`,
  });
}

/** Ids of the requests that a journal holds an answer to, in every line that is whole. */
function answeredIds(directory: string): ReadonlySet<string> {
  const path = join(directory, "journal.jsonl");
  if (!existsSync(path)) return new Set();
  const records = readFileSync(path, "utf8")
    .split("\n")
    .map((line) => decodeRecord(Buffer.from(line)));
  return new Set(
    records.flatMap((one) =>
      typeof one !== "string" && one.kind === "attempt" && one.status === "ok" ? [one.request_id] : [],
    ),
  );
}

/** What speaks of times, of the run itself, or of single exchanges. */
const changing =
  /_ms(\.|$)|^(run|started_at|wall_seconds|requests_per_second|output_tokens_per_second|latency|ttft|pareto|response_id|trace_id)$/;

/** A value without what changes from run to run. */
function lasting(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lasting);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, member]) => (changing.test(key) ? [] : [[key, lasting(member)]])),
  );
}

/** Where two values differ, the first few places. */
function differences(a: unknown, b: unknown, at = ""): readonly string[] {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null)
    return Object.is(a, b) ? [] : [`${at}: ${JSON.stringify(a)} and ${JSON.stringify(b)}`];
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names]
    .flatMap((name) =>
      differences(
        (a as Record<string, unknown>)[name],
        (b as Record<string, unknown>)[name],
        `${at}/${name}`,
      ),
    )
    .slice(0, 10);
}

/** The reports of a run as data, without what changes. */
function reports(directory: string): unknown {
  const text = (name: string): string => readFileSync(join(directory, name), "utf8");
  const csv = (name: string): unknown => lasting(parse(text(name), { columns: true }));
  return {
    summary: lasting(JSON.parse(text("summary.json"))),
    variants: csv("summary.csv"),
    table: csv("completions.csv"),
    completions: text("completions.jsonl")
      .trimEnd()
      .split("\n")
      .map((line) => lasting(JSON.parse(line))),
  };
}

describe("a run that is killed at any moment", () => {
  it(`goes on without asking again for what was answered (${kills} times)`, {
    timeout: kills * 60_000,
  }, async () => {
    const random = seededRandom(seed);
    const plain = await startSimulator({ latency: { firstMs: 20, perTokenMs: 0 }, seed: 1 });
    const whole = folderFor(plain);
    const startedAt = performance.now();
    expect((await runCli(["run", "m.yaml", "--out", "out", "-q"], { cwd: whole })).code).toBe(0);
    const wholeMs = performance.now() - startedAt;
    await plain.close();
    const wanted = reports(join(whole, "out"));

    let mostTwice = 0;
    for (let n = 0; n < kills; n++) {
      const simulator = await startSimulator({
        latency: { firstMs: 20, perTokenMs: 0 },
        seed: 1,
        countRequestIds: true,
      });
      const folder = folderFor(simulator);
      const out = join(folder, "out");
      const killAfterMs = wholeMs * 1.1 * random();
      const told = `kill ${n} of seed ${seed} after ${Math.round(killAfterMs)} ms`;
      const child = spawnCli(["run", "m.yaml", "--out", "out", "-q"], { cwd: folder });
      const ended = collect(child);
      await sleep(killAfterMs);
      child.kill("SIGKILL");
      await ended;
      const kept = answeredIds(out);
      // What the server was asked for by then, and had not answered or had: it sees the connections break.
      while (simulator.stats().concurrent > 0) await sleep(5);
      const before = simulator.stats();
      const resumed = await runCli(["run", "m.yaml", "--out", "out", "-q"], { cwd: folder });
      expect(resumed.code, `${told}: ${resumed.stderr}`).toBe(0);
      const asked = simulator.stats().byRequestId ?? {};
      const again = Object.entries(asked).filter(([, count]) => count > 1);
      expect(
        again.filter(([id]) => kept.has(id)),
        told,
      ).toEqual([]);
      expect(again.length, told).toBeLessThanOrEqual(concurrency);
      expect(again.length, told).toBe(before.requests - kept.size);
      expect(Object.keys(asked).length, told).toBe(requests);
      expect(answeredIds(out).size, told).toBe(requests);
      expect(differences(reports(out), wanted), told).toEqual([]);
      mostTwice = Math.max(mostTwice, again.length);
      await simulator.close();
    }
    process.stdout.write(
      `${kills} kills: at most ${mostTwice} requests asked twice, of ${concurrency} in flight\n`,
    );
  });
});
