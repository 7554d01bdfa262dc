import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Draw } from "../../src/simulator/draw.ts";
import { sampleMatch } from "../../src/simulator/regex-sample.ts";
import { boundedWords, loadTokenizer, takeTokens } from "../../src/simulator/tokens.ts";
import { otherNumber, otherTexts, otherValue } from "../../src/simulator/wrong-answer.ts";

/** Half of a pair, alone. */
const surrogate = /\p{Surrogate}/u;
const tokenizer = await loadTokenizer();
const anyText = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary" }),
  fc.string({ unit: "grapheme" }),
  fc
    .array(fc.constantFrom("龘", "🧑‍🚀", "𠮷", "今天", " the", "<|endoftext|>", "\ud800", "\n"))
    .map((parts) => parts.join("")),
);

describe("tokens", () => {
  it("add up to the text, whole characters a piece, and are counted alike by both ways", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { pieces, counts, total } = tokenizer.split(text);
        expect(pieces.join("")).toBe(text);
        expect(counts).toHaveLength(pieces.length);
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(total);
        if (!surrogate.test(text)) {
          expect(total).toBe(tokenizer.count(text));
          expect(pieces.some((piece) => surrogate.test(piece))).toBe(false);
        }
      }),
    );
  });

  it("cut to a limit are a beginning of the text within it", () => {
    fc.assert(
      fc.property(anyText, fc.nat(20), (text, limit) => {
        const cut = takeTokens(tokenizer.split(text), limit);
        expect(text.startsWith(cut.text)).toBe(true);
        expect(cut.total).toBeLessThanOrEqual(limit);
        expect(cut.pieces.join("")).toBe(cut.text);
      }),
    );
  });

  it("are counted at once in words of millions of characters, which are cut into parts", () => {
    const large = "x".repeat(5_000_000);
    expect(tokenizer.count(large)).toBeGreaterThan(500_000);
    expect(tokenizer.split(` ${large}`).text).toBe(` ${large}`);
  });

  it("come from parts of bounded words, which joined are the text and never cut a character", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyText, fc.nat(3_000)), { maxLength: 3 }), (blocks) => {
        const text = blocks
          .map(([unit, times]) => unit.repeat(Math.min(times, 20_000 / (unit.length + 1))))
          .join("");
        const parts = boundedWords(text);
        expect(parts.join("")).toBe(text);
        for (const part of parts) {
          expect(/\S{2002}|\s{2002}/.test(part)).toBe(false);
          if (!surrogate.test(text)) expect(surrogate.test(part)).toBe(false);
        }
      }),
    );
  });

  it("are those of the o200k encoding", () => {
    expect(tokenizer.split("The answer is 1234.").pieces).toEqual([
      "The",
      " answer",
      " is",
      " ",
      "123",
      "4",
      ".",
    ]);
    expect(tokenizer.count("今天是星期四")).toBe(4);
  });
});

describe("wrong answers", () => {
  const draws = fc.integer().map((seed) => new Draw([seed]));

  it("have another number of the same form", () => {
    const numbers = fc
      .tuple(fc.integer({ min: -1e9, max: 1e9 }), fc.nat(4))
      .map(([n, decimals]) => (n / 10 ** decimals).toFixed(decimals));
    fc.assert(
      fc.property(numbers, draws, (written, draw) => {
        const other = otherNumber(written, draw);
        expect(Number(other)).not.toBe(Number(written));
        expect(Math.sign(Number(other)) * Math.sign(Number(written))).toBeGreaterThanOrEqual(0);
        expect(other.split(".")[1]?.length).toBe(written.split(".")[1]?.length);
      }),
    );
  });

  it("are other texts, in any casing", () => {
    fc.assert(
      fc.property(anyText, fc.array(fc.string(), { maxLength: 3 }), draws, (text, choices, draw) => {
        const others = otherTexts(text, choices, draw);
        expect(others.length).toBeGreaterThan(0);
        expect(others.some((other) => other.trim().toLowerCase() === text.trim().toLowerCase())).toBe(false);
      }),
    );
  });

  it("are other JSON values", () => {
    fc.assert(
      fc.property(fc.jsonValue(), draws, (value, draw) => {
        expect(JSON.stringify(otherValue(value, draw))).not.toBe(JSON.stringify(value));
      }),
      {
        numRuns: 1000,
        examples: [
          [-5e-324, new Draw([1])],
          [1e308, new Draw([2])],
          [-0, new Draw([3])],
        ],
      },
    );
  });
});

describe("sampleMatch", () => {
  it("gives a text that the pattern accepts", () => {
    const atom = fc.constantFrom(
      "a",
      "\\d",
      "[x-z]",
      "[^a-z]",
      "(?:no|yes)",
      "(k)",
      ".",
      "\\s",
      "\\.",
      "字",
      "(?<n>q)",
    );
    const pattern = fc
      .array(fc.tuple(atom, fc.constantFrom("", "+", "*", "?", "{2}", "{1,3}", "+?")), {
        minLength: 1,
        maxLength: 6,
      })
      .map((parts) => `^${parts.map(([a, q]) => a + q).join("")}$`)
      .filter((text) => text.split("(?<n>").length <= 2);
    fc.assert(
      fc.property(pattern, (text) => {
        expect(sampleMatch(text)).toMatch(new RegExp(text));
      }),
    );
  });

  it("gives null for what it cannot satisfy or read", () => {
    expect([sampleMatch("a(?!b)(?=c)d"), sampleMatch("("), sampleMatch("$x")]).toEqual([null, null, null]);
  });
});
