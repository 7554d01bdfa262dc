import fc from "fast-check";
import { countTokens } from "gpt-tokenizer/encoding/o200k_base";
import { describe, expect, it } from "vitest";
import { eachPiece, type PieceLimits, pieceLimits } from "../../src/cost/text-pieces.ts";
import { loadTokenCounter } from "../../src/cost/token-counter.ts";

const counter = await loadTokenCounter();
const asText = { allowedSpecial: new Set<string>(), disallowedSpecial: new Set<string>() };

const anyText = fc.string({ unit: "binary", maxLength: 100 });
const words = fc.constantFrom(
  "the",
  " Straße",
  "don't",
  "X'LL",
  "CamelCase",
  "，你好世界",
  "订单",
  "日本の",
  " 12345",
  "٣٤",
  "...",
  "//\n",
  "   ",
  "\r\n\t",
  "é",
  "👩‍👧",
  "ก็",
);
const sentence = fc.array(words, { maxLength: 60 }).map((list) => list.join(""));

function pieces(text: string, limits: PieceLimits = pieceLimits): string[] {
  const all: string[] = [];
  eachPiece(text, (piece) => all.push(piece), limits);
  return all;
}

describe("counting", () => {
  it("gives what gpt-tokenizer gives for any text", () => {
    fc.assert(
      fc.property(fc.oneof(anyText, sentence), (text) => {
        expect(counter.text("gpt-4o", text)).toBe(countTokens(text, asText));
      }),
      { numRuns: 500 },
    );
  });

  it("loses no character, and makes no piece longer than it may be", () => {
    fc.assert(
      fc.property(fc.oneof(anyText, sentence), fc.integer({ min: 2, max: 40 }), (text, piece) => {
        const cut = pieces(text, { slice: 64, piece });
        expect(cut.join("")).toBe(text);
        for (const part of cut) expect(part.length).toBeLessThanOrEqual(piece);
      }),
    );
  });

  it("cuts a long text into slices without moving a piece, where letters end", () => {
    // Every word is followed by a space, so that there is a safe end within reach of any limit.
    const spaced = fc.array(fc.constantFrom("the", "don't", "，你好", "12345", "...", "é", "Go"), {
      minLength: 50,
      maxLength: 200,
    });
    fc.assert(
      fc.property(spaced, fc.integer({ min: 64, max: 300 }), (list, slice) => {
        const text = `${list.join(" word ")}`;
        expect(pieces(text, { ...pieceLimits, slice })).toEqual(pieces(text));
      }),
    );
  });

  it.each(["a", "A", " ", "\n", "7", "!", "é", "的", "👩‍👩‍👧", "\ud800"])(
    "does work in proportion to a megabyte of %j",
    (unit) => {
      const text = unit.repeat(1_000_000 / unit.length);
      const cut = pieces(text);
      // Merging is quadratic in a piece alone, so the work is at most `length · piece`.
      expect(cut.every((piece) => piece.length <= pieceLimits.piece)).toBe(true);
      expect(cut.join("")).toBe(text);
      // What cutting a run may cost, against a run of its length: one token a piece.
      const sample = text.slice(0, unit.length * 1_000);
      const expected = countTokens(sample, asText);
      const tokens = counter.text("gpt-4o", sample);
      expect(Math.abs(tokens - expected)).toBeLessThanOrEqual(1 + sample.length / pieceLimits.piece);
      const all = counter.text("gpt-4o", text);
      expect(all / text.length).toBeCloseTo(tokens / sample.length, 2);
    },
  );
});
