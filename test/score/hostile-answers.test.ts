import fc from "fast-check";
import { expect, test } from "vitest";
import { rendered, scoreOf, verdict } from "./scored.ts";

const scorers = [
  rendered("exact", { expected: "x" }),
  rendered("contains", { any: ["x", "y"] }),
  rendered("starts_with", { expected: "x" }),
  rendered("regex", { pattern: "x+" }),
  rendered("numeric", { expected: 5 }),
  rendered("choice", { expected: "B", choices: ["Paris", "Rome"] }),
];

test("whatever an answer holds, every scorer says 0 or 1", () => {
  const answer = fc.oneof(
    fc.string({ unit: "binary" }),
    fc
      .array(
        fc.constantFrom(
          "answer",
          "is",
          " ",
          "B",
          "(",
          ")",
          "答案",
          "10",
          "^",
          "{",
          ",",
          "\\boxed",
          "-",
          "$",
          "\n",
        ),
        { maxLength: 60 },
      )
      .map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(answer, (text) => {
      const { scores } = verdict(text, ...scorers);
      for (const score of Object.values(scores)) expect([0, 1]).toContain(score.value);
    }),
    { numRuns: 500 },
  );
});

test("the time to score grows no faster than the answer", () => {
  const pieces = [
    "answer ",
    "answer is option ",
    " ",
    "\n",
    "1,",
    "1 ",
    "123,",
    "10^{",
    "\\boxed{",
    "( ",
    "B. ",
    "选",
    "_",
    "USD ",
    "most likely ",
  ];
  for (const piece of pieces) {
    for (const text of [piece.repeat(20_000), `answer ${piece.repeat(20_000)}choose x`]) {
      const start = performance.now();
      verdict(text, ...scorers);
      expect(performance.now() - start, `${JSON.stringify(piece)} took too long`).toBeLessThan(2_000);
    }
  }
});

test("a whole number, however it is written, is read as itself", () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), fc.constantFrom("en-US", "de-CH", "fr-FR"), (value, locale) => {
      const written = `The total is ${value.toLocaleString(locale)}.`;
      expect(scoreOf(written, "numeric", { expected: value })?.value, written).toBe(1);
    }),
  );
});
