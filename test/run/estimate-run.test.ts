import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { noOverrides } from "../../src/config/overrides.ts";
import type { RunEstimate } from "../../src/cost/estimate-shape.ts";
import { loadTokenCounter, type TokenCounter } from "../../src/cost/token-counter.ts";
import { DiagnosticsError } from "../../src/run/diagnostics-error.ts";
import { estimateRun } from "../../src/run/estimate-run.ts";
import { DiskFiles } from "../../src/system/input-files.ts";
import { tempFolder } from "../support/temp-folder.ts";

let counter: TokenCounter;

beforeAll(async () => {
  counter = await loadTokenCounter();
});

function estimate(matrix: string, rows: readonly string[] = [], from: string | null = null): RunEstimate {
  const folder = tempFolder();
  writeFileSync(join(folder, "m.yaml"), matrix);
  writeFileSync(join(folder, "rows.csv"), `${["question", ...rows].join("\n")}\n`);
  const options = {
    matrix: "m.yaml",
    overrides: noOverrides,
    batch: false,
    from,
    workingDirectory: folder,
    environment: {},
  };
  return estimateRun(options, new DiskFiles(folder), counter).estimate;
}

const unpriced = `
provider: lab
providers:
  lab: { base_url: "\${LAB_URL}", api_key_env: LAB_KEY }
  other: { base_url: "http://127.0.0.1:9/v1" }
prompts:
  - { id: v1, user: "{{ question }}" }
dataset: rows.csv
grid:
  model: [nobody/knows, other/model]
`;

describe("an estimate of a matrix", () => {
  it("needs no key and no variable of the environment, for nothing is sent", () => {
    const { requests, variants, totals, assumptions } = estimate(unpriced, ["one", "two"]);
    expect([requests, variants.length, totals.cost]).toEqual([4, 2, []]);
    expect(variants.map(({ cost }) => cost)).toEqual([null, null]);
    expect(assumptions.unpriced).toEqual(["lab/nobody/knows", "lab/other/model"]);
  });

  it("counts every trial of every row", () => {
    const once = estimate(unpriced, ["one", "two", "a longer question than the others"]);
    const thrice = estimate(`${unpriced}trials: 3\n`, ["one", "two", "a longer question than the others"]);
    expect(thrice.totals.prompt_tokens).toBe(3 * once.totals.prompt_tokens);
    expect(thrice.totals.completion_tokens.expected).toBe(3 * once.totals.completion_tokens.expected);
    expect(thrice.variants[0]).toMatchObject({ requests: 9, rows: 3, rows_counted: 3 });
  });

  it("takes the limits of the output from each request, as its row fills them", () => {
    const matrix = `${unpriced}parameters: { max_tokens: "{{ question | plus: 0 }}", n: 2 }\n`;
    const { completion_tokens: completion } = estimate(matrix, ["10", "50"]).totals;
    expect(completion).toEqual({ expected: 240, worst: 240 });
  });

  it("counts a seeded sample of many rows, near to the count of all, and the same each time", () => {
    const rows = Array.from({ length: 25_000 }, (_, i) => `word${" word".repeat(i % 23)}`);
    const { variants } = estimate(unpriced, rows);
    expect(variants.map(({ rows: all, rows_counted: counted }) => [all, counted])).toEqual([
      [25_000, 10_000],
      [25_000, 10_000],
    ]);
    const one = counter.request("nobody/knows", [{ role: "user", content: "word" }], {});
    const whole = rows.reduce((sum, _, i) => sum + one + (i % 23), 0);
    expect(Math.abs((variants[0]?.prompt_tokens ?? 0) / whole - 1)).toBeLessThan(0.01);
    expect(estimate(unpriced, rows).variants).toEqual(variants);
  });

  it("says which limit of which lane the run waits for", () => {
    const limited = `${unpriced}limits: { models: { "other/*": { tpm: 700 } } }\n`;
    const { bound_by, bound_lane, lanes, seconds } = estimate(limited, Array(50).fill("why?") as string[]);
    expect([bound_by, bound_lane]).toEqual(["tpm", "lab/other/model"]);
    expect(lanes.map((lane) => lane.bound_by)).toEqual(["concurrency", "tpm"]);
    expect(seconds).toBeGreaterThan(50 * 300 * (60 / 700));
  });

  it("is as good as none where the files have errors", () => {
    expect(() => estimate("prompts: 5")).toThrow(DiagnosticsError);
  });
});

describe("--from", () => {
  it.each([
    ["a folder that is not there", "nowhere", "there is no run directory `nowhere`"],
    ["`latest` without any run", "latest", "there is no run in `results`"],
  ])("refuses %s", (_, from, message) => {
    expect(() => estimate(unpriced, ["one"], from)).toThrow(message);
  });

  it("refuses a folder that holds no run", () => {
    const folder = join(tempFolder(), "empty");
    mkdirSync(folder);
    expect(() => estimate(unpriced, ["one"], folder)).toThrow(/no run directory/);
  });
});
