import { describe, expect, it } from "vitest";
import { loadMatrix } from "../../src/config/load.ts";
import { noOverrides } from "../../src/config/overrides.ts";
import { noDataset } from "../../src/dataset/dataset.ts";
import { buildPlan } from "../../src/plan/build-plan.ts";
import { resolveEndpoints } from "../../src/run/endpoints.ts";
import { type PlanEndpoints, planLanes } from "../../src/run/lanes.ts";
import type { LaneSpec } from "../../src/schedule/lane.ts";
import { DiskFiles } from "../../src/system/input-files.ts";
import { tempFolder } from "../support/temp-folder.ts";

function lanesOf(
  limits: string,
  grid = "{ model: [a/x, a/y, b/z], temperature: [0, 1] }",
): { lanes: readonly LaneSpec[]; concurrency: number } {
  const files = new DiskFiles(
    tempFolder({
      "m.yaml": `prompts: [{ user: hi }]\nprovider: p\nproviders: { p: { base_url: "http://localhost:1/v1" }, q: { base_url: "http://localhost:2/v1" } }\ngrid: ${grid}\n${limits}`,
    }),
  );
  const { config, diagnostics } = loadMatrix("m.yaml", files, noOverrides);
  if (config === null) throw new Error(JSON.stringify(diagnostics));
  const { plan } = buildPlan(config, noDataset.rows);
  if (plan === null) throw new Error("no plan");
  const { endpoints } = resolveEndpoints(
    new Set(plan.variants.map(({ provider }) => provider)),
    config,
    {},
    files,
  );
  return planLanes([{ plan, endpoints }], config.limits);
}

/** A plan with its endpoints, from a matrix that is written out. */
function planned(matrix: string, environment: Record<string, string> = {}): PlanEndpoints {
  const files = new DiskFiles(tempFolder({ "m.yaml": matrix }));
  const { config, diagnostics } = loadMatrix("m.yaml", files, noOverrides);
  const plan = config === null ? null : buildPlan(config, noDataset.rows).plan;
  if (config === null || plan === null) throw new Error(JSON.stringify(diagnostics));
  return {
    plan,
    endpoints: resolveEndpoints(
      new Set(plan.variants.map(({ provider }) => provider)),
      config,
      environment,
      files,
    ).endpoints,
  };
}

const noLimits = {
  concurrency: null,
  rpm: null,
  rph: null,
  rpd: null,
  tpm: null,
  tpd: null,
  itpm: null,
  otpm: null,
  strict: false,
  models: {},
  providers: {},
};

describe("lanes", () => {
  it("are one for each provider and model", () => {
    const { lanes } = lanesOf("", "{ provider: [p, q], model: [m, n], temperature: [0, 1] }");
    expect(lanes.map((lane) => [lane.key, lane.variants])).toEqual([
      ["p/m", [0, 1]],
      ["p/n", [2, 3]],
      ["q/m", [4, 5]],
      ["q/n", [6, 7]],
    ]);
  });

  it("of one account by two names take the lower of their limits", () => {
    const both = planned(`
prompts: [{ user: hi }]
providers:
  a: { base_url: "http://localhost:1/v1" }
  b: { base_url: "http://localhost:1/v1" }
grid: { provider: [a, b], model: m }
`);
    const limits = {
      ...noLimits,
      tpm: 500,
      providers: { a: { rpm: 1_000, concurrency: 4 }, b: { rpm: 10 } },
    };
    const { lanes } = planLanes([both], limits);
    expect(lanes.map((lane) => [lane.variants, lane.limits, lane.concurrency])).toEqual([
      [[0, 1], { rpm: 10, tpm: 500 }, 4],
    ]);
  });

  it("take limits key by key: the top level, then the provider, then each pattern that fits", () => {
    const { lanes, concurrency } = lanesOf(
      'limits: { concurrency: 64, rpm: 100, providers: { p: { tpm: 5000 } }, models: { "a/*": { rpm: 10 }, "a/y": { concurrency: 4 } } }',
    );
    expect(concurrency).toBe(64);
    expect(lanes.map(({ key, limits, concurrency: own }) => [key, limits.rpm, limits.tpm, own])).toEqual([
      ["p/a/x", 10, 5000, 64],
      ["p/a/y", 10, 5000, 4],
      ["p/b/z", 100, 5000, 64],
    ]);
  });

  it("are apart for two accounts at one address, and one for a key that comes in two ways", () => {
    const url = 'base_url: "https://one.example/v1"';
    const matrix = `prompts: [{ user: hi }]
providers:
  a: { ${url}, headers: { api-key: "\${KEY_A}" } }
  b: { ${url}, headers: { api-key: "\${KEY_B}" } }
  c: { ${url}, headers: { api-key: "\${KEY_A}", x-team: evals } }
  d: { ${url}, api_key_env: KEY_A }
grid: { model: m, provider: [a, b, c, d] }
`;
    const { lanes } = planLanes([planned(matrix, { KEY_A: "first-key", KEY_B: "second-key" })], noLimits);
    expect(lanes.map((lane) => lane.variants)).toEqual([[0, 2, 3], [1]]);
    expect(JSON.stringify(lanes)).not.toMatch(/first-key|second-key/);
  });

  it("learn how many at once are useful where none is stated", () => {
    const { lanes, concurrency } = lanesOf('limits: { models: { "a/x": { concurrency: 100 } } }');
    expect([concurrency, lanes.map((lane) => [lane.concurrency, lane.isAdaptive])]).toEqual([
      1_024,
      [
        [100, false],
        [512, true],
        [512, true],
      ],
    ]);
  });

  it("are shared by the two sides of a run, equal variants beside each other; another base URL is another lane", () => {
    const matrix = (url: string, models: string): string =>
      `prompts: [{ user: hi }]\nprovider: p\nproviders: { p: { base_url: "${url}" } }\ngrid: { model: ${models} }\n`;
    const candidate = planned(matrix("http://localhost:1/v1", "[x, y, new]"));
    const base = planned(matrix("http://localhost:1/v1", "[y, old, x]"));
    const { lanes, concurrency } = planLanes([candidate, base], noLimits);
    expect(concurrency).toBe(1_024);
    expect(lanes.map((lane) => [lane.key, lane.variants])).toEqual([
      ["p/x", [0, 5]],
      ["p/y", [1, 3]],
      ["p/new", [2]],
      ["p/old", [4]],
    ]);
    const elsewhere = planned(matrix("http://localhost:2/v1", "[x]"));
    expect(planLanes([candidate, elsewhere], noLimits).lanes.map(({ key }) => key)).toEqual([
      "p/x",
      "p/x (base)",
      "p/y",
      "p/new",
    ]);
  });
});
