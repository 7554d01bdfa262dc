import { describe, expect, it } from "vitest";
import {
  counterpart,
  matchesSelector,
  parseSelector,
  selectVariants,
  unknownSelector,
  type VariantFacts,
} from "../../src/compare/select-variants.ts";
import { planFrom } from "../support/plan-from.ts";

function variant(
  label: string,
  promptId: string,
  parameters: Readonly<Record<string, unknown>>,
): VariantFacts {
  return { label, promptId, provider: "lab", parameters };
}

const variants: readonly VariantFacts[] = [
  variant("prompt=v1,model=a,temperature=0", "v1", { model: "a", temperature: 0 }),
  variant("prompt=v1,model=4,temperature=1", "v1", { model: "4", temperature: 1 }),
  variant("prompt=v2,model=a,temperature=0", "v2", { model: "a", temperature: 0 }),
  variant("prompt=v2,model=4", "v2", { model: "4" }),
];

describe("selectVariants", () => {
  it.each([
    ["prompt=v1,model=a,temperature=0", [0]],
    ["prompt=v1", [0, 1]],
    ["temperature=0", [0, 2]],
    ["temperature=0.0", [0, 2]],
    ["model=4", [1, 3]],
    ['model="4"', [1, 3]],
    [" model=4 , prompt=v2 ", [3]],
    ["temperature=null", [3]],
    ["provider=lab", [0, 1, 2, 3]],
    ["v2", [2, 3]],
    ["a", [0, 2]],
    ["0", [0, 2]],
    ["4", [1, 3]],
    ["lab", [0, 1, 2, 3]],
    ["prompt=V1", []],
    ["prompt=v1,model=b", []],
    ["temperature=hot", []],
    ["seed=1", []],
    ["", []],
    ["=v1", []],
    ["prompt=", []],
  ])("text %j means %j", (text, expected) => {
    expect(selectVariants(variants, text)).toEqual(expected);
  });

  it.each([
    [{ temperature: 0 }, [0, 2]],
    [{ temperature: "0" }, []],
    [{ model: "4" }, [1, 3]],
    [{ model: 4 }, []],
    [{ temperature: null }, [3]],
    [{ prompt: "v1", model: "a" }, [0]],
    [{}, [0, 1, 2, 3]],
  ])("map %j means %j, with type and case", (selector, expected) => {
    expect(selectVariants(variants, selector)).toEqual(expected);
  });

  it("means nothing by a value that two axes take", () => {
    const both = [variant("x=1,y=2", "p", { x: 1, y: 2 }), variant("x=2,y=1", "p", { x: 2, y: 1 })];
    expect(selectVariants(both, "1")).toEqual([]);
    expect(unknownSelector(both, "1")).toEqual({
      message: "`1` is a value of `x`, `y`",
      hint: "say which: `x=1` or `y=1`",
    });
  });

  it("finds every variant of a plan by its label as printed, and by each part of it", () => {
    const { variants: planned } = planFrom(`
provider: simulator
prompts: [ { id: "a=1,b", user: x }, { id: plain, user: y } ]
grid:
  model: ["one,two", "k=v", '"quoted"', "7", sim/strong]
  stop: [["=,", "}"], null]
  response_format:
    - { label: text, value: { type: text } }
    - { type: json_schema, json_schema: { name: "a, b = c", schema: { type: object, required: [x] } } }
`).plan;
    expect(planned).toHaveLength(40);
    planned.forEach((one, i) => {
      expect(selectVariants(planned, one.label)).toEqual([i]);
      const parsed = parseSelector(one.label);
      if (parsed === null) throw new Error(`${one.label} is no selector`);
      for (const [name, value] of Object.entries(parsed))
        if (name !== "prompt" || one.promptId === "plain")
          expect(matchesSelector(one, { [name]: value }), `${name} of ${one.label}`).toBe(true);
    });
  });

  it("takes the name of a long value for it, and no name for the digits of a number", () => {
    const named = [
      variant("response_format=schema,n=1", "p", { response_format: { type: "json_object" }, n: 1 }),
      variant("response_format=text,n=2", "p", { response_format: { type: "text" }, n: 2 }),
    ];
    expect(selectVariants(named, { response_format: "schema" })).toEqual([0]);
    expect(selectVariants(named, { response_format: { type: "text" } })).toEqual([1]);
    expect(selectVariants(named, 'response_format={"type":"text"},n=2')).toEqual([1]);
    expect(selectVariants(named, { n: "1" })).toEqual([]);
  });
});

describe("counterpart", () => {
  it("is the variant that differs in the named keys alone", () => {
    expect(counterpart(variants, 2, { prompt: "v1" })).toBe(0);
    expect(counterpart(variants, 1, { prompt: "v2" })).toBeNull();
    expect(counterpart(variants, 3, { prompt: "v1", temperature: 1 })).toBe(1);
    expect(counterpart(variants, 3, parseSelector("prompt=v1,temperature=1") ?? {})).toBe(1);
  });

  it("is never the variant itself", () => {
    expect(counterpart(variants, 0, { prompt: "v1" })).toBeNull();
  });
});

describe("unknownSelector", () => {
  it.each([
    ["promt=v1", "no variant has a key `promt`", "did you mean `prompt`?"],
    ["flavour=v1", "no variant has a key `flavour`", "keys: `prompt`, `provider`, `model`, `temperature`"],
    ["model=b7", "no variant is `model=b7`", "`model` is `a`, `4`"],
    ["prompt=v3", "no variant is `prompt=v3`", "did you mean `prompt=v1`?"],
    [
      "prompt=v2,temperature=1",
      "no variant is all of `prompt=v2,temperature=1`",
      `variants: ${variants.map(({ label }) => `\`${label}\``).join(", ")}`,
    ],
    ["labb", "no variant is `labb`", "did you mean `lab`?"],
  ])("says of %j what is wrong with it", (text, message, hint) => {
    expect(unknownSelector(variants, text)).toEqual({ message, hint });
  });
});

it("the last part of a model's name is enough where no variant has it as a whole", () => {
  const variant = (model: string): VariantFacts => ({
    promptId: "p",
    provider: "lab",
    parameters: { model },
    label: `model=${model}`,
  });
  const variants = [variant("gsm8k/6b"), variant("gsm8k/175b"), variant("6b")];
  expect(selectVariants(variants, "175b")).toEqual([1]);
  expect(selectVariants(variants, "model=175b")).toEqual([1]);
  expect(selectVariants(variants, "6b")).toEqual([2]);
});
