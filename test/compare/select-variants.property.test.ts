import fc from "fast-check";
import { expect, it } from "vitest";
import type { VariantSelector } from "../../src/compare/gate.ts";
import {
  matchesSelector,
  parseSelector,
  selectorText,
  type VariantFacts,
} from "../../src/compare/select-variants.ts";
import { yamlScalar } from "../../src/dataset/yaml.ts";

const value = fc.oneof(
  fc.string({ minLength: 1, maxLength: 12 }),
  fc.constantFrom("0", "null", "true", "a,b=c", '"', "{", "…", "1e3", "x=1"),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.boolean(),
  fc.array(fc.string({ maxLength: 3 }), { maxLength: 2 }),
  fc.dictionary(fc.constantFrom("type", "name"), fc.string({ maxLength: 5 }), { maxKeys: 2 }),
);
const parameters = fc.dictionary(fc.constantFrom("model", "stop", "top_p", "seed"), value, { minKeys: 1 });

/** Text that an unquoted selector also reads as another value: `seed=true` means the name "true", too. */
const isAmbiguous = (one: unknown): boolean => typeof one === "string" && yamlScalar(one) !== one;

it("a selector written as text means its own variant, and a map means what its text means", () => {
  fc.assert(
    fc.property(parameters, parameters, (own, other) => {
      const variant: VariantFacts = { promptId: "p", provider: "lab", label: "one", parameters: own };
      const parsed = parseSelector(selectorText(own));
      expect(parsed !== null && matchesSelector(variant, parsed)).toBe(true);
      const foreign = parseSelector(selectorText(other));
      const byText = foreign !== null && matchesSelector(variant, foreign);
      if (Object.values(own).some(isAmbiguous)) expect(byText || !matchesSelector(variant, other)).toBe(true);
      else expect(byText).toBe(matchesSelector(variant, other));
    }),
    { numRuns: 2000 },
  );
});

it("unquoted text means the value it reads as and the name that is written so; a map and a quoted text mean one", () => {
  const name: VariantFacts = { promptId: "p", provider: "lab", label: "one", parameters: { seed: "true" } };
  const value: VariantFacts = { ...name, parameters: { seed: true } };
  const picked = (selector: VariantSelector | null): readonly boolean[] =>
    [name, value].map((variant) => selector !== null && matchesSelector(variant, selector));
  expect(picked(parseSelector("seed=true"))).toEqual([true, true]);
  expect(picked(parseSelector('seed="true"'))).toEqual([true, false]);
  expect(picked({ seed: "true" })).toEqual([true, false]);
  expect(picked({ seed: true })).toEqual([false, true]);
});

it("any text is read without a throw", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...'a=,"{[]}\\… '), { maxLength: 20 }), (signs) => {
      const text = signs.join("");
      const parsed = parseSelector(text);
      expect(parsed === null || Object.keys(parsed).length > 0).toBe(true);
    }),
  );
});
