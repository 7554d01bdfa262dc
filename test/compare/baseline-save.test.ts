import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Flags } from "../../src/cli/cli.ts";
import { baselineSave } from "../../src/cli/commands/baseline.ts";
import type { Terminal } from "../../src/cli/terminal.ts";
import { decodeBaseline } from "../../src/compare/baseline.ts";
import { noOverrides } from "../../src/config/overrides.ts";
import { UsageError } from "../../src/errors.ts";
import type { RunContext, RunOptions } from "../../src/run/run-context.ts";
import { runMatrix } from "../../src/run/run-matrix.ts";
import { type SaveOptions, saveBaseline } from "../../src/run/save-baseline.ts";
import type { Simulator } from "../../src/simulator/options.ts";
import { startSimulator } from "../../src/simulator/server.ts";
import { systemClock } from "../../src/system/clock.ts";
import { tempFolder } from "../support/temp-folder.ts";

const options: RunOptions = {
  matrix: "m.yaml",
  overrides: noOverrides,
  out: "out",
  reuse: null,
  allowShrink: false,
  confirmAbove: 1_000,
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
};

let simulator: Simulator;
let broken: Simulator;
beforeAll(async () => {
  simulator = await startSimulator();
  broken = await startSimulator({ faults: [{ kind: "500", rate: 1 }] });
});
afterAll(() => Promise.all([simulator.close(), broken.close()]));

/** A folder with a run in `out`: 4 rows, 2 prompts, one scorer. */
async function ran(
  more: { readonly endpoint?: Simulator; readonly stopped?: boolean; readonly saveBaseline?: string } = {},
): Promise<string> {
  const rows = Array.from(
    { length: 4 },
    (_, i) => `r${i},What is ${i} + 1?,${i + 1},${i % 2 === 0 ? "even" : "odd"}`,
  );
  const folder = tempFolder({
    "m.yaml": `
provider: local
providers: { local: { preset: simulator, base_url: "${(more.endpoint ?? simulator).baseUrl}" } }
prompts: [{ id: a, user: "{{ question }}" }, { id: b, user: "Now: {{ question }}" }]
dataset: data/rows.csv
grid: { model: sim/strong }
trials: 2
retry: { attempts: 1 }
scorers: [{ id: right, type: numeric, expected: "{{ answer }}" }]
gates: [{ metric: pass_rate, max_drop: 0.05, by: kind }, { metric: reasoning_tokens.mean, max: 900 }]
`,
    "data/rows.csv": `id,question,answer,kind\n${rows.join("\n")}\n`,
  });
  const stop = new AbortController();
  if (more.stopped === true) stop.abort("SIGINT");
  const context: RunContext = {
    workingDirectory: folder,
    environment: {},
    clock: systemClock,
    random: Math.random,
    pid: process.pid,
    nodeVersion: process.version,
    stop: stop.signal,
    kill: new AbortController().signal,
    listener: () => undefined,
  };
  await runMatrix({ ...options, saveBaseline: more.saveBaseline ?? null }, context);
  return folder;
}

/** What saving is refused with; null when it is not. */
function refusal(folder: string, file: string, how: SaveOptions = {}): string | null {
  try {
    saveBaseline(join(folder, "out"), join(folder, file), how);
    return null;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return `${error.message.replaceAll(folder, "…")} [${error.code}]`;
  }
}

function terminal(folder: string): {
  readonly terminal: Terminal;
  readonly out: string[];
  readonly err: string[];
} {
  const out: string[] = [];
  const err: string[] = [];
  const output = (to: string[]): Terminal["stdout"] => ({
    isTerminal: false,
    columns: null,
    write: (text) => to.push(text),
    rows: null,
  });
  return {
    out,
    err,
    terminal: {
      arguments: [],
      environment: {},
      workingDirectory: folder,
      pid: process.pid,
      nodeVersion: process.version,
      stdout: output(out),
      stderr: output(err),
      onSignal: () => () => undefined,
    },
  };
}

describe("a good run", () => {
  test("is saved whole, with the facts of its run and the columns and quantities of its gates", async () => {
    const folder = await ran();
    const file = join(folder, "deep/er/main.json");
    const saved = saveBaseline(join(folder, "out"), file);
    const text = readFileSync(file, "utf8");
    expect(saved).toMatchObject({ rows: 4, variants: 2, bytes: Buffer.byteLength(text), answers: "short" });
    expect(saved.warnings).toContain("its answers are simulated");
    expect(readdirSync(join(folder, "deep/er"))).toEqual(["main.json"]);
    const { side, facts, diagnostics } = decodeBaseline(text, "main.json");
    expect(diagnostics).toEqual([]);
    expect(facts).toMatchObject({
      runName: "m",
      status: "complete",
      simulated: ["local"],
      matrix: { file: "m.yaml", sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
      dataset: { file: "data/rows.csv", sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    expect(side?.column(1, "kind")).toBe("odd");
    expect(side?.column(1, "answer")).toBeNull();
    expect([...(side?.variants[0]?.requests ?? [])]).toEqual([2, 2, 2, 2]);
    for (const name of ["pass", "scores.right", "latency_ms", "prompt_tokens", "completion_tokens"])
      expect([...(side?.variants[1]?.series.get(name)?.counts ?? [])], name).toEqual([2, 2, 2, 2]);
    expect(side?.output(0, 0)).not.toBeNull();
  });

  test("gives the same bytes every time, and replaces the baseline that is there", async () => {
    const folder = await ran();
    const file = join(folder, "main.json");
    saveBaseline(join(folder, "out"), file);
    const first = readFileSync(file, "utf8");
    expect(refusal(folder, "main.json")).toBeNull();
    expect(readFileSync(file, "utf8")).toBe(first);
  });

  test("does not replace a file that is something else", async () => {
    const folder = await ran();
    expect(refusal(folder, "m.yaml")).toBe("`…/m.yaml` is a file that is no baseline [baseline/other-file]");
    expect(refusal(folder, "data", { force: true })).toBe("`…/data` is a folder [baseline/other-file]");
    expect(refusal(folder, "m.yaml/x.json")).toContain("[baseline/write]");
    writeFileSync(join(folder, "empty.json"), "");
    expect(refusal(folder, "empty.json")).toBeNull();
  });

  test("is saved by the run itself when that is asked for", async () => {
    const folder = await ran({ saveBaseline: "baselines/main.json" });
    expect(
      decodeBaseline(readFileSync(join(folder, "baselines/main.json"), "utf8"), "f").diagnostics,
    ).toEqual([]);
  });
});

describe("a run that is not good", () => {
  test("is refused when it was interrupted, unless forced", async () => {
    const folder = await ran({ stopped: true });
    expect(refusal(folder, "main.json")).toMatch(
      /^`…\/out` is no good baseline: the run is interrupted; 16 of 16 requests are missing \(100 %, at most 2 %\) \[baseline\/not-good\]$/,
    );
    expect(existsSync(join(folder, "main.json"))).toBe(false);
    const saved = saveBaseline(join(folder, "out"), join(folder, "main.json"), { force: true });
    expect(saved.warnings).toContain("the run is interrupted");
  });

  test("is refused when its requests failed, and is not saved by the run either", async () => {
    const folder = await ran({ endpoint: broken, saveBaseline: "main.json" });
    expect(existsSync(join(folder, "main.json"))).toBe(false);
    expect(refusal(folder, "main.json")).toContain("16 of 16 requests are missing");
  });

  test("is no run at all: the folder is named", () => {
    const folder = tempFolder({ "out/x.txt": "" });
    expect(refusal(folder, "main.json")).toContain("[run/not-a-run]");
  });
});

describe("promptgrid baseline save", () => {
  const flags: Flags = { run: "out", file: "main.json", format: "table" };

  test("says what was written and what comes next", async () => {
    const folder = await ran();
    const { terminal: into, out, err } = terminal(folder);
    expect(await baselineSave({ ...flags, answers: "none" }, into)).toBe(0);
    expect(out.join("")).toMatch(/^saved main\.json: 2 variants, 4 rows, \d+ bytes, no answers\n$/);
    expect(err.at(-1)).toBe("next: commit it, then promptgrid run MATRIX --baseline main.json\n");
    expect(readFileSync(join(folder, "main.json"), "utf8")).not.toContain('"output"');
  });

  test("gives the same as JSON", async () => {
    const { terminal: into, out } = terminal(await ran());
    await baselineSave({ ...flags, format: "json" }, into);
    expect(JSON.parse(out.join(""))).toMatchObject({
      file: "main.json",
      rows: 4,
      variants: 2,
      answers: "short",
    });
  });

  test("knows three ways to keep answers", async () => {
    const { terminal: into } = terminal(tempFolder());
    await expect(baselineSave({ ...flags, answers: "some" }, into)).rejects.toThrow(
      "`--answers` cannot be `some`",
    );
  });
});
