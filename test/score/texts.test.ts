import { describe, expect, test } from "vitest";
import { textsOf } from "../../src/score/text-list.ts";
import { rendered, scoreOf } from "./scored.ts";

describe("exact", () => {
  test("white space around the answer does not count unless trim is off; the case does unless it is ignored", () => {
    expect(scoreOf(" Paris\n", "exact", { expected: "Paris" })).toEqual({ value: 1 });
    expect(scoreOf(" Paris\n", "exact", { expected: "Paris", trim: false })).toEqual({
      value: 0,
      reason: "expected `Paris`, found `Paris`",
    });
    expect(scoreOf("paris", "exact", { expected: "PARIS" })?.value).toBe(0);
    expect(scoreOf("paris", "exact", { expected: "PARIS", ignore_case: true })?.value).toBe(1);
  });

  test("numbers and booleans are compared as JSON writes them, and an empty text wants an empty answer", () => {
    expect(scoreOf("7", "exact", { expected: 7 })?.value).toBe(1);
    expect(scoreOf("true", "exact", { expected: true })?.value).toBe(1);
    expect(scoreOf("", "exact", { expected: "" })?.value).toBe(1);
    expect(scoreOf("x", "exact", { expected: "" })?.value).toBe(0);
  });

  test("a long answer is quoted short, on one line", () => {
    const reason = scoreOf(`a\nb ${"long ".repeat(100)}`, "exact", { expected: "x" })?.reason ?? "";
    expect(reason).toMatch(/^expected `x`, found `a b long .*…`$/);
    expect(reason.length).toBeLessThan(120);
  });
});

describe("contains", () => {
  test("says which texts are missing", () => {
    expect(scoreOf("red and green", "contains", { all: ["red", "blue"] })).toEqual({
      value: 0,
      reason: "does not contain `blue`",
    });
    expect(scoreOf("red and green", "contains", { any: "blue, grey" })).toEqual({
      value: 0,
      reason: "contains none of `blue`, `grey`",
    });
  });

  test("options that every answer meets, or that say nothing, are problems", () => {
    const problem = (options: object): string | null => rendered("contains", options).problem;
    expect(
      [
        {},
        { expected: "" },
        { any: [] },
        { any: " , " },
        { all: ["a", ""] },
        { expected: "a", any: ["b"] },
      ].map(problem),
    ).toEqual([
      "one of `expected`, `any` and `all` is needed",
      "`expected` holds an empty text, and every answer contains that",
      "`any` is empty",
      "`any` is empty",
      "`all` holds an empty text, and every answer contains that",
      "only one of `expected` and `any` can be given",
    ]);
  });

  test("a text with commas is read as a line of CSV", () => {
    expect(textsOf('a, "b, c" ,, "say ""hi""",d')).toEqual(["a", "b, c", 'say "hi"', "d"]);
    expect(textsOf("")).toEqual([]);
    expect(textsOf('un"quoted, "open')).toEqual(['un"quoted', '"open']);
    expect(textsOf(["a, b", 3, ""])).toEqual(["a, b", "3", ""]);
  });
});

describe("starts_with and regex", () => {
  test("the beginning is looked at behind white space", () => {
    expect(scoreOf("\n Yes, it is", "starts_with", { expected: "Yes" })?.value).toBe(1);
    expect(scoreOf("yes", "starts_with", { expected: "Yes" })).toEqual({
      value: 0,
      reason: "does not begin with `Yes`",
    });
    expect(rendered("starts_with", { expected: "" }).problem).toMatch(/empty/);
  });

  test("flags are heeded, and what cannot be read is a problem, not a crash", () => {
    expect(scoreOf("a\nB", "regex", { pattern: "^b$", flags: "im" })?.value).toBe(1);
    expect(scoreOf("a\nB", "regex", { pattern: "^b$" })).toEqual({
      value: 0,
      reason: "does not match `^b$`",
    });
    expect(rendered("regex", { pattern: "(" }).problem).toMatch(/^`pattern` cannot be read: /);
    expect(rendered("regex", { pattern: "a", flags: "g" }).problem).toBe("flags can be i, m, s, u and v");
    expect(rendered("regex", { pattern: "" }).problem).toMatch(/empty/);
  });
});
