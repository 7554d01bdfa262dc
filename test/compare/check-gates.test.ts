import { describe, expect, it } from "vitest";
import { checkGates, type GateFacts } from "../../src/compare/check-gates.ts";
import { compares, defaultGate, withDefaultGate } from "../../src/compare/default-gate.ts";
import type { GateSpec } from "../../src/compare/gate.ts";
import { gateReach } from "../../src/compare/gate-reach.ts";
import type { Side } from "../../src/compare/side.ts";
import type { Row } from "../../src/dataset/dataset.ts";
import { testSide } from "./sides.ts";

function rowsOf(count: number): readonly Row[] {
  return Array.from({ length: count }, (_, i) => ({
    id: `r${i + 1}`,
    variables: { topic: i % 4 === 0 ? "rare" : "usual", size: i % 2 },
    line: i + 2,
    cluster: null,
  }));
}

function facts(count: number, trials: number, baseline: Side | null = null): GateFacts {
  const variants = ["v1", "v2"].map((promptId) => ({
    label: `prompt=${promptId}`,
    promptId,
    provider: "lab",
    parameters: { model: "m" },
    trials,
    rowIndices: null,
  }));
  const scorers = [{ id: "correct", required: true }];
  return { variants, rows: rowsOf(count), columns: ["topic", "size"], scorers, baseline, confirm: null };
}

function gate(changes: Partial<GateSpec> = {}): GateSpec {
  return { ...defaultGate(), variants: { prompt: "v2" }, ...changes };
}

/** A baseline in which every row has these passes and fails. */
function baselineOf(count: number, answers: readonly number[]): Side {
  const pass = Array.from({ length: count }, () => answers);
  return testSide({ name: "main.json", rows: count, variants: { v2: { pass } } });
}

function found(gates: readonly GateSpec[], given: GateFacts): readonly string[] {
  return checkGates(gates, given).map(({ code, message }) => `${code}: ${message}`);
}

describe("what the data can see", () => {
  it("is measured where the baseline has several answers a row, and counts its trials", () => {
    const [power] = checkGates([gate()], facts(100, 3, baselineOf(100, [1, 0, 1])));
    // p (1 − p) K / (K − 1) = 1/3: (1.645 + 0.842) √(1/3 (1/3 + 1/3) / 100) = 11.7 points.
    expect(power).toMatchObject({
      code: "gates/too-small",
      message:
        "gate `pass_rate max_drop 5.0 points`: 100 rows × 3 trials can see 11.8 points at best; the gate says 5 points",
      hint: "550 rows × 3 trials would do, or `max_drop: 11.8%`; as the answers in main.json vary",
    });
  });

  it("is the better the surer the baseline is, down to what rows without a flip give", () => {
    expect(found([gate()], facts(100, 1, baselineOf(100, [1, 1])))).toEqual([
      "gates/power: gate `pass_rate max_drop 5.0 points`: 100 rows × 1 trial can see 3.5 points at best; the gate says 5 points",
    ]);
  });

  it("counts the rows alone that the baseline has too", () => {
    const { rows } = gateReach(gate(), facts(100, 1).variants, rowsOf(100), baselineOf(40, [1]));
    expect(rows).toBe(40);
    expect(found([gate()], facts(100, 1, baselineOf(0, [])))).toEqual([]);
  });

  it("is that of the smallest slice, at the level that is left to each of all comparisons", () => {
    const given = facts(1000, 3);
    const one = gateReach(gate({ by: "topic" }), given.variants, given.rows, null);
    expect(one).toEqual({
      rows: 250,
      units: 250,
      repeats: true,
      slice: "rare",
      trials: 3,
      together: 1,
      cases: 2,
    });
    expect(gateReach(gate({ by: "size", variants: null }), given.variants, given.rows, null).cases).toBe(4);
    expect(gateReach(gate({ per: "run", variants: null }), given.variants, given.rows, null)).toMatchObject({
      together: 2,
      cases: 1,
    });
    const alone = found([gate()], given)[0] ?? "";
    const among = found([gate(), gate({ id: "more", by: "topic" })], given)[0] ?? "";
    expect(alone).toContain("1000 rows × 3 trials can see 1.6 points at best");
    expect(among).toContain("1000 rows × 3 trials, 3 comparisons, can see 1.9 points at best");
  });

  it("counts a variant against itself for nothing", () => {
    const given = facts(100, 3);
    const against = gate({ variants: null, against: { prompt: "v1" } });
    expect(gateReach(against, given.variants, given.rows, null).cases).toBe(1);
  });

  it("is not said of gates without a base, nor of those that are wrong", () => {
    expect(found([gate({ limit: { kind: "min", value: 0.9 } })], facts(10, 1))).toEqual([]);
    expect(found([gate({ by: "colour" })], facts(10, 1))).toEqual([
      "gates/column: the dataset has no column `colour`",
    ]);
  });

  it("is nothing for a single row, and never a number beyond the whole", () => {
    expect(found([gate()], facts(1, 1))[0]).toContain("1 row × 1 trial can see nothing");
  });
});

describe("checkGates", () => {
  it("names keys of `vary` that neither the run nor the baseline has", () => {
    const given = facts(1000, 3, baselineOf(1000, [1, 1, 1]));
    const codes = checkGates([gate({ vary: ["model", "prompt", "modle"] })], given).map(({ code }) => code);
    expect(codes).toEqual(["gates/vary", "gates/power"]);
  });

  it("warns of `confirm` only where nothing is compared", () => {
    const given = { ...facts(1000, 3), confirm: {} };
    const min = gate({ limit: { kind: "min", value: 0.9 } });
    expect(found([min], given)).toHaveLength(1);
    expect(found([min, gate()], given).filter((one) => one.startsWith("gates/confirm"))).toEqual([]);
  });
});

describe("withDefaultGate", () => {
  const min = gate({ limit: { kind: "min", value: 0.9 } });
  const within = gate({ against: { prompt: "v1" } });

  it("adds a drop of 5 points of the pass rate where no gate compares with the base", () => {
    expect(withDefaultGate([min, within], true)).toEqual([min, within, defaultGate()]);
    expect(compares(defaultGate())).toBe(true);
  });

  it("adds nothing where one does, and nothing where nothing can pass", () => {
    expect(withDefaultGate([min, gate()], true)).toEqual([min, gate()]);
    expect(withDefaultGate([min], false)).toEqual([min]);
  });
});
