import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { priceBook } from "../../src/cost/price-book.ts";
import { shippedPrices } from "../../src/cost/shipped-prices.ts";
import { presets } from "../../src/provider/presets.ts";

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
