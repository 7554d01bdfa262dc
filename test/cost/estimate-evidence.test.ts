import { describe, expect, it } from "vitest";
import { evidenceFor, type PastVariant } from "../../src/cost/estimate-evidence.ts";
import type { Variant } from "../../src/plan/variant.ts";

const wanted: Variant = {
  id: "aaaaaaaaaa",
  label: "v1",
  promptId: "v1",
  provider: "lab",
  parameters: { model: "m1", temperature: 0 },
};

function past(change: Partial<PastVariant>): PastVariant {
  return {
    variantId: "ffffffffff",
    promptId: "other",
    provider: "lab",
    model: "other",
    thinks: false,
    answerTokens: [10, 20, 30],
    cut: 0,
    rowIds: ["1", "2", "3"],
    latencies: [1, 3],
    promptTokens: 400,
    cachedTokens: 100,
    ...change,
  };
}

const levels = [
  ["prompt", past({ promptId: "v1", answerTokens: [40, 40], rowIds: ["1", "2"] }), 40],
  ["model", past({ model: "m1", answerTokens: [30, 30], rowIds: ["1", "2"] }), 30],
  ["prompt_and_model", past({ promptId: "v1", model: "m1", answerTokens: [20, 20], rowIds: ["1", "2"] }), 20],
  ["variant", past({ variantId: wanted.id, answerTokens: [10, 10], rowIds: ["1", "2"] }), 10],
] as const;

describe("what an earlier run says of a variant", () => {
  it.each(levels)("is taken from the same %s where nothing nearer is there", (basis, _, mean) => {
    const known = levels.slice(0, levels.findIndex(([name]) => name === basis) + 1).map(([, one]) => one);
    // `prompt_and_model` variants are of the same model and of the same prompt, too.
    expect(evidenceFor(wanted, known)).toMatchObject({ basis, answer: { mean } });
  });

  it("is nothing where neither model nor prompt are alike, or nothing was answered", () => {
    expect(evidenceFor(wanted, [past({})])).toBeNull();
    expect(evidenceFor(wanted, [past({ variantId: wanted.id, answerTokens: [] })])).toBeNull();
  });

  it("is pooled over all variants that are alike", () => {
    const evidence = evidenceFor(wanted, [
      past({ model: "m1", answerTokens: [10], rowIds: ["1"], promptTokens: 100, cachedTokens: 0 }),
      past({ model: "m1", answerTokens: [20, 60], rowIds: ["1", "2"], promptTokens: 300, cachedTokens: 40 }),
    ]);
    expect(evidence).toMatchObject({ requests: 3, answer: { mean: 30 }, cachedShare: 0.1 });
  });

  it("has a wider interval where the trials of few rows make up the answers", () => {
    const answerTokens = [10, 10, 20, 20, 30, 30, 40, 40];
    const low = (rowIds: readonly string[]): number =>
      evidenceFor(wanted, [past({ model: "m1", answerTokens, rowIds })])?.answer.low ?? Number.NaN;
    expect(low(["1", "1", "2", "2", "3", "3", "4", "4"])).toBeLessThan(
      low(["1", "2", "3", "4", "5", "6", "7", "8"]),
    );
  });

  it("knows no low end of a single answer, and no time of another provider", () => {
    const one = past({ model: "m1", answerTokens: [50], rowIds: ["1"] });
    expect(evidenceFor(wanted, [one])).toMatchObject({ answer: { mean: 50, low: 0 }, latencySeconds: 2 });
    expect(evidenceFor({ ...wanted, provider: "elsewhere" }, [one])?.latencySeconds).toBeNull();
  });

  it("is taken from variants that think as this one does, where there are some", () => {
    const known = [
      past({ model: "m1", promptId: "v1", thinks: true, answerTokens: [900, 900], rowIds: ["1", "2"] }),
      past({ model: "m1", promptId: "v1", thinks: false, answerTokens: [20, 20], rowIds: ["1", "2"] }),
    ];
    expect(evidenceFor(wanted, known)?.answer.mean).toBe(20);
    const thinking = { ...wanted, parameters: { ...wanted.parameters, enable_thinking: true } };
    expect(evidenceFor(thinking, known)?.answer.mean).toBe(900);
    expect(evidenceFor(thinking, known.slice(1))?.answer.mean).toBe(20);
  });

  it("says how many answers were cut off, and whether they had the same limits", () => {
    const own = past({ variantId: wanted.id, cut: 1 });
    expect(evidenceFor(wanted, [own])).toMatchObject({ cutShare: 1 / 3, answer: { sameLimits: true } });
    expect(evidenceFor(wanted, [past({ model: "m1" })])).toMatchObject({
      cutShare: 0,
      answer: { sameLimits: false },
    });
  });
});
