import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it, vi } from "vitest";
import { noOverrides } from "../../src/config/overrides.ts";
import type { AttemptRecord, JournalRecord } from "../../src/journal/record.ts";
import { stopsLane } from "../../src/outcome/failure.ts";
import type { RunContext, RunOutcome } from "../../src/run/run-context.ts";
import { runMatrix } from "../../src/run/run-matrix.ts";
import { faultOutcome } from "../../src/simulator/fault-forms.ts";
import { type Fault, type FaultKind, faultKinds } from "../../src/simulator/faults.ts";
import type { Simulator, SimulatorStats } from "../../src/simulator/options.ts";
import { startSimulator } from "../../src/simulator/server.ts";
import type { Clock } from "../../src/system/clock.ts";
import { tempFolder } from "../support/temp-folder.ts";

/** 20 000 by `npm run bench:soak`. */
const requests = Number(process.env.SOAK_REQUESTS ?? 2_000);
const faultShare = 0.1;
/** Pauses and waits for retries pass so many times faster; what sockets do takes its own time. */
const haste = 200;

const hastyClock: Clock = {
  now: () => performance.now() * haste,
  wall: () => new Date().toISOString(),
  after: (ms, work) => {
    const timer = setTimeout(work, Math.ceil(Math.min(ms, 2 ** 31) / haste));
    return () => clearTimeout(timer);
  },
};

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

function heapMb(): number {
  collectGarbage();
  collectGarbage();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

/** Sockets and servers that this process has open. */
function openHandles(): number {
  return process.getActiveResourcesInfo().filter((name) => /^TCP/.test(name)).length;
}

async function run(folder: string): Promise<RunOutcome> {
  const context: RunContext = {
    workingDirectory: folder,
    environment: {},
    clock: hastyClock,
    random: Math.random,
    pid: process.pid,
    nodeVersion: process.version,
    stop: new AbortController().signal,
    kill: new AbortController().signal,
    listener: () => undefined,
  };
  return runMatrix(
    {
      matrix: "m.yaml",
      overrides: noOverrides,
      out: "out",
      reuse: null,
      allowShrink: false,
      confirmAbove: 1e9,
      yes: true,
      against: null,
      requireBaseline: false,
      saveBaseline: null,
      strict: false,
      reports: {},
      graceMs: 1_000,
      perVariant: null,
      batch: null,
      sharedLimits: null,
      queue: null,
      dropQueue: false,
      shard: null,
    },
    context,
  );
}

function folderFor({ baseUrl }: Simulator, rows: number): string {
  return tempFolder({
    "rows.csv": `question\n${Array.from({ length: rows }, (_, i) => `Why ${i}?`).join("\n")}\n`,
    "m.yaml": `
name: soak
provider: local
providers: { local: { preset: simulator, base_url: "${baseUrl}" } }
prompts: [{ id: p, user: "{{ question }}" }]
dataset: rows.csv
grid: { model: sim/fast }
limits: { concurrency: 64 }
timeouts: { first_token: 1s, idle: 1s, total: 3s }
max_failed: 100%
`,
  });
}

function attemptsOf(folder: string): readonly AttemptRecord[] {
  return readFileSync(join(folder, "out", "journal.jsonl"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as JournalRecord)
    .filter((record) => record.kind === "attempt");
}

function count(names: Iterable<string>): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

const laneStopping = faultKinds.filter((kind) => {
  const outcome = faultOutcome(kind, true);
  return outcome !== "ok" && stopsLane(outcome);
});
// 100 MB at a time are slow, and have their own test.
const survived = faultKinds.filter((kind) => !laneStopping.includes(kind) && kind !== "huge");

const evenly = survived.map((kind) => ({ kind, rate: faultShare / survived.length }));

/** A run of so many rows against a local endpoint with these faults, and what either says of it. */
async function soak(rows: number, faults: readonly Fault[], seed: number): Promise<Soaked> {
  const simulator = await startSimulator({ seed, slowMs: 20, faults });
  const folder = folderFor(simulator, rows);
  const { summary, exitCode, reason } = await run(folder);
  const stats = simulator.stats();
  await simulator.close();
  return { folder, totals: summary.totals, exitCode, reason, stats };
}

interface Soaked extends Pick<RunOutcome, "exitCode" | "reason"> {
  readonly folder: string;
  readonly totals: RunOutcome["summary"]["totals"];
  readonly stats: SimulatorStats;
}

it(`${requests} requests with every fault mixed in end once each, as they must, and leave nothing behind`, async () => {
  const handles = openHandles();
  // What is loaded once and cached is no leak.
  await soak(1_000, evenly, 1);
  const heap = heapMb();
  const { folder, totals, stats } = await soak(requests, evenly, 11);
  const { faults, requests: arrived } = stats;
  // A destroyed socket is gone a turn of the event loop later.
  await vi.waitFor(() => expect(openHandles()).toBe(handles));
  expect(heapMb() - heap).toBeLessThan(5);

  expect(totals.pending).toBe(0);
  expect(totals.answered + totals.failed).toBe(requests);
  const attempts = attemptsOf(folder);
  expect(attempts.length).toBe(arrived);
  const expected = Object.entries(faults).flatMap(([kind, times = 0]) =>
    Array.from({ length: times }, () => faultOutcome(kind as FaultKind, true)),
  );
  const plain = Array.from({ length: arrived - expected.length }, () => "ok");
  expect(
    count(attempts.map(({ status, failure }) => (status === "ok" ? "ok" : (failure?.kind ?? "?")))),
  ).toEqual(count([...expected, ...plain]));
  expect(expected.length).toBeGreaterThan(0.8 * faultShare * arrived);
  const answeredIds = attempts.filter(({ status }) => status === "ok").map((one) => one.request_id);
  expect(new Set(answeredIds).size).toBe(answeredIds.length);
  expect(answeredIds.length).toBe(totals.answered);
  expect(new Set(attempts.map((one) => one.request_id)).size).toBe(requests);
}, 600_000);

it.each(laneStopping)("`%s` stops the lane at once, and what was not asked stays pending", async (kind) => {
  const { totals, stats, exitCode, reason } = await soak(300, [{ kind, rate: 1 }], 3);
  const { requests: arrived } = stats;
  expect(exitCode).toBe(3);
  expect(reason).toContain("sim/fast");
  // What was in flight by then, and no retry.
  expect(arrived).toBeLessThanOrEqual(64);
  expect(Object.keys(totals.failures)).toEqual([faultOutcome(kind, true)]);
  expect(totals.pending).toBe(300 - arrived);
});
