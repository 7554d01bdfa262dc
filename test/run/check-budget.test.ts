import { describe, expect, it } from "vitest";
import { readBudget } from "../../src/config/budget.ts";
import { noOverrides } from "../../src/config/overrides.ts";
import { budgetCurrency, checkBudget } from "../../src/run/check-budget.ts";
import { type Prepared, prepare } from "../../src/run/prepare.ts";
import { DiskFiles } from "../../src/system/input-files.ts";
import { tempFolder } from "../support/temp-folder.ts";

function read(keys: string, rows = ""): Prepared {
  const folder = tempFolder({
    "m.yaml": `prompts: [{ user: "{{ x }}" }]\ndataset: { path: rows.csv, json_columns: [cap] }\n${keys}\n`,
    "rows.csv": `x,cap\n${rows === "" ? "one,5\ntwo,6" : rows}\n`,
  });
  const { prepared, diagnostics } = prepare("m.yaml", noOverrides, new DiskFiles(folder));
  if (prepared === null) throw new Error(JSON.stringify(diagnostics));
  return prepared;
}

function codes(
  cost: string | number | readonly string[],
  prepared: Prepared,
  beside: readonly Prepared[] = [],
): readonly string[] {
  return checkBudget(readBudget({ cost }).budget, prepared, beside).map(({ code }) => code);
}

const capped = "parameters: { max_tokens: 8 }";
const yuan = (): Prepared => read(`grid: { model: Qwen/Qwen3-32B }\n${capped}`);
const dollars = (): Prepared =>
  read(`provider: siliconflow-intl\ngrid: { model: Qwen/Qwen3-32B }\n${capped}`);

describe("what a budget of money needs", () => {
  it("is an amount in the currency of every price, on both sides of a comparison", () => {
    expect(codes("5 CNY", yuan())).toEqual([]);
    expect(codes(5, yuan())).toEqual([]);
    expect(codes("5 USD", yuan())).toEqual(["budget/currency"]);
    expect(codes(5, dollars(), [yuan()])).toEqual(["budget/currency"]);
    expect(codes("5 CNY", dollars(), [yuan()])).toEqual(["budget/currency"]);
    expect(codes(["5 CNY", "1 USD"], dollars(), [yuan()])).toEqual([]);
    expect([
      budgetCurrency([yuan()]),
      budgetCurrency([dollars()]),
      budgetCurrency([yuan(), dollars()]),
    ]).toEqual(["CNY", "USD", null]);
  });

  it("is a price in the currency in which a provider states its costs, where it does", () => {
    const openrouter = (currency: string): Prepared =>
      read(`provider: openrouter
grid: { model: a/b }
prices: [{ model: a/b, currency: ${currency}, input: 1, output: 2 }]
${capped}`);
    expect(codes("5 USD", openrouter("USD"))).toEqual([]);
    expect(codes(["5 CNY", "5 USD"], openrouter("CNY"))).toEqual(["budget/currency"]);
  });

  it("is nothing for simulated models without a price, and for free ones no amount", () => {
    expect(codes("5 CNY", read(`provider: simulator\ngrid: { model: sim/strong }\n${capped}`))).toEqual([]);
    expect(codes("5 USD", read(`grid: { model: Qwen/Qwen3-8B }\n${capped}`))).toEqual([]);
  });

  it("is max_tokens for every row, where rows fill it", () => {
    const filled = `grid: { model: Qwen/Qwen3-32B }\nparameters: { max_tokens: "{{ cap }}" }`;
    expect(codes("5 CNY", read(filled))).toEqual([]);
    expect(codes("5 CNY", read(filled, "one,5\ntwo,null"))).toEqual(["budget/max-tokens"]);
  });
});
