import { describe, expect, it } from "vitest";
import type { GateSpec } from "../../src/compare/gate.ts";
import { loadMatrix } from "../../src/config/load.ts";
import { noOverrides, type Overrides } from "../../src/config/overrides.ts";
import type { RunConfig } from "../../src/config/run-config.ts";
import { DiskFiles } from "../../src/system/input-files.ts";
import { tempFolder } from "../support/temp-folder.ts";

function configOf(keys: string, overrides: Partial<Overrides> = {}): RunConfig {
  const folder = tempFolder({
    "sub/m.yaml": `prompts: [ { user: x } ]
grid: { model: a }
scorers: [ { id: correct, type: exact, expected: y } ]
${keys}`,
  });
  const read = loadMatrix("sub/m.yaml", new DiskFiles(folder), { ...noOverrides, ...overrides });
  expect(read.diagnostics).toEqual([]);
  if (read.config === null) throw new Error("no config");
  return read.config;
}

function ids(gates: readonly GateSpec[]): readonly string[] {
  return gates.map(({ id }) => id);
}

describe("gates of a matrix", () => {
  it("have their defaults filled in, and their place", () => {
    const { gates } = configOf("gates:\n  - { metric: pass_rate, max_drop: 5% }\n");
    expect(gates).toEqual([
      {
        id: "pass_rate max_drop 5.0 points",
        metric: {
          name: "pass_rate",
          quantity: "pass",
          statistic: "mean",
          scale: "points",
          better: "higher",
        },
        limit: { kind: "max_drop", value: 0.05 },
        against: null,
        variants: null,
        per: "variant",
        by: null,
        maxMissing: 0.02,
        missing: [],
        vary: [],
        place: { file: "sub/m.yaml", line: 5, column: 5, length: 35 },
      },
    ]);
  });

  it("are called by their own words, each in its own way", () => {
    const { gates } = configOf(`gates:
  - { metric: pass_rate, min: 90% }
  - { metric: pass_rate, min: 90%, max_missing: 5% }
  - { metric: pass_rate, min: 90%, missing: [content_filtered] }
  - { id: own, metric: pass_rate, min: 80% }
  - { metric: pass_rate, max_drop: 5%, against: { prompt: v1 }, by: topic }
  - { metric: cost, max_increase: 20%, variants: "model=a,prompt=v2", per: run, vary: model }
`);
    expect(ids(gates)).toEqual([
      "pass_rate min 0.900",
      "pass_rate min 0.900 #2",
      "pass_rate min 0.900 #3",
      "own",
      "pass_rate max_drop 5.0 points against prompt=v1 by topic",
      "cost max_increase 20 % of model=a,prompt=v2 per run",
    ]);
    expect(gates[5]?.vary).toEqual(["model"]);
  });

  it("are none, with no baseline and no confirmation, where the matrix says nothing", () => {
    const { gates, baseline, confirm } = configOf("");
    expect({ gates, baseline, confirm }).toEqual({ gates: [], baseline: null, confirm: null });
  });

  it("see the scorer that a CSV matrix implies", () => {
    const folder = tempFolder({
      "p.csv": "user,expected\nx,y\n",
      "m.yaml": "prompts: p.csv\ngrid: { model: a }\ngates: [ { metric: scores.exact, min: 0.5 } ]\n",
    });
    const { config } = loadMatrix("m.yaml", new DiskFiles(folder), noOverrides);
    expect(config?.gates.map(({ metric }) => metric.name)).toEqual(["scores.exact"]);
  });
});

describe("--fail-under", () => {
  it("is one more gate, without a place", () => {
    const { gates } = configOf("gates: [ { metric: pass_rate, min: 80% } ]", { failUnder: 0.9 });
    expect(gates.map(({ limit, place }) => [limit.value, place?.line ?? null])).toEqual([
      [0.8, 4],
      [0.9, null],
    ]);
  });

  it("is not judged twice where the matrix has the same gate", () => {
    const { gates } = configOf("gates: [ { id: own, metric: pass_rate, min: 90% } ]", { failUnder: 0.9 });
    expect(ids(gates)).toEqual(["own"]);
  });
});

describe("baseline", () => {
  it("is relative to the matrix, and that of the flag to the working directory", () => {
    expect(configOf("baseline: ../base/main.json").baseline).toBe("base/main.json");
    expect(configOf("baseline: main.json").baseline).toBe("sub/main.json");
    expect(configOf("baseline: main.json", { baseline: "results/other" }).baseline).toBe("results/other");
  });

  it("has no place in the file for a gate that a flag states", () => {
    const set = [{ path: "gates", value: [{ metric: "pass_rate", min: 0.9 }] }];
    expect(configOf("", { set }).gates[0]?.place).toBeNull();
  });
});

describe("a run that was recorded before these flags were there", () => {
  it("has neither", () => {
    const { baseline: _baseline, failUnder: _failUnder, ...older } = noOverrides;
    const folder = tempFolder({ "m.yaml": "prompts: [ { user: x } ]\ngrid: { model: a }\n" });
    const { config } = loadMatrix("m.yaml", new DiskFiles(folder), older as Overrides);
    expect(config).toMatchObject({ gates: [], baseline: null });
  });
});
