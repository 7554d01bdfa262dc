import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Summary } from "../../src/aggregate/summary-shape.ts";
import { type AttemptRecord, decodeRecord } from "../../src/journal/record.ts";
import { JournalWriter } from "../../src/journal/writer.ts";
import type { Simulator } from "../../src/simulator/options.ts";
import { startSimulator } from "../../src/simulator/server.ts";
import { type CliResult, collect, runCli, spawnCli } from "../support/cli.ts";
import { tempFolder } from "../support/temp-folder.ts";

const requests = 1_500;
const concurrency = 16;
let simulator: Simulator;
let cwd: string;

beforeEach(async () => {
  simulator = await startSimulator({ latency: { firstMs: 5, perTokenMs: 0 }, countRequestIds: true });
  const rows = Array.from({ length: requests }, (_, i) => `r${i},What is ${i} plus one?`);
  cwd = tempFolder({
    "rows.csv": `id,question\n${rows.join("\n")}\n`,
    "m.yaml": `
providers: { local: { preset: simulator, base_url: "${simulator.baseUrl}" } }
provider: local
prompts: [{ id: p, user: "{{ question }}" }]
dataset: rows.csv
grid: { model: sim/thinker }
limits: { concurrency: ${concurrency} }
`,
  });
});
afterEach(() => simulator.close());

/** Runs until the server has answered so many, does something to the disk, and waits for the end. */
async function disturbed(out: string, answered: number, disturb: () => void): Promise<CliResult> {
  const child = spawnCli(["run", "m.yaml", "--out", out, "-q"], { cwd });
  const ended = collect(child);
  while (simulator.stats().answered < answered) await sleep(2);
  disturb();
  return ended;
}

/** Goes on to the end: nothing that a journal held is asked again, and little of what was in flight. */
async function expectWhole(args: readonly string[], out: string, kept: ReadonlySet<string>): Promise<void> {
  const resumed = await runCli([...args, "-q"], { cwd });
  expect(resumed.code, resumed.stderr).toBe(0);
  const summary = JSON.parse(readFileSync(join(cwd, out, "summary.json"), "utf8")) as Summary;
  expect(summary.totals).toMatchObject({ requests, answered: requests, pending: 0, failed: 0 });
  const again = Object.entries(simulator.stats().byRequestId ?? {}).filter(([, count]) => count > 1);
  expect(again.filter(([id]) => kept.has(id))).toEqual([]);
  expect(again.length).toBeLessThanOrEqual(2 * concurrency);
}

function answeredRecord(id: string, content: string): AttemptRecord {
  return {
    v: 1,
    kind: "attempt",
    request_id: id,
    variant_id: "v",
    row_id: "r",
    trial: 0,
    attempt: 1,
    body_id: "b",
    status: "ok",
    started_at: "2026-01-01T00:00:00.000Z",
    queued_ms: 0,
    latency_ms: 1.5,
    ttft_ms: null,
    total_ms: 2,
    http_status: 200,
    trace_id: null,
    choices: [{ choice: 0, content, finish_reason: "stop", finish_reason_raw: "stop" }],
  };
}

/** Ids of the requests with an answer in a journal. */
function keptIn(path: string): ReadonlySet<string> {
  const records = readFileSync(path, "utf8")
    .split("\n")
    .map((line) => decodeRecord(Buffer.from(line)));
  return new Set(
    records.flatMap((one) =>
      typeof one !== "string" && one.kind === "attempt" && one.status === "ok" ? [one.request_id] : [],
    ),
  );
}

/** A file system in memory of so many bytes, or null where that may not be made. */
function mounted(name: string, size: string): ((options: string) => void) | null {
  const folder = join(cwd, name);
  mkdirSync(folder);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", folder], { stdio: "ignore" });
  } catch {
    return null;
  }
  return (options) => {
    if (options === "umount") execFileSync("umount", ["-l", folder]);
    else execFileSync("mount", ["-o", `remount,${options}`, folder]);
  };
}

describe("a run whose disk", () => {
  it("is full stops sending, keeps what it has, exits 3, and goes on when there is room", async (context) => {
    const remount = mounted("disk", "1m");
    if (remount === null) return context.skip("a small disk needs root, to be mounted");
    try {
      const full = await runCli(["run", "m.yaml", "--out", "disk/out", "-q"], { cwd });
      expect(full.code).toBe(3);
      expect(full.stderr).toMatch(/the journal in `.*disk\/out` cannot be written: ENOSPC/);
      expect(full.stderr).toContain("make room, then `promptgrid resume");
      const kept = keptIn(join(cwd, "disk/out/journal.jsonl"));
      const { requests: sent, answered } = simulator.stats();
      expect(kept.size).toBeGreaterThan(300);
      expect(sent).toBeLessThan(requests);
      // What could not be kept is counted: the answers in flight at the end.
      const lost = Number(/(\d+) answers? that had come could not be kept/.exec(full.stderr)?.[1] ?? 0);
      expect(kept.size + lost).toBeLessThanOrEqual(answered);
      expect(answered - kept.size).toBeLessThanOrEqual(2 * concurrency);
      remount("size=40m");
      await expectWhole(["resume", "disk/out"], "disk/out", kept);
    } finally {
      remount("umount");
    }
  });

  it("is full at the very last write keeps whole lines, and counts what it does not keep", (context) => {
    const remount = mounted("disk", "64k");
    if (remount === null) return context.skip("a small disk needs root, to be mounted");
    try {
      const path = join(cwd, "disk/journal.jsonl");
      const errors: Error[] = [];
      const writer = new JournalWriter(path, (error) => errors.push(error));
      const ids = Array.from({ length: 300 }, (_, i) => `${i}`.padStart(32, "0"));
      for (const id of ids) writer.append(answeredRecord(id, "x".repeat(700)));
      const lost = writer.close();
      const text = readFileSync(path, "utf8");
      expect(errors.map(({ message }) => message)).toEqual([expect.stringContaining("ENOSPC")]);
      expect(text.endsWith("\n")).toBe(true);
      expect(keptIn(path).size).toBeGreaterThan(30);
      expect(keptIn(path).size + lost).toBe(ids.length);
    } finally {
      remount("umount");
    }
  });

  it("is read-only sends nothing, exits 3, and goes on when it is not", async (context) => {
    const remount = mounted("disk", "40m");
    if (remount === null) return context.skip("a read-only disk needs root, to be mounted");
    try {
      const child = spawnCli(["run", "m.yaml", "--out", "disk/out", "-q"], { cwd });
      const ended = collect(child);
      while (simulator.stats().answered < 300) await sleep(2);
      child.kill("SIGKILL");
      await ended;
      while (simulator.stats().concurrent > 0) await sleep(2);
      const { requests: sent } = simulator.stats();
      const kept = keptIn(join(cwd, "disk/out/journal.jsonl"));
      remount("ro");
      for (const args of [
        ["resume", "disk/out"],
        ["run", "m.yaml", "--out", "disk/out"],
        ["run", "m.yaml", "--out", "disk/new"],
      ]) {
        const refused = await runCli([...args, "-q"], { cwd });
        expect([refused.code, refused.stderr]).toEqual([3, expect.stringContaining("EROFS")]);
      }
      expect(simulator.stats().requests).toBe(sent);
      remount("rw");
      await expectWhole(["resume", "disk/out"], "disk/out", kept);
    } finally {
      remount("umount");
    }
  });
});

describe("a run whose journal", () => {
  const journal = (): string => join(cwd, "out/journal.jsonl");

  it("is removed meanwhile stops, puts it back, exits 3, and goes on", async () => {
    const run = await disturbed("out", 300, () => rmSync(journal()));
    expect(run.code).toBe(3);
    expect(run.stderr).toContain("cannot be written: it was removed; what it held is put back");
    expect(run.stderr).toContain("every answer that came is kept");
    const kept = keptIn(journal());
    expect(kept.size).toBeGreaterThanOrEqual(300 - concurrency);
    expect(simulator.stats().requests).toBeLessThan(requests);
    await expectWhole(["resume", "out"], "out", kept);
  });

  it("is replaced by another file keeps what it held beside it", async () => {
    const run = await disturbed("out", 300, () => {
      writeFileSync(join(cwd, "other"), "hello\n");
      renameSync(join(cwd, "other"), journal());
    });
    expect(run.code).toBe(3);
    expect(run.stderr).toContain("another file took its place");
    expect(readFileSync(journal(), "utf8")).toBe("hello\n");
    renameSync(`${journal()}.removed`, journal());
    await expectWhole(["resume", "out"], "out", keptIn(journal()));
  });

  it("is cut by another program stops at once", async () => {
    const run = await disturbed("out", 300, () => truncateSync(journal(), 1_000));
    expect(run.code).toBe(3);
    expect(run.stderr).toContain("it was cut by another program");
    expect(simulator.stats().requests).toBeLessThan(requests);
    expect(readFileSync(journal()).includes(0)).toBe(false);
    const resumed = await runCli(["resume", "out"], { cwd });
    expect(resumed.code).toBe(0);
    expect(resumed.stderr).toMatch(/the journal's last line was torn|journal line \d+ is skipped/);
  });

  it("goes with the whole folder is put back, and `run` goes on with it", async () => {
    const run = await disturbed("out", 300, () => rmSync(join(cwd, "out"), { recursive: true }));
    expect(run.code).toBe(3);
    expect(run.stderr).toContain("`promptgrid run MATRIX --out");
    await expectWhole(["run", "m.yaml", "--out", "out"], "out", keptIn(journal()));
  });

  it("was cut at any place or has a bad line goes on, and says what is lost", async () => {
    const run = await disturbed("out", 200, () => undefined);
    expect(run.code).toBe(0);
    const whole = readFileSync(journal());
    const lines = whole.toString("utf8").trimEnd().split("\n");
    const sent = simulator.stats().requests;

    // The last answer is torn: it is asked for again.
    const last = lines.findLastIndex((line) => line.includes('"kind":"attempt"'));
    writeFileSync(journal(), lines.slice(0, last).join("\n"));
    appendFileSync(journal(), `\n${(lines[last] ?? "").slice(0, 100)}`);
    const torn = await runCli(["resume", "out"], { cwd });
    expect([torn.code, simulator.stats().requests - sent]).toEqual([0, 1]);
    expect(torn.stderr).toContain("the journal's last line was torn (100 bytes)");

    // A bit of another one has flipped.
    const damaged = Buffer.from(whole);
    const at = whole.indexOf('"content":"', lines.slice(0, 50).join("\n").length) + 20;
    damaged[at] = (damaged[at] ?? 0) ^ 1;
    writeFileSync(journal(), damaged);
    const flipped = await runCli(["resume", "out"], { cwd });
    expect([flipped.code, simulator.stats().requests - sent]).toEqual([0, 2]);
    expect(flipped.stderr).toContain("journal line 51 is skipped: checksum does not agree");
    expect(existsSync(join(cwd, "out", "lock"))).toBe(false);
  });
});
