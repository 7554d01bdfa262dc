import fc from "fast-check";
import { expect, it } from "vitest";
import {
  matchesSelector,
  parseSelector,
  selectorText,
  type VariantFacts,
} from "../../src/compare/select-variants.ts";

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

it("a selector written as text means its own variant, and a map means what its text means", () => {
  fc.assert(
    fc.property(parameters, parameters, (own, other) => {
      const variant: VariantFacts = { promptId: "p", provider: "lab", label: "one", parameters: own };
      const parsed = parseSelector(selectorText(own));
      expect(parsed !== null && matchesSelector(variant, parsed)).toBe(true);
      const foreign = parseSelector(selectorText(other));
      expect(foreign !== null && matchesSelector(variant, foreign)).toBe(matchesSelector(variant, other));
    }),
    { numRuns: 1000 },
  );
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
