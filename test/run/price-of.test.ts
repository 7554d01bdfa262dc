import { describe, expect, it } from "vitest";
import type { Cost } from "../../src/aggregate/result.ts";
import { noOverrides } from "../../src/config/overrides.ts";
import { unknownUsage } from "../../src/outcome/completion.ts";
import { prepare } from "../../src/run/prepare.ts";
import { priceOf, statedCurrency, usageCost } from "../../src/run/price-of.ts";
import { DiskFiles } from "../../src/system/input-files.ts";
import { tempFolder } from "../support/temp-folder.ts";

interface Priced {
  /** Currency and input price. */
  readonly price: (provider: string, model: string) => string | null;
  readonly cost: (provider: string, model: string, statedCost: number | null) => Cost | null;
  readonly stated: (provider: string) => string | null;
}

function read(keys: string): Priced {
  const folder = tempFolder({ "m.yaml": `prompts: [{ user: x }]\ngrid: { model: a }\n${keys}\n` });
  const { prepared, diagnostics } = prepare("m.yaml", noOverrides, new DiskFiles(folder));
  if (prepared === null) throw new Error(JSON.stringify(diagnostics));
  const usage = { ...unknownUsage, promptTokens: 1e6, completionTokens: 0 };
  return {
    price(provider, model) {
      const price = priceOf(prepared, provider, { model });
      return price === null ? null : `${price.tiers[0]?.input} ${price.currency}`;
    },
    cost: (provider, model, statedCost) => usageCost(prepared, provider, { model }, { ...usage, statedCost }),
    stated: (provider) => statedCurrency(prepared, provider),
  };
}

describe("the price of a model at a provider of the matrix", () => {
  it("goes by the name that is sent, and an entry may have that of the matrix", () => {
    const { price } = read(`providers:
  mine: { preset: siliconflow, models: { a: Qwen/Qwen3-32B, b: my/own, c: Qwen/Qwen3-14B, d: my/two } }
prices:
  - { provider: mine, model: b, currency: CNY, input: 7, output: 7 }
  - { model: c, currency: CNY, input: 8, output: 8 }
  - { model: d, currency: CNY, input: 9, output: 9 }
  - { model: my/two, currency: CNY, input: 10, output: 10 }
provider: mine`);
    expect(price("mine", "a")).toBe("1 CNY");
    expect(price("mine", "b")).toBe("7 CNY");
    // The user's own goes before the shipped one of the name that is sent,
    expect(price("mine", "c")).toBe("8 CNY");
    // and of two of the user's that of the name that is sent.
    expect(price("mine", "d")).toBe("10 CNY");
    // An alias is a name at its provider alone.
    expect(price("siliconflow", "a")).toBeNull();
  });

  it("is that of the preset whose host an endpoint has", () => {
    const { price } = read(`providers:
  mine: { base_url: "https://api.siliconflow.cn/v1/" }
  theirs: { base_url: "https://api.siliconflow.com/v1" }
  lab: { base_url: "http://127.0.0.1:1/v1" }
  look-alike: { base_url: "https://api.siliconflow.cn.example.org/v1" }
provider: lab`);
    expect(price("mine", "Qwen/Qwen3-8B")).toBe("0 CNY");
    expect(price("theirs", "Qwen/Qwen3-8B")).toBe("0.06 USD");
    expect(price("lab", "Qwen/Qwen3-8B")).toBeNull();
    expect(price("look-alike", "Qwen/Qwen3-8B")).toBeNull();
  });

  it("is unknown for simulated models, whatever they are called, but for the user's own", () => {
    const { price } = read(`providers: { fake: { preset: simulator } }
prices: [{ provider: fake, model: sim/weak, currency: CNY, input: 3, output: 3 }]
provider: simulator`);
    expect(price("simulator", "sim/strong")).toBeNull();
    expect(price("simulator", "Qwen/Qwen3-32B")).toBeNull();
    expect(price("simulator", "sim/weak")).toBeNull();
    expect(price("fake", "sim/weak")).toBe("3 CNY");
  });

  it("is unknown at a provider that there is not", () => {
    const { price, stated } = read("");
    expect([price("nobody", "Qwen/Qwen3-32B"), stated("nobody")]).toEqual([null, null]);
  });
});

describe("the cost of some use", () => {
  const keys = `providers: { router: { base_url: "https://openrouter.ai/api/v1" } }
prices: [{ model: a, currency: CNY, input: 7, output: 7 }]`;

  it("is what the server states, where it states money, also 0", () => {
    const { cost } = read(keys);
    expect(cost("openrouter", "a", 0.25)).toEqual({ amount: 0.25, currency: "USD" });
    expect(cost("router", "a", 0.25)).toEqual({ amount: 0.25, currency: "USD" });
    expect(cost("openrouter", "a", 0)).toEqual({ amount: 0, currency: "USD" });
    // A price is not needed.
    expect(cost("openrouter", "b", 0.25)).toEqual({ amount: 0.25, currency: "USD" });
  });

  it("is that of the price where the server states nothing, or in a unit that nobody knows", () => {
    const { cost } = read(keys);
    expect(cost("openrouter", "a", null)).toEqual({ amount: 7, currency: "CNY" });
    expect(cost("siliconflow", "a", 0.25)).toEqual({ amount: 7, currency: "CNY" });
    expect(cost("openrouter", "b", null)).toBeNull();
  });
});
