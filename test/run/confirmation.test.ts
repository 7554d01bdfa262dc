import { describe, expect, it } from "vitest";
import type { GateResult } from "../../src/compare/comparison.ts";
import type { GateSpec } from "../../src/compare/gate.ts";
import { buildPlan } from "../../src/plan/build-plan.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { extraTrials, suspicionOf } from "../../src/run/confirmation.ts";
import { planFrom } from "../support/plan-from.ts";

const matrix = (models: string): string => `
prompts: [{ id: v1, user: "A {{ q }}" }, { id: v2, user: "B {{ q }}" }]
grid: { model: ${models} }
dataset: rows.csv
trials: 2
`;
const files = { "rows.csv": "id,q\n1,x\n2,y\n3,z\n" };

function idOf(plan: Plan, label: string): string {
  const found = plan.variants.find((variant) => variant.label === label);
  if (found === undefined) throw new Error(`${label}: ${plan.variants.map((one) => one.label).join(" ")}`);
  return found.id;
}

const result = (gate: string, candidate: string, base: string | null, suspected: boolean): GateResult =>
  ({
    gate,
    candidate_variants: [candidate],
    base_variants: base === null ? [] : [base],
    suspected,
  }) as unknown as GateResult;

const gate = (id: string, against: GateSpec["against"]): GateSpec => ({ id, against }) as unknown as GateSpec;

describe("a suspicion", () => {
  const { plan, config, rows } = planFrom(matrix("[m, n]"), files);
  const base = planFrom(matrix("[m, o]"), files).plan;
  const [v1, v2] = ["prompt=v1,model=m", "prompt=v2,model=m"].map((label) => idOf(plan, label)) as [
    string,
    string,
  ];

  it("asks the suspected variants again on both sides, and no others", () => {
    const found = suspicionOf([result("g", v2, v2, true), result("g", v1, v1, false)], [], 3, plan, base);
    expect(found).toEqual({
      candidate: { variants: { [v2]: 3 } },
      base: { variants: { [v2]: 3 } },
      bothSides: true,
      labels: ["prompt=v2,model=m"],
    });
  });

  it("of a gate within the run asks both variants of the run, and leaves the other side alone", () => {
    const gates = [gate("within", { prompt: "v1" })];
    const found = suspicionOf([result("within", v2, v1, true)], gates, 1, plan, base);
    expect(found?.candidate).toEqual({ variants: { [v1]: 1, [v2]: 1 } });
    expect([found?.base, found?.bothSides]).toEqual([{ variants: {} }, true]);
    expect(found?.labels).toEqual(["prompt=v2,model=m"]);
  });

  it("against a file asks the candidate alone; a variant that the base lacks is asked of the run alone", () => {
    expect(suspicionOf([result("g", v2, null, true)], [], 3, plan, null)).toMatchObject({
      base: null,
      bothSides: false,
    });
    const only = idOf(plan, "prompt=v2,model=n");
    expect(suspicionOf([result("g", only, null, true)], [], 3, plan, base)).toMatchObject({
      candidate: { variants: { [only]: 3 } },
      base: { variants: {} },
      bothSides: false,
    });
  });

  it("is none where no gate suspects anything", () => {
    expect(suspicionOf([result("g", v2, v2, false)], [], 3, plan, base)).toBeNull();
    expect(suspicionOf([], [], 3, plan, null)).toBeNull();
  });

  it("adds trials to its variants: the requests that there were keep their ids, new ones are others", () => {
    const grown = buildPlan(config, rows, extraTrials({ variants: { [v2]: 3 } })).plan;
    if (grown === null) throw new Error("no plan");
    expect(grown.variants.map(({ id, trials }) => [id, trials])).toEqual(
      plan.variants.map(({ id }) => [id, id === v2 ? 5 : 2]),
    );
    const ids = (some: Plan): readonly string[] =>
      Array.from({ length: some.length }, (_, i) => some.request(i).requestId);
    expect(new Set(ids(grown)).size).toBe(grown.length);
    expect(ids(grown)).toEqual(expect.arrayContaining([...ids(plan)]));
    expect(grown.length - plan.length).toBe(3 * 3);
    expect(extraTrials(null).size).toBe(0);
  });
});
