import { describe, expect, it } from "vitest";
import { noOverrides } from "../../src/config/overrides.ts";
import { prepare } from "../../src/run/prepare.ts";
import { DiskFiles } from "../../src/system/input-files.ts";
import { tempFolder } from "../support/temp-folder.ts";

function warnings(keys: string): readonly string[] {
  const folder = tempFolder({
    "rows.csv": "m,x\nlarge,one\nsmall,two\n",
    "m.yaml": `prompts: [{ user: "{{ x }}" }]\ndataset: rows.csv\n${keys}\n`,
  });
  const { prepared, diagnostics } = prepare("m.yaml", noOverrides, new DiskFiles(folder));
  if (prepared === null) throw new Error(JSON.stringify(diagnostics));
  return diagnostics
    .filter(({ code }) => code === "gates/unknown-price")
    .map(({ severity, message }) => `${severity}: ${message}`);
}

const knownGrid = "grid: { model: [Qwen/Qwen3-32B, Qwen/Qwen3-8B] }";
const costGate = "gates: [{ metric: cost, max: 1 }]";

describe("a gate on costs", () => {
  it("is warned of where a price is unknown, with the models, each once", () => {
    const grid = "grid: { model: [a, b, Qwen/Qwen3-32B, c, d], temperature: [0, 1] }";
    expect(warnings(`${grid}\n${costGate}`)).toEqual([
      "warning: the price of `siliconflow/a`, `siliconflow/b`, `siliconflow/c` and 1 more is unknown: a gate on `cost` will be invalid",
    ]);
  });

  it("is not warned of where every price is known, free ones too, or the server states the cost", () => {
    expect(warnings(`${knownGrid}\n${costGate}`)).toEqual([]);
    expect(warnings(`provider: openrouter\ngrid: { model: a/b }\n${costGate}`)).toEqual([]);
  });

  it("is not warned of for variants that it has nothing to do with", () => {
    const grid = "grid: { model: [a, Qwen/Qwen3-32B] }";
    expect(
      warnings(`${grid}\ngates: [{ metric: cost, max: 1, variants: { model: Qwen/Qwen3-32B } }]`),
    ).toEqual([]);
    expect(warnings(`${grid}\ngates: [{ metric: total_tokens.mean, max: 1 }]`)).toEqual([]);
  });

  it("is warned of for the variant that it compares with", () => {
    const gate =
      "gates: [{ metric: cost, max_increase: 10%, variants: { model: Qwen/Qwen3-32B }, against: { model: a } }]";
    expect(warnings(`grid: { model: [a, b, Qwen/Qwen3-32B] }\n${gate}`)).toEqual([
      "warning: the price of `siliconflow/a` is unknown: a gate on `cost` will be invalid",
    ]);
  });

  it("goes by the names that rows fill in", () => {
    const grid = 'grid: { model: "{{ m }}" }';
    const price = (model: string): string => `{ model: ${model}, currency: CNY, input: 1, output: 1 }`;
    expect(warnings(`${grid}\n${costGate}\nprices: [${price("large")}, ${price("small")}]`)).toEqual([]);
    expect(warnings(`${grid}\n${costGate}\nprices: [${price("large")}]`)).toEqual([
      "warning: the price of `siliconflow/small` is unknown: a gate on `cost` will be invalid",
    ]);
  });
});
