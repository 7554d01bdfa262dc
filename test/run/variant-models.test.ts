import { describe, expect, it } from "vitest";
import { noOverrides } from "../../src/config/overrides.ts";
import { prepare } from "../../src/run/prepare.ts";
import { variantModels } from "../../src/run/variant-models.ts";
import { DiskFiles } from "../../src/system/input-files.ts";
import { tempFolder } from "../support/temp-folder.ts";

function models(...names: readonly string[]): readonly (readonly string[])[] {
  const folder = tempFolder({
    "rows.csv": "m,x\nlarge,one\nsmall,two\nlarge,three\n",
    "m.yaml": `prompts: [{ user: "{{ x }}" }]
dataset: rows.csv
trials: 2
grid: { model: ${JSON.stringify(names)} }
`,
  });
  const { prepared, diagnostics } = prepare("m.yaml", noOverrides, new DiskFiles(folder));
  if (prepared === null) throw new Error(JSON.stringify(diagnostics));
  return prepared.plan.variants.map((variant) => variantModels(variant, prepared.plan));
}

describe("the models that a variant asks", () => {
  it("are the one that it names, or each that rows and trials fill in", () => {
    expect(
      models("a", "my-{{ m }}", "{% if x == 'two' %}b{% else %}c{% endif %}", "{{ m }}-{{ trial }}"),
    ).toEqual([["a"], ["my-large", "my-small"], ["c", "b"], ["large-0", "large-1", "small-0", "small-1"]]);
  });
});
