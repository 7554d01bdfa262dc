import { describe, expect, it } from "vitest";
import { anyProvider, type Price } from "../../src/cost/price.ts";
import { priceBook } from "../../src/cost/price-book.ts";

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
