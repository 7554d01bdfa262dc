import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Summary } from "../../src/aggregate/summary-shape.ts";
import type { Simulator } from "../../src/simulator/options.ts";
import { startSimulator } from "../../src/simulator/server.ts";
import { type CliResult, runCli } from "../support/cli.ts";
import { tempFolder } from "../support/temp-folder.ts";

const prices = `prices:
  - { provider: local, model: sim/strong, currency: CNY, input: 2, output: 8 }
  - { provider: local, model: sim/weak, currency: CNY, input: 1, output: 4 }
`;

function folderFor(simulator: Simulator, keys: string, rows = 40): string {
  const lines = Array.from({ length: rows }, (_, i) => `r${i},${"word ".repeat(1 + (i % 40))}${i}`);
  return tempFolder({
    "rows.csv": `id,text\n${lines.join("\n")}\n`,
    "m.yaml": `name: b
provider: local
providers: { local: { preset: simulator, base_url: "${simulator.baseUrl}" } }
prompts: [{ id: p, user: "Say more of {{ text }}" }]
dataset: rows.csv
grid: { model: [sim/strong, sim/weak] }
parameters: { max_tokens: 64 }
${keys}`,
  });
}

function summaryOf(folder: string, run: string): Summary {
  return JSON.parse(readFileSync(join(folder, run, "summary.json"), "utf8")) as Summary;
}

/** What the attempts of a journal used, failed ones that may have been billed at nothing. */
function attemptsOf(
  folder: string,
  run: string,
): readonly { readonly model: string; readonly prompt: number; readonly completion: number }[] {
  const variants = new Map(
    summaryOf(folder, run).variants.map((one) => [one.variant_id, String(one.parameters.model)]),
  );
  return readFileSync(join(folder, run, "journal.jsonl"), "utf8")
    .split("\n")
    .filter((line) => line.includes('"kind":"attempt"'))
    .map((line) => {
      const { usage, variant_id: variant } = JSON.parse(line) as {
        usage?: { prompt_tokens: number; completion_tokens: number };
        variant_id: string;
      };
      return {
        model: variants.get(variant) ?? "",
        prompt: usage?.prompt_tokens ?? 0,
        completion: usage?.completion_tokens ?? 0,
      };
    });
}

function money(folder: string, run: string): number {
  const rates: Readonly<Record<string, readonly [number, number]>> = {
    "sim/strong": [2, 8],
    "sim/weak": [1, 4],
  };
  return attemptsOf(folder, run).reduce((sum, { model, prompt, completion }) => {
    const [input, output] = rates[model] ?? [Number.NaN, Number.NaN];
    return sum + (prompt * input + completion * output) / 1e6;
  }, 0);
}

describe("a run with a budget", () => {
  let simulator: Simulator;
  beforeEach(async () => {
    simulator = await startSimulator({ latency: { firstMs: 5, perTokenMs: 0 } });
  });
  afterEach(() => simulator.close());

  const go = (folder: string, ...args: string[]): Promise<CliResult> => runCli(args, { cwd: folder });

  it("of requests sends so many, exits 3, says what is missing, and goes on with a larger one", async () => {
    const folder = folderFor(simulator, "");
    const first = await go(folder, "run", "m.yaml", "--out", "r", "--budget", "requests=7");
    expect(first.code).toBe(3);
    expect(first.stderr).toContain("the budget is used up: 7 of 7 requests were sent");
    expect(first.stderr).toContain(
      "73 requests were not asked; go on with a larger budget: promptgrid resume r",
    );
    expect(simulator.stats().requests).toBe(7);
    expect(summaryOf(folder, "r").totals).toMatchObject({ answered: 7, pending: 73 });

    const again = await go(folder, "resume", "r", "-q");
    expect(again.code).toBe(3);
    expect(simulator.stats().requests).toBe(7);

    const rest = await go(folder, "resume", "r", "--budget", "requests=100", "-q");
    expect(rest.code).toBe(0);
    expect(simulator.stats().requests).toBe(80);
    expect(summaryOf(folder, "r").run.status).toBe("complete");
  });

  it("of money never spends more, and uses all but the worst case of one request per lane", async () => {
    const folder = folderFor(simulator, `${prices}budget: { cost: 0.01 CNY }\nlimits: { concurrency: 16 }\n`);
    const { code, stderr } = await go(folder, "run", "m.yaml", "--out", "r");
    expect(code).toBe(3);
    expect(stderr).toMatch(/the budget is used up: 0\.009\d* of 0\.01 CNY are used/);
    const spent = money(folder, "r");
    expect(spent).toBeLessThanOrEqual(0.01);
    // The longest prompt has fewer than 80 tokens.
    expect(spent).toBeGreaterThan(0.01 - (88 * 2 + 64 * 8) / 1e6);
    expect(summaryOf(folder, "r").totals.cost).toMatchObject([{ currency: "CNY", complete: true }]);
    expect(summaryOf(folder, "r").totals.cost[0]?.amount).toBeCloseTo(spent, 9);
  });

  it("counts failed attempts and retries, and what earlier sessions used", async () => {
    const flaky = await startSimulator({
      latency: { firstMs: 5, perTokenMs: 0 },
      faults: [{ kind: "500", rate: 0.3 }],
    });
    try {
      const folder = folderFor(flaky, `${prices}max_failed: 100%\n`);
      for (const limit of ["requests=20", "requests=45", "requests=46"])
        expect(
          (
            await go(
              folder,
              limit === "requests=20" ? "run" : "resume",
              ...(limit === "requests=20" ? ["m.yaml", "--out"] : []),
              "r",
              "--budget",
              limit,
              "-q",
            )
          ).code,
        ).toBe(3);
      expect(flaky.stats().requests).toBe(46);
      expect(attemptsOf(folder, "r")).toHaveLength(46);
    } finally {
      await flaky.close();
    }
  });

  it("of time stops sending when it is over, with what is in flight answered", async () => {
    const folder = folderFor(simulator, "limits: { rpm: 600 }\nbudget: { time: 1s }\n");
    const { code, stderr } = await go(folder, "run", "m.yaml", "--out", "r");
    expect(code).toBe(3);
    expect(stderr).toContain("the budget is used up: its time of 1.0 s is over");
    const { answered, failed, pending } = summaryOf(folder, "r").totals;
    expect(answered).toBeGreaterThan(0);
    expect(failed).toBe(0);
    expect(pending).toBeGreaterThan(0);
    const before = simulator.stats().requests;
    expect((await go(folder, "resume", "r", "-q")).code).toBe(3);
    expect(simulator.stats().requests).toBe(before);
  });

  it("that cannot hold a single request sends nothing and says so", async () => {
    const folder = folderFor(simulator, "");
    const { code, stderr } = await go(folder, "run", "m.yaml", "--budget", "tokens=20");
    expect(code).toBe(3);
    expect(stderr).toContain("the budget is too small for a single request");
    expect(simulator.stats().requests).toBe(0);
  });

  it("prints what a server uses beyond the stated worst case", async () => {
    const server = createServer((_, response) => {
      response.setHeader("content-type", "application/json");
      response.end(
        JSON.stringify({
          choices: [{ index: 0, message: { role: "assistant", content: "hm" }, finish_reason: "stop" }],
          usage: { prompt_tokens: 9, completion_tokens: 5_000, total_tokens: 5_009 },
        }),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const folder = folderFor(simulator, "budget: { tokens: 12k }\nlimits: { concurrency: 1 }\n");
      const url = `providers.local={ base_url: "http://127.0.0.1:${port}/v1" }`;
      const { code, stdout } = await go(folder, "run", "m.yaml", "--set", url);
      expect(code).toBe(3);
      expect(stdout).toMatch(
        /the server used 14 \d{3} tokens more than the stated worst cases of its requests/,
      );
      expect(stdout).toContain("the budget is exceeded: 15 027 of 12 000 tokens");
    } finally {
      server.close();
    }
  });

  it("needs no --yes for many requests", async () => {
    const folder = folderFor(simulator, "trials: 400\n");
    expect((await go(folder, "run", "m.yaml", "-q")).code).toBe(2);
    expect((await go(folder, "run", "m.yaml", "-q", "--budget", "requests=3")).code).toBe(3);
    expect(simulator.stats().requests).toBe(3);
  });

  it("is refused before anything is sent where it cannot be kept", async () => {
    const folder = folderFor(simulator, "");
    const cases: readonly (readonly [string, string])[] = [
      ["five", "is no budget"],
      ["cost=five", "`five` is no amount of money"],
      ["cost=5CNY,cost=6CNY", "two limits in CNY"],
      ["time=soon", "`soon` is no time"],
      ["tokens=", "is no budget"],
    ];
    for (const [budget, words] of cases) {
      const { code, stderr } = await go(folder, "run", "m.yaml", "--budget", budget);
      expect([budget, code, stderr]).toEqual([budget, 2, expect.stringContaining(words)]);
    }
    const open = await go(
      folder,
      "run",
      "m.yaml",
      "--budget",
      "tokens=5k",
      "--set",
      "parameters.max_tokens=null",
    );
    expect([open.code, open.stderr]).toEqual([2, expect.stringContaining("[budget/max-tokens]")]);
    expect(simulator.stats().requests).toBe(0);
  });
});

describe("the prices of a run", () => {
  it("are kept with it: a later price file changes no report, and no earlier cost", async () => {
    const cwd = tempFolder({
      "m.yaml": `provider: simulator
prompts: [{ user: "Say {{ x }}" }]
dataset: rows.csv
grid: { model: sim/strong }
prices: prices.yaml
`,
      "rows.csv": "x\none\ntwo\n",
      "prices.yaml": "- { model: sim/strong, currency: CNY, input: 2, output: 8 }\n",
    });
    expect((await runCli(["run", "m.yaml", "--out", "r", "-q"], { cwd })).code).toBe(0);
    const before = readFileSync(join(cwd, "r/summary.json"), "utf8");
    // What a version with other shipped prices would find: nothing in the inputs says what the run went by.
    const path = join(cwd, "r/run.json");
    const run = JSON.parse(readFileSync(path, "utf8")) as {
      prices: { price: { tiers: { input: number }[] } }[];
    };
    expect(run.prices[0]?.price.tiers[0]?.input).toBe(2);
    expect((await runCli(["report", "r", "-q"], { cwd })).code).toBe(0);
    expect(readFileSync(join(cwd, "r/summary.json"), "utf8")).toBe(before);
    const dearer = JSON.stringify(run).replaceAll('"input":2', '"input":200');
    writeFileSync(path, dearer);
    expect((await runCli(["report", "r", "-q"], { cwd })).code).toBe(0);
    const after = JSON.parse(readFileSync(join(cwd, "r/summary.json"), "utf8")) as Summary;
    expect(after.totals.cost[0]?.amount).toBeGreaterThan(
      (JSON.parse(before) as Summary).totals.cost[0]?.amount ?? 0,
    );
  });
});

describe("money of two currencies", () => {
  it("is not compared: a cost in CNY and one in USD have no difference", async () => {
    const matrix = (currency: string): string => `provider: simulator
prompts: [{ user: "Say {{ x }}" }]
dataset: rows.csv
grid: { model: sim/strong }
prices: [{ model: sim/strong, currency: ${currency}, input: 2, output: 8 }]
`;
    const cwd = tempFolder({
      "a.yaml": matrix("CNY"),
      "b.yaml": matrix("USD"),
      "rows.csv": `x\n${Array.from({ length: 20 }, (_, i) => `n${i}`).join("\n")}\n`,
    });
    for (const name of ["a", "b"])
      expect((await runCli(["run", `${name}.yaml`, "--out", name, "-q"], { cwd })).code).toBe(0);
    const { stdout } = await runCli(["compare", "a", "b", "--metric", "cost.mean", "--format", "json"], {
      cwd,
    });
    expect(JSON.parse(stdout)).toMatchObject({
      comparisons: [],
      warnings: [expect.stringContaining("costs in CNY and USD cannot be compared")],
    });
  });
});

describe("answers that --allow-shrink leaves aside", () => {
  it("count in a budget of requests, and make one of money impossible", async () => {
    const cwd = tempFolder({
      "m.yaml": `provider: simulator
prompts: [{ user: "Say {{ x }}" }]
dataset: rows.csv
grid: { model: sim/strong }
parameters: { max_tokens: 64 }
prices: [{ model: "sim/*", currency: CNY, input: 2, output: 8 }]
`,
      "rows.csv": `x\n${Array.from({ length: 20 }, (_, i) => `n${i}`).join("\n")}\n`,
    });
    const go = (...args: string[]): Promise<CliResult> =>
      runCli(["run", "m.yaml", "--out", "r", "-q", ...args], { cwd });
    expect((await go("--budget", "requests=12")).code).toBe(3);
    const other = ["--allow-shrink", "--grid", "model=sim/weak"];
    const again = await go(...other, "--budget", "requests=15");
    expect([again.code, again.stderr]).toEqual([3, expect.stringContaining("15 of 15 requests were sent")]);
    expect(summaryOf(cwd, "r").totals.attempts).toBe(3);
    const money = await go(...other, "--budget", "cost=5CNY");
    expect([money.code, money.stderr]).toEqual([2, expect.stringContaining("[budget/set-aside]")]);
  });
});
