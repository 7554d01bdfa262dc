import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import type { Summary } from "../../src/aggregate/summary-shape.ts";
import type { RunEstimate } from "../../src/cost/estimate-shape.ts";
import { startSimulator } from "../../src/simulator/server.ts";
import { projectRoot, runCli } from "../support/cli.ts";
import { tempFolder } from "../support/temp-folder.ts";

const matrix = join(projectRoot, "configs/quickstart.yaml");

async function estimate(cwd: string, ...flags: readonly string[]): Promise<RunEstimate> {
  const { stdout, stderr, code } = await runCli(["estimate", matrix, "--format", "json", ...flags], { cwd });
  expect([code, stderr]).toEqual([0, ""]);
  return JSON.parse(stdout) as RunEstimate;
}

it("estimates what a run then really uses, over the local endpoint", { timeout: 120_000 }, async () => {
  const folder = tempFolder();
  const run = async (out: string, ...flags: readonly string[]): Promise<void> => {
    const { code } = await runCli(["run", matrix, "--out", out, ...flags], { cwd: folder });
    expect(code).toBe(0);
  };
  await run("pilot", "--limit", "20");
  const before = await estimate(folder);
  const after = await estimate(folder, "--from", "pilot");
  await run("full");
  const { variants } = JSON.parse(readFileSync(join(folder, "full/summary.json"), "utf8")) as Summary;
  const sums = (what: "prompt_tokens" | "completion_tokens"): readonly number[] =>
    variants.map((variant) => variant[what].sum ?? Number.NaN);
  const worstError = (expected: readonly number[], actual: readonly number[]): number =>
    Math.max(...expected.map((tokens, i) => Math.abs(tokens / (actual[i] ?? Number.NaN) - 1)));

  // Prompts are within 3 % before anything was sent, answers within 15 % after 20 rows of each variant.
  const prompts = before.variants.map((variant) => variant.prompt_tokens);
  expect(worstError(prompts, sums("prompt_tokens"))).toBeLessThan(0.03);
  const answers = after.variants.map(({ completion_tokens: { expected } }) => expected);
  expect(worstError(answers, sums("completion_tokens"))).toBeLessThan(0.15);
  expect(after.variants.every(({ completion_basis: basis }) => basis === "variant")).toBe(true);
  before.variants.forEach(({ completion_tokens: { worst } }, i) => {
    expect(sums("completion_tokens")[i]).toBeLessThanOrEqual(worst ?? 0);
  });
});

const pilotMatrix = `name: sweep
provider: simulator
prompts:
  - { id: short, user: "Say something about {{ text }}" }
  - { id: long, system: "You are a poet.", user: "Write three lines about {{ text }}" }
dataset: rows.csv
grid: { model: [sim/strong, sim/weak] }
parameters: { max_tokens: 512 }
prices:
  - { model: sim/strong, currency: CNY, input: 4, output: 16 }
  - { model: sim/weak, currency: USD, input: 0.1, output: 0.4 }
`;

function pilotFolder(): string {
  const rows = Array.from({ length: 200 }, (_, i) => `r${i},${"rivers and 山水 ".repeat(1 + (i % 17))}${i}`);
  return tempFolder({ "m.yaml": pilotMatrix, "rows.csv": `id,text\n${rows.join("\n")}\n` });
}

describe("a pilot", () => {
  it("tells the cost within 15 % and prompts within 3 %, and is part of the later run", {
    timeout: 60_000,
  }, async () => {
    const cwd = pilotFolder();
    const pilot = await runCli(["estimate", "m.yaml", "--pilot", "20", "--out", "r", "--format", "json"], {
      cwd,
    });
    expect(pilot.code).toBe(0);
    expect(pilot.stderr).toContain("pilot: 80 of 80 requests answered, kept in r/");
    expect(pilot.stderr).toContain("720 requests left; go on with: promptgrid resume r");
    const estimated = JSON.parse(pilot.stdout) as RunEstimate;
    expect(estimated.variants.map(({ evidence_requests: count }) => count)).toEqual([20, 20, 20, 20]);

    const rest = await runCli(["resume", "r"], { cwd });
    expect(rest.code).toBe(0);
    expect(rest.stderr).toContain("80 answered already");
    const summary = JSON.parse(readFileSync(join(cwd, "r/summary.json"), "utf8")) as Summary;
    expect(summary.totals).toMatchObject({ answered: 800, attempts: 800, pending: 0 });
    expect(summary.totals.cost.map(({ currency }) => currency)).toEqual(["CNY", "USD"]);
    for (const { currency, amount } of summary.totals.cost) {
      const expected = estimated.totals.cost.find((sum) => sum.currency === currency)?.expected ?? Number.NaN;
      expect(Math.abs(expected / amount - 1)).toBeLessThan(0.15);
    }
    expect(
      Math.abs(estimated.totals.prompt_tokens / (summary.totals.prompt_tokens ?? Number.NaN) - 1),
    ).toBeLessThan(0.03);
    // What was estimated is kept, and stands in the reports.
    expect(summary.estimate?.prompt_tokens).toBe(estimated.totals.prompt_tokens);
    expect(rest.stdout).toMatch(/estimated [\d.]+ CNY, cost [\d.]+ CNY \([+−±]/);
  });

  it("takes the same rows for every variant, asks nothing twice, and goes by --budget", async () => {
    const cwd = pilotFolder();
    const go = (...args: string[]): ReturnType<typeof runCli> =>
      runCli(["estimate", "m.yaml", "--out", "r", "-q", ...args], { cwd });
    expect((await go("--pilot", "3")).code).toBe(0);
    const over = await go("--pilot", "5", "--budget", "tokens=30k");
    expect([over.code, over.stderr]).toEqual([1, expect.stringContaining("above the budget: ")]);
    const rows = new Map<string, string[]>();
    for (const line of readFileSync(join(cwd, "r/journal.jsonl"), "utf8").split("\n")) {
      if (!line.includes('"kind":"attempt"')) continue;
      const { variant_id: variant, row_id: row } = JSON.parse(line) as { variant_id: string; row_id: string };
      rows.set(variant, [...(rows.get(variant) ?? []), row].sort());
    }
    expect(rows.size).toBe(4);
    const [first = [], ...others] = [...rows.values()];
    expect(first).toHaveLength(5);
    expect(new Set(first).size).toBe(5);
    for (const other of others) expect(other).toEqual(first);
  });

  it("is held by --budget itself, and refuses before it sends what cannot be told", async () => {
    const cwd = pilotFolder();
    const held = await runCli(
      ["estimate", "m.yaml", "--pilot", "9", "--out", "r", "--budget", "requests=5"],
      { cwd },
    );
    expect([held.code, held.stdout]).toEqual([3, ""]);
    expect(held.stderr).toContain("the budget is used up: 5 of 5 requests were sent; the pilot is in r/");
    const euro = await runCli(["estimate", "m.yaml", "--pilot", "9", "--out", "e", "--budget", "cost=5EUR"], {
      cwd,
    });
    expect([euro.code, euro.stderr]).toEqual([2, expect.stringContaining("another currency")]);
    expect(existsSync(join(cwd, "e"))).toBe(false);
  });

  it("is refused with --from, and --out is refused without it", async () => {
    const cwd = pilotFolder();
    const both = await runCli(["estimate", "m.yaml", "--pilot", "3", "--from", "x"], { cwd });
    expect([both.code, both.stderr]).toEqual([2, expect.stringContaining("`--from` and `--pilot`")]);
    const alone = await runCli(["estimate", "m.yaml", "--out", "r"], { cwd });
    expect([alone.code, alone.stderr]).toEqual([2, expect.stringContaining("there is no `--pilot`")]);
  });
});

it("expects answers beyond max_tokens where a pilot had them, as some models think", async () => {
  const server = createServer((_, response) => {
    response.setHeader("content-type", "application/json");
    response.end(
      JSON.stringify({
        choices: [{ index: 0, message: { role: "assistant", content: "hm" }, finish_reason: "stop" }],
        usage: { prompt_tokens: 20, completion_tokens: 2_000, total_tokens: 2_020 },
      }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const { port } = server.address() as AddressInfo;
    const cwd = pilotFolder();
    const there = [
      "--set",
      `providers={ local: { base_url: "http://127.0.0.1:${port}/v1" } }`,
      "--provider",
      "local",
      "--limit",
      "30",
    ];
    const args = ["estimate", "m.yaml", "--pilot", "5", "--out", "r", "--format", "json", ...there];
    const pilot = JSON.parse((await runCli(args, { cwd })).stdout) as RunEstimate;
    expect(pilot.totals.completion_tokens).toEqual({ expected: 4 * 30 * 2_000, worst: null });
    const rest = await runCli(["resume", "r"], { cwd });
    expect(rest.stdout).toMatch(/estimated [\d.]+ CNY, cost [\d.]+ CNY \([+−±][0-3](\.\d)? %\)/);
  } finally {
    server.close();
  }
});

describe("the tokenizer", () => {
  /** Files that a command line loads. */
  async function loaded(args: readonly string[], cwd: string): Promise<string> {
    writeFileSync(
      join(cwd, "hook.mjs"),
      `import { appendFileSync } from "node:fs";
export async function load(url, context, next) { appendFileSync("loaded.txt", url + "\\n"); return next(url, context); }
`,
    );
    writeFileSync(
      join(cwd, "register.mjs"),
      `import { register } from "node:module"; register("./hook.mjs", import.meta.url);\n`,
    );
    writeFileSync(join(cwd, "loaded.txt"), "");
    const env = { NODE_OPTIONS: `--import ${pathToFileURL(join(cwd, "register.mjs")).href}` };
    const { code } = await runCli(args, { cwd, env });
    expect([args[0], code]).toEqual([args[0], 0]);
    return readFileSync(join(cwd, "loaded.txt"), "utf8");
  }

  it("is loaded by an estimate and by a budget of tokens, and not by a run that needs neither", async () => {
    const cwd = pilotFolder();
    // A simulator of its own, so that what is loaded is what the run loads: the embedded one counts tokens.
    const simulator = await startSimulator({ latency: { firstMs: 0, perTokenMs: 0 } });
    try {
      const there = [
        "--set",
        `providers={ local: { base_url: "${simulator.baseUrl}" } }`,
        "--provider",
        "local",
      ];
      const run = ["run", "m.yaml", "--limit", "2", "-q", ...there];
      const plain = await loaded(run, cwd);
      expect(plain).toContain("run-matrix.js");
      expect(plain).not.toContain("gpt-tokenizer");
      expect(await loaded([...run, "--budget", "requests=100"], cwd)).not.toContain("gpt-tokenizer");
      expect(await loaded([...run, "--budget", "tokens=100k"], cwd)).toContain("gpt-tokenizer");
      expect(await loaded(["estimate", "m.yaml", "--limit", "2", ...there], cwd)).toContain("gpt-tokenizer");
    } finally {
      await simulator.close();
    }
  });
});

describe("the command line of estimate", () => {
  it("exits 1 and says so where more is expected than the budget", async () => {
    const budget = "requests=100,tokens=1000000000";
    const { code, stdout, stderr } = await runCli(["estimate", matrix, "--budget", budget], {
      cwd: tempFolder(),
    });
    expect([code, stderr]).toEqual([1, "above the budget: 864 requests expected, requests=100\n"]);
    expect(stdout).toContain("864 requests: 18 variants × 48 rows");
  });

  it("exits 2 where a budget cannot be held against an unknown price, after the estimate", async () => {
    const { code, stdout, stderr } = await runCli(
      ["estimate", matrix, "--provider", "siliconflow", "--budget", "cost=5CNY"],
      { cwd: tempFolder() },
    );
    expect(code).toBe(2);
    expect(stderr).toContain("cannot be held against an unknown price");
    expect(stdout).toContain("cost: unknown");
  });

  it.each([
    ["cost=much", "`much` is no amount of money"],
    ["speed=5", "`--budget speed=5` is no budget"],
  ])("exits 2 for `--budget %s`, with nothing on stdout", async (budget, words) => {
    const { code, stdout, stderr } = await runCli(["estimate", matrix, "--budget", budget], {
      cwd: tempFolder(),
    });
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(words);
  });
});
