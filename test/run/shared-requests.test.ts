import { describe, expect, it } from "vitest";
import type { AttemptRecord } from "../../src/journal/record.ts";
import type { Plan } from "../../src/plan/plan.ts";
import type { RunProvider } from "../../src/run/run-file.ts";
import { asShared, findShared } from "../../src/run/shared-requests.ts";
import { planFrom } from "../support/plan-from.ts";

const provider: RunProvider = {
  preset: "generic",
  base_url: "http://localhost:1/v1",
  api_key_env: null,
  models: {},
  simulated: false,
};

const matrix = (second: string, model = "m"): string => `
provider: p
providers: { p: { base_url: "http://localhost:1/v1" } }
prompts: [{ id: same, user: "{{ q }}" }, { id: edited, user: "${second}" }]
grid: { model: ${model} }
dataset: rows.csv
trials: 2
`;

const asked = (plan: Plan, one: RunProvider = provider) => ({ plan, providers: { p: one } });

describe("requests that both sides have in common", () => {
  const candidate = planFrom(matrix("New {{ q }}"), {
    "rows.csv": "id,q,note\n1,x,a\n2,y,b\n3,changed,c\n4,new,d\n",
  });
  const base = planFrom(matrix("Old {{ q }}"), { "rows.csv": "id,q,note\n3,z,c\n2,y,b\n1,x,other\n" });

  it("are those of equal variant, row, trial and text, wherever they stand in the two plans", () => {
    const shared = findShared(asked(candidate.plan), asked(base.plan));
    const pairs = [...shared.baseOf].flatMap((theirs, own) => (theirs < 0 ? [] : [[own, theirs] as const]));
    expect(shared.count).toBe(4);
    expect(pairs).toHaveLength(4);
    for (const [own, theirs] of pairs) {
      expect(candidate.plan.request(own).requestId).toBe(base.plan.request(theirs).requestId);
    }
    expect(pairs.map(([own]) => candidate.plan.request(own).row.id)).toEqual(["1", "1", "2", "2"]);
    const inBase = [...shared.inBase].flatMap((flag, i) => (flag === 1 ? [i] : []));
    expect(inBase).toEqual(pairs.map(([, theirs]) => theirs).sort((a, b) => a - b));
  });

  it("are none where the provider is another endpoint, or calls the models by other names", () => {
    for (const other of [
      { ...provider, base_url: "http://localhost:2/v1" },
      { ...provider, models: { m: "n" } },
      // Other headers, another query, another account.
      { ...provider, settings: "0123456789ab" },
    ]) {
      expect(findShared(asked(candidate.plan), asked(base.plan, other)).count).toBe(0);
    }
    expect(findShared(asked(candidate.plan), { plan: base.plan, providers: {} }).count).toBe(0);
  });

  it("cost the base nothing: the record names the run that asked, and no failure of it may be billed", () => {
    const failure = {
      kind: "timeout",
      message: "m",
      code: null,
      retryable: true,
      maybe_billed: true,
    } as const;
    const record = { request_id: "r", status: "failed", failure } as unknown as AttemptRecord;
    expect(asShared(record, "run")).toEqual({
      request_id: "r",
      status: "failed",
      failure: { ...failure, maybe_billed: false },
      reused_from: "run",
    });
    expect(asShared({ ...record, reused_from: "first" }, "run").reused_from).toBe("first");
  });
});
