import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { anyProvider, type Price } from "../../src/cost/price.ts";
import { priceBook } from "../../src/cost/price-book.ts";
import { shippedPrices } from "../../src/cost/shipped-prices.ts";
import { presets } from "../../src/provider/presets.ts";

function own(provider: string, model: string, input: number): Price {
  return {
    provider,
    model,
    currency: "CNY",
    tiers: [{ upTo: null, input, output: input, cachedInput: null }],
    batchDiscount: null,
    contextTokens: null,
    asOf: null,
    source: "prices.yaml",
  };
}

describe("the price of a model", () => {
  const shipped = [own("siliconflow", "m", 1), own("siliconflow", "other", 2)];
  const name = { key: "mine", preset: "siliconflow" };
  const found = (prices: readonly Price[], model: string): number | null =>
    priceBook(prices, { shipped }).find(name, model)?.tiers[0]?.input ?? null;

  it("is the user's before the shipped one, and the narrowest of the user's", () => {
    const list = [
      own(anyProvider, "m", 10),
      own("siliconflow", "m", 20),
      own("mine", "m*", 30),
      own("mine", "m", 40),
    ];
    for (let from = 0; from <= list.length; from++)
      expect(found(list.slice(0, list.length - from), "m")).toBe([40, 30, 20, 10, 1][from]);
    expect(found(list, "other")).toBe(2);
    expect(found(list, "nothing")).toBeNull();
  });

  it("is that of the longer pattern, and a pattern is no regular expression", () => {
    const list = [own(anyProvider, "q*", 1), own(anyProvider, "q*.5-*", 2), own(anyProvider, "a+b", 3)];
    expect([found(list, "q3"), found(list, "q2.5-7b"), found(list, "q2x5-7b")]).toEqual([1, 2, 1]);
    expect([found(list, "a+b"), found(list, "aab")]).toEqual([3, null]);
  });

  it("of an export comes after every entry of the user's, and before the shipped one", () => {
    const exported = [own("siliconflow", "m", 50), own("siliconflow", "m", 60), own("mine", "other", 70)];
    const given = (prices: readonly Price[], ...names: readonly string[]): number | null =>
      priceBook(prices, { exported, shipped }).find(name, ...names)?.tiers[0]?.input ?? null;
    expect([given([], "m"), given([], "other"), given([], "nothing")]).toEqual([50, 70, null]);
    expect(given([own(anyProvider, "*", 10)], "m")).toBe(10);
    // The name of the matrix is an entry's, that which is sent is the export's.
    expect(given([own("mine", "alias", 20)], "m", "alias")).toBe(20);
  });

  it("belongs to one provider: the same name elsewhere has none", () => {
    const book = priceBook([own("mine", "m", 5)], { shipped });
    expect(book.find({ key: "yours", preset: "generic" }, "m")).toBeNull();
    expect(book.find({ key: "constructor", preset: "__proto__" }, "toString")).toBeNull();
  });
});

describe("the shipped prices", () => {
  it("are one for each model of a preset, dated, with a source, and never negative", () => {
    const names = shippedPrices.map(({ provider, model }) => `${provider}/${model}`);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
    for (const { provider, currency, asOf, source, tiers, contextTokens } of shippedPrices) {
      expect(presets[provider]?.baseUrl).toMatch(/^https:/);
      expect(currency).toMatch(/^(CNY|USD)$/);
      expect(asOf).toMatch(/^2026-\d\d-\d\d$/);
      expect(source).toMatch(/^https:\/\//);
      expect(contextTokens ?? 1).toBeGreaterThan(0);
      let above = 0;
      for (const { upTo, input, output, cachedInput } of tiers) {
        expect(Math.min(input, output, cachedInput ?? 0)).toBeGreaterThanOrEqual(0);
        // A free cache beside a paid prompt is a gap in the source.
        if (input > 0) expect(cachedInput).not.toBe(0);
        expect(upTo ?? Number.POSITIVE_INFINITY).toBeGreaterThan(above);
        above = upTo ?? Number.POSITIVE_INFINITY;
      }
      expect(tiers.at(-1)?.upTo).toBeNull();
    }
  });

  it("are what SiliconFlow's catalogue says", () => {
    const of = (model: string): unknown => {
      const price = priceBook([]).find({ key: "siliconflow", preset: "siliconflow" }, model);
      return [price?.currency, price?.contextTokens, price?.tiers];
    };
    const flat = (input: number, output: number, cachedInput: number | null): unknown => {
      return [{ upTo: null, input, output, cachedInput }];
    };
    expect(of("deepseek-ai/DeepSeek-V3.2")).toEqual(["CNY", 163_000, flat(4, 6, 0.4)]);
    expect(of("Pro/deepseek-ai/DeepSeek-V3")).toEqual(["CNY", 163_000, flat(2, 8, null)]);
    expect(of("THUDM/GLM-4-9B-0414")).toEqual(["CNY", 32_000, flat(0, 0, null)]);
    expect(of("Pro/zai-org/GLM-5.1")).toEqual([
      "CNY",
      202_000,
      [
        { upTo: 32_000, input: 6, output: 24, cachedInput: 1.3 },
        { upTo: null, input: 8, output: 28, cachedInput: 1.3 },
      ],
    ]);
    expect(of("Qwen/Qwen3.5-397B-A17B")).toEqual([
      "CNY",
      262_000,
      [
        { upTo: 128_000, input: 1.2, output: 7.2, cachedInput: null },
        { upTo: null, input: 3, output: 18, cachedInput: null },
      ],
    ]);
  });

  it("are as many as docs/cost.md says", () => {
    const page = readFileSync(join(import.meta.dirname, "../../docs/cost.md"), "utf8");
    const stated = [...page.matchAll(/^\| `([a-z-]+)` \| (CNY|USD) \| (\d+) \|/gm)].map(
      ([, provider, currency, count]) => [provider, currency, Number(count)],
    );
    const counts = new Map<string, [string, string, number]>();
    for (const { provider, currency } of shippedPrices) {
      const known = counts.get(provider) ?? [provider, currency, 0];
      counts.set(provider, [provider, currency, known[2] + 1]);
    }
    expect(stated).toEqual([...counts.values()]);
  });
});
