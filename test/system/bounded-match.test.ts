import fc from "fast-check";
import { expect, test } from "vitest";
import { BoundedPattern, PatternTimeout } from "../../src/system/bounded-match.ts";

const endless = `${"a".repeat(60)}b`;

test.each([
  "^(a+)+$",
  "^(a|a)*$",
  "^(a|aa)+$",
  "^(\\w{1,9}){1,99}$",
  "(.*)*x",
  "^((ab?)*)*$",
  `^${"a?".repeat(60)}${"a".repeat(60)}$`,
])("%s comes to an end", (source) => {
  const pattern = new BoundedPattern(source);
  const started = performance.now();
  try {
    pattern.test(endless);
  } catch (error) {
    expect(error).toBeInstanceOf(PatternTimeout);
  }
  expect(performance.now() - started).toBeLessThan(5_000);
});

test("a pattern that ran out of time five times is not tried again", () => {
  const pattern = new BoundedPattern("^(a+)+$");
  for (let i = 0; i < 5; i++) expect(() => pattern.test(endless)).toThrow(PatternTimeout);
  const started = performance.now();
  for (let i = 0; i < 1_000; i++) expect(() => pattern.test(endless)).toThrow(PatternTimeout);
  expect(performance.now() - started).toBeLessThan(1_000);
});

test("it finds what the plain expression finds", () => {
  const sources = fc.constantFrom("a", "^a+$", "(a+)+b", "a*b*", "(ab|b)+", "\\w+@\\w+", "b(.*)a", "[ab]+$");
  fc.assert(
    fc.property(sources, fc.stringMatching(/^[ab@ ]{0,30}$/), (source, text) => {
      expect(new BoundedPattern(source, "g").test(text)).toBe(new RegExp(source).test(text));
      const last = [...text.matchAll(new RegExp(source, "g"))].at(-1);
      const found = new BoundedPattern(source, "g").last(text);
      expect(found === null ? null : [...found]).toEqual(last === undefined ? null : [...last]);
      expect(found?.index).toBe(last?.index);
    }),
  );
});
