import { cpSync, readFileSync, rmSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { Summary } from "../../src/aggregate/summary-shape.ts";
import { noOverrides } from "../../src/config/overrides.ts";
import type { RunContext, RunOptions } from "../../src/run/run-context.ts";
import { runMatrix } from "../../src/run/run-matrix.ts";
import type { Simulator } from "../../src/simulator/options.ts";
import { startSimulator } from "../../src/simulator/server.ts";
import { systemClock } from "../../src/system/clock.ts";
import { gitRepository } from "../support/git-repository.ts";

const options: RunOptions = {
  matrix: "m.yaml",
  overrides: noOverrides,
  out: "out",
  reuse: null,
  allowShrink: false,
  confirmAbove: 1_000,
  yes: true,
  against: "HEAD",
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
};

function contextOf(workingDirectory: string): RunContext {
  return {
    workingDirectory,
    environment: {},
    clock: systemClock,
    random: Math.random,
    pid: process.pid,
    nodeVersion: process.version,
    stop: new AbortController().signal,
    kill: new AbortController().signal,
    listener: () => undefined,
  };
}

/** Request ids with an answer, of the complete lines of a journal. */
function answered(directory: string): ReadonlySet<string> {
  const lines = readFileSync(join(directory, "journal.jsonl"), "utf8").split("\n").slice(0, -1);
  return new Set(
    lines
      .map((line) => JSON.parse(line) as { kind: string; status: string; request_id: string })
      .flatMap((record) => (record.kind === "attempt" && record.status === "ok" ? [record.request_id] : [])),
  );
}

/** What the reports of a side say, without times and without who asked. */
function facts(directory: string): unknown {
  const { totals, variants, run } = JSON.parse(
    readFileSync(join(directory, "summary.json"), "utf8"),
  ) as Summary;
  const { requests, answered: answers, failed, pending, prompt_tokens, completion_tokens } = totals;
  return {
    status: run.status,
    totals: { requests, answers, failed, pending, prompt_tokens, completion_tokens },
    variants: variants.map((variant) => [variant.variant_id, variant.passed, variant.pass_rate]),
  };
}

describe("a run against a git revision, whose two journals were cut anywhere", () => {
  let simulator: Simulator;
  beforeAll(async () => {
    simulator = await startSimulator();
  });
  afterAll(() => simulator.close());

  it("goes on to the same reports, and asks exactly what neither journal has an answer to", async () => {
    const rows = Array.from({ length: 6 }, (_, i) => `r${i},What is ${i} + 1?,${i + 1}`).join("\n");
    const { folder, write } = gitRepository({
      "m.yaml": `
provider: local
providers: { local: { preset: simulator, base_url: "${simulator.baseUrl}" } }
prompts: [{ id: same, user: "{{ question }}" }, { id: edited, file: p.md }]
dataset: rows.csv
grid: { model: sim/strong }
scorers: [{ type: numeric, expected: "{{ answer }}" }]
`,
      "p.md": "Old: {{ question }}",
      "rows.csv": `id,question,answer\n${rows}\n`,
    });
    write({ "p.md": "New: {{ question }}" });
    await runMatrix(options, contextOf(folder));
    const sides = ["", "against"];
    const whole = sides.map((side) => facts(join(folder, "out", side)));
    const everything = new Set(sides.flatMap((side) => [...answered(join(folder, "out", side))]));
    expect(everything.size).toBe(18);
    const copy = join(folder, "cut");
    onTestFinished(() => rmSync(copy, { recursive: true, force: true }));

    await fc.assert(
      fc.asyncProperty(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (...cuts) => {
          rmSync(copy, { recursive: true, force: true });
          cpSync(join(folder, "out"), copy, { recursive: true });
          for (const [i, side] of sides.entries()) {
            const path = join(copy, side, "journal.jsonl");
            truncateSync(path, Math.floor(statSync(path).size * (cuts[i] ?? 1)));
          }
          const known = new Set(sides.flatMap((side) => [...answered(join(copy, side))]));
          const before = simulator.stats().requests;
          await runMatrix({ ...options, matrix: null, against: null, out: "cut" }, contextOf(folder));
          expect(simulator.stats().requests - before).toBe(everything.size - known.size);
          expect(sides.map((side) => facts(join(copy, side)))).toEqual(whole);
        },
      ),
      { numRuns: 25 },
    );
  });
});
