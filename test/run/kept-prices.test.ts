import { describe, expect, it } from "vitest";
import { noOverrides } from "../../src/config/overrides.ts";
import { keptBook, keptPrices } from "../../src/run/kept-prices.ts";
import { type Prepared, prepare } from "../../src/run/prepare.ts";
import { priceOf } from "../../src/run/price-of.ts";
import { DiskFiles } from "../../src/system/input-files.ts";
import { tempFolder } from "../support/temp-folder.ts";

const matrix = `providers: { p: { base_url: "http://127.0.0.1:1/v1", models: { a: b, b: c } } }
provider: p
prompts: [{ user: Hello }]
grid: { model: [a, b, d, e] }
prices:
  - { model: b, currency: CNY, input: 1, output: 2, as_of: 2026-11-01 }
  - { provider: p, model: c, currency: USD, tiers: [{ up_to: 10, input: 3, output: 4, cached_input: 1 }, { input: 5, output: 6 }] }
  - { model: "d*", currency: CNY, input: 0, output: 0, context: 1000, batch_discount: 0.5 }
`;

function read(): Prepared {
  const { prepared } = prepare("m.yaml", noOverrides, new DiskFiles(tempFolder({ "m.yaml": matrix })));
  if (prepared === null) throw new Error("the matrix is right");
  return prepared;
}

describe("the prices that a run keeps", () => {
  it("are those of its models, also through the text of run.json", () => {
    const prepared = read();
    const kept = keptPrices(prepared);
    expect(kept.map(({ model, price }) => [model, price?.currency ?? null])).toEqual([
      ["b", "CNY"],
      ["c", "USD"],
      ["d", "CNY"],
      ["e", null],
    ]);
    const again = { ...prepared, prices: keptBook(JSON.parse(JSON.stringify(kept)) as typeof kept) };
    for (const model of ["a", "b", "d", "e"]) {
      const before = priceOf(prepared, "p", { model });
      const after = priceOf(again, "p", { model });
      expect(after?.tiers).toEqual(before?.tiers);
      expect(after?.currency).toBe(before?.currency);
      expect(after?.contextTokens).toBe(before?.contextTokens);
      expect(after?.batchDiscount).toBe(before?.batchDiscount);
    }
  });
});
