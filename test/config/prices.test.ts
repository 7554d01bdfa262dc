import { describe, expect, it } from "vitest";
import { noOverrides } from "../../src/config/overrides.ts";
import type { Price } from "../../src/cost/price.ts";
import { prepare } from "../../src/run/prepare.ts";
import { priceOf } from "../../src/run/price-of.ts";
import { DiskFiles } from "../../src/system/input-files.ts";
import { tempFolder } from "../support/temp-folder.ts";

interface Read {
  readonly prices: readonly Price[];
  readonly exported: readonly Price[];
  readonly inputs: readonly string[];
  readonly price: (provider: string, model: string) => Price | null;
}

function read(keys: string, files: Readonly<Record<string, string | Uint8Array>> = {}): Read {
  const disk = new DiskFiles(
    tempFolder({ ...files, "sub/m.yaml": `prompts: [{ user: x }]\ngrid: { model: [a, b] }\n${keys}\n` }),
  );
  const { prepared, diagnostics } = prepare("sub/m.yaml", noOverrides, disk);
  expect(diagnostics).toEqual([]);
  if (prepared === null) throw new Error("the matrix is right");
  return {
    prices: prepared.config.prices,
    exported: prepared.config.exportedPrices,
    inputs: disk.recorded().map(({ name }) => name),
    price: (provider, model) => priceOf(prepared, provider, { model }),
  };
}

function facts(prices: readonly Price[]): unknown {
  return prices.map(({ provider, model, currency, tiers, batchDiscount, contextTokens }) => [
    provider,
    model,
    currency,
    tiers.map(({ upTo, input, output, cachedInput }) => [upTo, input, output, cachedInput]),
    batchDiscount,
    contextTokens,
  ]);
}

const expected = [
  ["*", "a", "CNY", [[null, 2, 8, 0.2]], null, null],
  [
    "siliconflow",
    "b",
    "USD",
    [
      [32_000, 1, 4, null],
      [null, 2, 8, null],
    ],
    0.5,
    64_000,
  ],
];
const list = `- { model: a, currency: CNY, input: 2, output: 8, cached_input: 0.2 }
- provider: siliconflow
  model: b
  currency: USD
  tiers: [{ up_to: 32000, input: 1, output: 4 }, { input: 2, output: 8 }]
  batch_discount: 0.5
  context: 64000
`;
const csv = `provider,model,currency,up_to,input,output,cached_input,batch_discount,context
,a,CNY,,2,8,0.2,,
siliconflow,b,USD,32000,1,4,,0.5,64000
siliconflow,b,USD,,2,8,,,
`;

describe("prices of the user's own", () => {
  it.each([
    ["a YAML list", "prices: ../prices.yaml", { "prices.yaml": list }],
    ["a map with a list", "prices: ../prices.yml", { "prices.yml": `prices:\n${list.replace(/^/gm, "  ")}` }],
    [
      "JSON",
      "prices: p.json",
      {
        "sub/p.json": JSON.stringify([
          { model: "a", currency: "CNY", input: 2, output: 8, cached_input: 0.2 },
          {
            provider: "siliconflow",
            model: "b",
            currency: "USD",
            tiers: [
              { up_to: 32_000, input: 1, output: 4 },
              { up_to: null, input: 2, output: 8 },
            ],
            batch_discount: 0.5,
            context: 64_000,
          },
        ]),
      },
    ],
    ["CSV", "prices: ../prices.csv", { "prices.csv": csv }],
    [
      "CSV with semicolons and a byte order mark",
      "prices: ../prices.csv",
      { "prices.csv": `\uFEFF${csv.replaceAll(",", ";")}` },
    ],
    ["the matrix itself", `prices:\n${list.replace(/^/gm, "  ")}`, {}],
    [
      "the matrix and a file",
      `prices:\n  - { model: a, currency: CNY, input: 2, output: 8, cached_input: 0.2 }\n  - ../b.yaml`,
      { "b.yaml": list.split("\n").slice(1).join("\n") },
    ],
  ] as const)("come from %s", (_, keys, files) => {
    const { prices, inputs } = read(keys, files);
    expect(facts(prices)).toEqual(expected);
    // The file is kept with the run.
    expect(inputs).toEqual(expect.arrayContaining(Object.keys(files)));
  });

  it("come from an export of models.dev, with its names of providers", () => {
    const api = {
      moonshotai: {
        id: "moonshotai",
        models: {
          k: {
            id: "k",
            cost: { input: 0.6, output: 2.5, cache_read: 0.15 },
            limit: { context: 262_144, output: 1 },
          },
        },
      },
      siliconflow: {
        models: {
          m: { cost: { input: 1, output: 2, cache_read: 0 } },
          free: { cost: { input: 0, output: 0 } },
          none: {},
        },
      },
      "siliconflow-cn": { models: { m: { cost: { input: 1, output: 2 } } } },
      openai: {
        models: {
          long: {
            cost: {
              input: 1,
              output: 2,
              cache_read: 0.1,
              context_over_200k: { input: 2, output: 3, cache_read: 0.2 },
            },
          },
        },
      },
      odd: {
        models: { text: { cost: { input: "x", output: 1 } }, minus: { cost: { input: -1, output: -1 } } },
      },
    };
    expect(facts(read("prices: api.json", { "sub/api.json": JSON.stringify(api) }).exported)).toEqual([
      ["moonshot", "k", "USD", [[null, 0.6, 2.5, 0.15]], null, 262_144],
      ["siliconflow-intl", "m", "USD", [[null, 1, 2, null]], null, null],
      ["siliconflow-intl", "free", "USD", [[null, 0, 0, null]], null, null],
      [
        "openai",
        "long",
        "USD",
        [
          [200_000, 1, 2, 0.1],
          [null, 2, 3, 0.2],
        ],
        null,
        null,
      ],
    ]);
  });

  it("come from an export of LiteLLM, which states them by the token", () => {
    const models = {
      sample_spec: {
        litellm_provider: "one of https://…",
        mode: "one of chat, embedding",
        input_cost_per_token: 0,
      },
      "deepseek/deepseek-chat": {
        litellm_provider: "deepseek",
        mode: "chat",
        input_cost_per_token: 2.8e-7,
        output_cost_per_token: 4.2e-7,
        cache_read_input_token_cost: 2.8e-8,
        max_input_tokens: 131_072,
      },
      "deepseek-chat": {
        litellm_provider: "deepseek",
        mode: "chat",
        input_cost_per_token: 9,
        output_cost_per_token: 9,
      },
      "gpt-x": {
        litellm_provider: "openai",
        mode: "chat",
        input_cost_per_token: 2e-6,
        input_cost_per_token_batches: 1e-6,
        output_cost_per_token: 8e-6,
        input_cost_per_token_above_200k_tokens: 4e-6,
        output_cost_per_token_above_200k_tokens: 12e-6,
      },
      "text-embedding-3-small": {
        litellm_provider: "openai",
        mode: "embedding",
        input_cost_per_token: 2e-8,
        output_cost_per_token: 0,
      },
      unpriced: { litellm_provider: "openai", mode: "chat" },
      "half-priced": { litellm_provider: "openai", mode: "chat", input_cost_per_token: 1e-6 },
      "together_ai/meta-llama/L": {
        litellm_provider: "together_ai",
        input_cost_per_token: "0.000001",
        output_cost_per_token: 0,
        cache_read_input_token_cost: 0,
      },
      steps: {
        litellm_provider: "zai",
        mode: "chat",
        input_cost_per_token: 1e-6,
        output_cost_per_token: 2e-6,
        cache_read_input_token_cost: 1e-7,
        input_cost_per_token_above_256k_tokens: 5e-6,
        input_cost_per_token_above_128k_tokens: 3e-6,
        output_cost_per_token_above_128k_tokens: 4e-6,
      },
      "dashscope/listed": {
        litellm_provider: "dashscope",
        mode: "chat",
        tiered_pricing: [
          { range: [32_000, 128_000], input_cost_per_token: 2e-6 },
          {
            range: [0, 32_000],
            input_cost_per_token: 1e-6,
            output_cost_per_token: 6e-6,
            cache_read_input_token_cost: 2e-7,
          },
        ],
      },
      "dashscope/gap": {
        litellm_provider: "dashscope",
        mode: "chat",
        tiered_pricing: [
          { range: [32_000, 128_000], input_cost_per_token: 2e-6, output_cost_per_token: 1e-6 },
        ],
      },
    };
    expect(facts(read("prices: l.json", { "sub/l.json": JSON.stringify(models) }).exported)).toEqual([
      ["deepseek", "deepseek-chat", "USD", [[null, 0.28, 0.42, 0.028]], null, 131_072],
      [
        "openai",
        "gpt-x",
        "USD",
        [
          [200_000, 2, 8, null],
          [null, 4, 12, null],
        ],
        0.5,
        null,
      ],
      ["together", "meta-llama/L", "USD", [[null, 1, 0, null]], null, null],
      [
        "zai",
        "steps",
        "USD",
        [
          [128_000, 1, 2, 0.1],
          [256_000, 3, 4, 0.1],
          [null, 5, 4, 0.1],
        ],
        null,
        null,
      ],
      [
        "dashscope",
        "listed",
        "USD",
        [
          [32_000, 1, 6, 0.2],
          [null, 2, 6, 0.2],
        ],
        null,
        null,
      ],
    ]);
  });

  it("go before an export's of the same model, and of two exports the first counts", () => {
    const api = (input: number): string =>
      JSON.stringify({
        siliconflow: { models: { a: { cost: { input, output: 1 } }, b: { cost: { input, output: 1 } } } },
      });
    const { price } = read(
      `prices:
  - one.json
  - { provider: siliconflow-intl, model: a, currency: CNY, input: 7, output: 7 }
  - two.json`,
      { "sub/one.json": api(1), "sub/two.json": api(2) },
    );
    const amounts = ["a", "b"].map((model) => price("siliconflow-intl", model)?.tiers[0]?.input);
    expect(amounts).toEqual([7, 1]);
  });

  it("of an export are read as JSON, of which YAML would refuse some", () => {
    const twice = `{ "openai": {}, "openai": { "models": {\t"m": { "cost": { "input": 1, "output": 2 } } } } }`;
    expect(facts(read("prices: api.json", { "sub/api.json": twice }).exported)).toEqual([
      ["openai", "m", "USD", [[null, 1, 2, null]], null, null],
    ]);
  });

  it("of a whole catalogue are all there", () => {
    const model = { name: "n".repeat(100), cost: { input: 1, output: 2 }, limit: { context: 1_000 } };
    const models = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`m${i}`, model]));
    const text = JSON.stringify({ openai: { models } });
    expect(text.length).toBeGreaterThan(3_000_000);
    const { exported, price } = read("prices: api.json", { "sub/api.json": text });
    expect(exported.length).toBe(20_000);
    expect(price("openai", "m19999")?.contextTokens).toBe(1_000);
  });

  it("go before an export's, and these before the shipped ones", () => {
    const api = JSON.stringify({
      openai: {
        models: {
          "gpt-4o": { cost: { input: 50, output: 1 } },
          "gpt-4o-mini": { cost: { input: 60, output: 1 } },
        },
      },
    });
    const { price } = read(`prices: [api.json, { model: "gpt-4o-*", currency: USD, input: 70, output: 1 }]`, {
      "sub/api.json": api,
    });
    const input = (model: string): number | undefined => price("openai", model)?.tiers[0]?.input;
    expect([input("gpt-4o"), input("gpt-4o-mini"), input("gpt-4.1")]).toEqual([50, 70, 2]);
  });
});
