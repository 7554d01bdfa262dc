import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Summary } from "../../src/aggregate/summary-shape.ts";
import type { RunEstimate } from "../../src/cost/estimate-shape.ts";
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
    const { code, stdout, stderr } = await runCli(["estimate", matrix, "--budget", "cost=5CNY"], {
      cwd: tempFolder(),
    });
    expect(code).toBe(2);
    expect(stderr).toContain("cannot be held against an unknown price");
    expect(stdout).toContain("cost: unknown");
  });

  it.each(["cost=much", "speed=5"])("exits 2 for `--budget %s`, with nothing on stdout", async (budget) => {
    const { code, stdout, stderr } = await runCli(["estimate", matrix, "--budget", budget], {
      cwd: tempFolder(),
    });
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(`\`--budget ${budget}\` is no limit`);
  });
});
