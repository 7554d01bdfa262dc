import { describe, expect, it } from "vitest";
import {
  type BudgetFile,
  type BudgetSpec,
  noBudget,
  readBudget,
  splitBudget,
  withLimits,
} from "../../src/config/budget.ts";
import { loadMatrix } from "../../src/config/load.ts";
import { noOverrides } from "../../src/config/overrides.ts";
import { DiskFiles } from "../../src/system/input-files.ts";
import { tempFolder } from "../support/temp-folder.ts";

function read(file: BudgetFile): BudgetSpec {
  const { budget, problems } = readBudget(file);
  expect(problems).toEqual([]);
  return budget;
}

function problems(file: BudgetFile): readonly string[] {
  return readBudget(file).problems.map(({ key, problem }) => `${key}: ${problem}`);
}

describe("a budget as it is written", () => {
  it("reads money with its currency before or behind, close or apart, in either case", () => {
    for (const written of ["5CNY", "5 CNY", "CNY 5", "5.00 cny", "cny5"])
      expect(read({ cost: written }).cost).toEqual([{ amount: 5, currency: "CNY" }]);
    expect(read({ cost: 0.5 }).cost).toEqual([{ amount: 0.5, currency: null }]);
    expect(read({ cost: ["5 CNY", ".5 USD"] }).cost).toEqual([
      { amount: 5, currency: "CNY" },
      { amount: 0.5, currency: "USD" },
    ]);
  });

  it("reads counts with thousands and millions, and times with their unit", () => {
    expect(read({ requests: "20k", tokens: "2.5M", time: "30m" })).toEqual({
      cost: [],
      requests: 20_000,
      tokens: 2_500_000,
      timeMs: 1_800_000,
    });
    expect(read({ requests: 20, tokens: "2_000_000", time: 90 })).toEqual({
      cost: [],
      requests: 20,
      tokens: 2_000_000,
      timeMs: 90_000,
    });
    expect(read({})).toEqual(noBudget);
  });

  it("takes a limit away with `none`", () => {
    expect(read({ cost: ["none"], requests: "none", tokens: "none", time: "none" })).toEqual(noBudget);
  });

  it("says everything that is wrong at once", () => {
    expect(problems({ cost: "five", requests: 0, tokens: "many", time: "soon" })).toEqual([
      "cost: `five` is no amount of money",
      "requests: `0` is no number of requests",
      "tokens: `many` is no number of tokens",
      "time: `soon` is no time",
    ]);
    expect(problems({ cost: "-5 CNY" })).toEqual(["cost: `-5 CNY` is no amount of money"]);
    expect(problems({ cost: 0 })).toEqual([]);
    expect(problems({ requests: 1.2 })).toEqual(["requests: `1.2` is no number of requests"]);
    expect(problems({ tokens: "2.3M" })).toEqual([]);
    expect(problems({ cost: ["5 CNY", "6 CNY"] })).toEqual(["cost: there are two limits in CNY"]);
    expect(problems({ cost: ["5", "6 CNY"] })).toEqual([
      "cost: `5` has no currency, and there are several amounts",
    ]);
  });

  it("splits the flag's list, and takes nothing else for one", () => {
    expect(splitBudget("cost=5CNY,time=30m")).toEqual({ cost: ["5CNY"], time: "30m" });
    expect(splitBudget(" cost = 5 CNY , cost=1USD, requests=10 ")).toEqual({
      cost: ["5 CNY", "1USD"],
      requests: "10",
    });
    for (const text of ["5CNY", "cost=", "", "price=5", "time=3m,time=4m", "cost=5CNY,"])
      expect(splitBudget(text)).toBeNull();
  });
});

describe("a budget of a matrix", () => {
  const matrix = (budget: string): string =>
    `prompts: [ { user: x } ]\ngrid: { model: a }\nbudget: ${budget}\n`;

  it("is changed key by key by the flag", () => {
    const files = new DiskFiles(tempFolder({ "m.yaml": matrix("{ cost: 5 CNY, time: 30m }") }));
    const { config, diagnostics } = loadMatrix("m.yaml", files, {
      ...noOverrides,
      budget: { cost: ["2 USD"], requests: "7" },
    });
    expect(diagnostics).toEqual([]);
    expect(config?.budget).toEqual({
      cost: [
        { amount: 5, currency: "CNY" },
        { amount: 2, currency: "USD" },
      ],
      requests: 7,
      tokens: null,
      timeMs: 1_800_000,
    });
  });

  it("keeps its amounts of other currencies, where each names its own", () => {
    const written = { cost: ["5 CNY", "1 USD"], time: "30m" };
    expect(withLimits(written, { cost: ["9 CNY"] })).toEqual({ cost: ["1 USD", "9 CNY"], time: "30m" });
    expect(withLimits(written, { cost: ["9"] })).toEqual({ cost: ["9"], time: "30m" });
    expect(withLimits({ cost: "5 CNY" }, { cost: ["9 CNY"] })).toEqual({ cost: ["9 CNY"] });
    expect(withLimits({ cost: 5 }, { cost: ["9 CNY"] })).toEqual({ cost: ["9 CNY"] });
  });

  it("is no limit where there is none", () => {
    const files = new DiskFiles(tempFolder({ "m.yaml": "prompts: [ { user: x } ]\ngrid: { model: a }\n" }));
    expect(loadMatrix("m.yaml", files, noOverrides).config?.budget).toEqual(noBudget);
  });

  it("is refused with the place of what is wrong, or the flag's name", () => {
    const files = new DiskFiles(tempFolder({ "m.yaml": matrix("{ cost: lots }") }));
    const own = loadMatrix("m.yaml", files, noOverrides).diagnostics;
    expect(own).toMatchObject([
      { code: "budget/limit", message: "`budget.cost`: `lots` is no amount of money", place: { line: 3 } },
    ]);
    const flag = loadMatrix("m.yaml", files, { ...noOverrides, budget: { cost: ["much"] } }).diagnostics;
    expect(flag).toMatchObject([{ code: "budget/limit", place: { file: "--budget", line: 0 } }]);
  });
});
