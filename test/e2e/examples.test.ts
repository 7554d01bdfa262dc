import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Summary } from "../../src/aggregate/summary-shape.ts";
import { projectRoot, runCli } from "../support/cli.ts";
import { tempFolder } from "../support/temp-folder.ts";

const configs = readdirSync(join(projectRoot, "configs")).filter((name) => !name.startsWith("."));
/** Needs a key; what it would send is checked by `plan` instead. */
const real = "siliconflow.yaml";

describe("every shipped matrix", () => {
  it.each(configs.filter((name) => name !== real))("%s runs on the simulator", async (name) => {
    const out = join(tempFolder(), "out");
    const dataset = name === "prompts-with-dataset.csv" ? ["--dataset", "datasets/arithmetic.csv"] : [];
    const csv = name.endsWith(".csv")
      ? ["--provider", "simulator", ...dataset, "--grid", "model=sim/strong"]
      : [];
    const { code, stdout, stderr } = await runCli(
      ["run", join("configs", name), ...csv, "--limit", "6", "--out", out, "--format", "json"],
      { cwd: projectRoot },
    );
    expect(stderr).not.toMatch(/warning: |\berrors?;/);
    expect(code).toBe(0);
    const summary = JSON.parse(stdout) as Summary;
    expect(summary.totals.failed).toBe(0);
    expect(summary.totals.answered).toBe(summary.totals.requests);
    expect(summary.run.simulated).toHaveLength(1);
    expect(readFileSync(join(out, "report.md"), "utf8")).toMatch(/simulated/i);
  });

  it("siliconflow.yaml uses every parameter of the API reference and can be planned without a key", async () => {
    const { code, stdout } = await runCli(["plan", join("configs", real), "--format", "json"], {
      cwd: projectRoot,
    });
    expect(code).toBe(0);
    const plan = JSON.parse(stdout) as {
      variants: { parameters: Record<string, unknown> }[];
      warnings: string[];
    };
    expect(plan.warnings).toEqual([]);
    const used = new Set(plan.variants.flatMap((variant) => Object.keys(variant.parameters)));
    expect([...used].sort()).toEqual(
      [
        "model",
        "max_tokens",
        "enable_thinking",
        "thinking_budget",
        "min_p",
        "stop",
        "temperature",
        "top_p",
        "top_k",
        "frequency_penalty",
        "n",
        "response_format",
        "tools",
      ].sort(),
    );
  });
});

it("the quickstart is what it says: 3 prompts × 3 models × 2 temperatures × 48 rows, and its report is whole", async () => {
  const folder = tempFolder();
  const { code, stdout, stderr } = await runCli(["run", join(projectRoot, "configs/quickstart.yaml")], {
    cwd: folder,
  });
  expect(code).toBe(0);
  expect(stderr).toContain("864 requests: 18 variants × 48 rows");
  const [name = ""] = readdirSync(join(folder, "results"));
  expect(name).toMatch(/^quickstart-\d{8}T\d{6}Z$/);
  const directory = join(folder, "results", name);
  expect(readdirSync(directory).sort()).toEqual(
    [
      "completions.csv",
      "completions.jsonl",
      "inputs",
      "journal.jsonl",
      "junit.xml",
      "report.html",
      "report.md",
      "run.json",
      "summary.csv",
      "summary.json",
    ].sort(),
  );
  expect(
    readFileSync(join(directory, "completions.csv"), "utf8").trimEnd().split("\n").length,
  ).toBeGreaterThanOrEqual(865);
  const summary = JSON.parse(readFileSync(join(directory, "summary.json"), "utf8")) as Summary;
  const rate = (model: string): number => {
    const of = summary.variants.filter((variant) => variant.parameters.model === model);
    return (
      of.reduce((sum, variant) => sum + (variant.passed ?? 0), 0) /
      of.reduce((sum, variant) => sum + variant.scored, 0)
    );
  };
  expect(rate("sim/strong")).toBeGreaterThan(rate("sim/medium"));
  expect(rate("sim/medium")).toBeGreaterThan(rate("sim/weak"));
  expect(stdout).toContain("prompt=steps,model=sim/strong,temperature=0");
});

it("init writes a start that runs, and overwrites nothing", async () => {
  const folder = tempFolder();
  expect((await runCli(["init"], { cwd: folder })).code).toBe(0);
  expect(existsSync(join(folder, "promptgrid.schema.json"))).toBe(true);
  expect((await runCli(["run", "configs/quickstart.yaml", "--limit", "2", "-q"], { cwd: folder })).code).toBe(
    0,
  );
  const again = await runCli(["init"], { cwd: folder });
  expect([again.code, again.stderr.includes("[init/exists]")]).toEqual([2, true]);
});

it("a run's answers are served again by simulate --replay DIR", async () => {
  const folder = tempFolder();
  const matrix = join(projectRoot, "configs/quickstart.yaml");
  const first = await runCli(["run", matrix, "--limit", "4", "--out", "first", "--format", "json"], {
    cwd: folder,
  });
  expect(first.code).toBe(0);
  const { spawnCli } = await import("../support/cli.ts");
  const server = spawnCli(["simulate", "--port", "0", "--replay", "first"], { cwd: folder });
  try {
    const url = await new Promise<string>((resolve) =>
      server.stdout?.once("data", (data) => resolve(String(data).trim())),
    );
    const second = await runCli(
      [
        "run",
        matrix,
        "--limit",
        "4",
        "--out",
        "second",
        "--format",
        "json",
        "--set",
        `providers.simulator={base_url: "${url}"}`,
      ],
      { cwd: folder },
    );
    expect(second.code).toBe(0);
    const passed = (text: string): readonly unknown[] =>
      (JSON.parse(text) as Summary).variants.map((variant) => [variant.variant, variant.passed]);
    expect(passed(second.stdout)).toEqual(passed(first.stdout));
  } finally {
    server.kill("SIGTERM");
    await new Promise((resolve) => server.once("close", resolve));
  }
});
