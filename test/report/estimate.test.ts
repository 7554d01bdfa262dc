import { describe, expect, test } from "vitest";
import { estimateTotals } from "../../src/cost/estimate.ts";
import type { EstimatedCost, RunEstimate, VariantEstimate } from "../../src/cost/estimate-shape.ts";
import { estimateFormats } from "../../src/report/estimate-formats.ts";

function line(
  variant: string,
  cost: EstimatedCost | null,
  change: Partial<VariantEstimate> = {},
): VariantEstimate {
  return {
    variant_id: variant.padEnd(10, "0").slice(0, 10),
    variant: `model=${variant}`,
    prompt_id: "v1",
    provider: "siliconflow",
    parameters: { model: variant, max_tokens: 512 },
    requests: 3_000,
    prompt_tokens: 412_345,
    completion_tokens: { expected: 600_000, worst: 1_536_000 },
    cost,
    completion_basis: "variant",
    evidence_requests: 20,
    cut_share: 0,
    prompt_error: 0,
    rows_counted: 1_000,
    rows: 1_000,
    ...change,
  };
}

function estimateOf(variants: readonly VariantEstimate[], change: Partial<RunEstimate> = {}): RunEstimate {
  return {
    requests: variants.reduce((sum, { requests }) => sum + requests, 0),
    rows: 1_000,
    trials: 3,
    variants,
    totals: estimateTotals(variants),
    judging: [],
    seconds: 2_460,
    bound_by: "tpm",
    bound_lane: "siliconflow/gsm/large",
    lanes: [{ lane: "siliconflow/gsm/large", seconds: 2_460, bound_by: "tpm" }],
    prices: [
      {
        provider: "siliconflow",
        model: "a",
        currency: "CNY",
        tiers: [{ up_to: null, input: 4, output: 16, cached_input: 0.4 }],
        as_of: "2026-09-01",
        source: "https://example.com",
      },
      {
        provider: "siliconflow",
        model: "b",
        currency: "USD",
        tiers: [
          { up_to: 32_000, input: 0.1, output: 0.4, cached_input: null },
          { up_to: null, input: 0.2, output: 0.8, cached_input: null },
        ],
        as_of: "2026-10-01",
        source: "prices.yaml",
      },
    ],
    assumptions: {
      from: "results/pilot",
      calibration: { "gsm/large": 1.0312, "gsm/small": 1.0001 },
      unpriced: [],
      simulated: [],
      from_simulated: false,
      media_prompts: 0,
      batch: false,
      assumed_latency: false,
    },
    warnings: [],
    ...change,
  };
}

const priced = estimateOf([
  line("gsm/large", { currency: "CNY", low: 1.61, expected: 2.042, worst: 4.9 }),
  line("gsm/free", { currency: "CNY", low: 0, expected: 0, worst: 0 }),
]);
const free = estimateOf([line("gsm/free", { currency: "CNY", low: 0, expected: 0, worst: 0 })], {
  judging: [],
  seconds: 0.4,
  bound_by: "concurrency",
  bound_lane: null,
});
const doubtful = estimateOf(
  [
    line(
      "gsm/large",
      { currency: "CNY", low: 0.8, expected: 2.042, worst: null },
      {
        completion_tokens: { expected: 900_000, worst: null },
        completion_basis: "assumed",
        evidence_requests: 0,
        cut_share: null,
        rows_counted: 200,
        rows: 50_000,
      },
    ),
    line(
      "gpt|<b>",
      { currency: "USD", low: 0.000012, expected: 0.5, worst: 1 },
      { completion_basis: "model" },
    ),
    line("nobody-knows", null, { completion_basis: "prompt" }),
    line("sim/strong", null, { provider: "simulator", completion_basis: "assumed" }),
  ],
  {
    seconds: 11_000,
    bound_by: "rpm",
    assumptions: {
      from: "results/old",
      calibration: {},
      unpriced: ["siliconflow/nobody-knows", "simulator/sim/strong"],
      simulated: ["simulator"],
      from_simulated: true,
      media_prompts: 3,
      batch: false,
      assumed_latency: true,
    },
    warnings: [
      "model=gsm/large: 2 of 200 prompts counted are longer than the model's context of 32768 tokens (row 7, 9)",
    ],
  },
);

function rendered(estimate: RunEstimate, format: string, width: number | null): string {
  return estimateFormats[format]?.(estimate, { width, color: false }) ?? "";
}

describe("an estimate, byte for byte", () => {
  test.each([
    ["estimate.txt", () => rendered(priced, "table", null)],
    ["estimate-80.txt", () => rendered(priced, "table", 80)],
    ["estimate-free.txt", () => rendered(free, "table", 80)],
    ["estimate-doubtful.txt", () => rendered(doubtful, "table", 120)],
    ["estimate-doubtful.md", () => rendered(doubtful, "markdown", null)],
    ["estimate-doubtful.csv", () => rendered(doubtful, "csv", null)],
    ["estimate.json", () => rendered(priced, "json", null)],
  ])("%s", async (name, render) => {
    await expect(render()).toMatchFileSnapshot(`golden/${name}`);
  });
});

describe("an estimate in words", () => {
  test("never shows an unknown cost as 0, and shows what is free as free", () => {
    const text = rendered(doubtful, "table", null);
    expect(text).toMatch(/^model=nobody-knows .*unknown +unknown +unknown$/m);
    expect(text).toMatch(/^cost: ≥ 2.042 CNY expected .*; the rest is unknown$/m);
    expect(rendered(priced, "table", null)).toMatch(/^model=gsm\/free .*free +free +free$/m);
  });

  test.each([
    [0.4, "less than 1 s"],
    [41, "about 41 s"],
    [150, "about 2.5 min"],
    [2_460, "about 41 min"],
    [11_000, "about 3 h 3 min"],
  ])("says a time of %d s in round numbers: %s", (seconds, words) => {
    expect(rendered({ ...priced, seconds }, "table", null)).toContain(
      `time: ${words}: bound by TPM of siliconflow/gsm/large`,
    );
  });
});
