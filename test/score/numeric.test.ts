import { describe, expect, test } from "vitest";
import { findNumbers } from "../../src/score/number-grammar.ts";
import { rendered, scoreOf } from "./scored.ts";

const grammar: readonly (readonly [text: string, ...plain: string[]])[] = [
  ["1,234,567 people", "1234567"],
  ["1 234 567,", "1234567"],
  ["1\u202f234 and 5", "1234", "5"],
  ["1_000, 1'234, 1{,}234, 1\\,234", "1000", "1234", "1234", "1234"],
  ["1 2 300", "1", "2", "300"],
  ["10,50", "10", "50"],
  ["1234,567", "1234", "567"],
  ["0,123", "0", "123"],
  ["1,2345", "1", "2345"],
  ["１２，３４５．５ and －７", "12345.5", "-7"],
  ["$5, $1,250.75, 5 USD, USD5, ¥12, 5%, 5€", "5", "1250.75", "5", "5", "12", "5", "5"],
  ["-$5 and $-5 and US$-5 and −3 and –4", "-5", "-5", "-5", "-3", "-4"],
  ["(-5) = -5, **-5**, 温度-5", "-5", "-5", "-5", "-5"],
  ["16-3, x-5, 5–7, 2024-05-06", "16", "3", "5", "5", "7", "2024", "05", "06"],
  [".5 and 5. And -.5.", ".5", "5", "-.5"],
  ["1e-3, 2E5, 1.5e+3, 2em", "1e-3", "2e5", "1.5e+3", "2"],
  ["3 × 10^6, 3\\times 10^{-6}, 10^6, 2^10", "3e6", "3e-6", "1e6", "2"],
  ["1/2 and \\frac{1}{2}", "1", "2", "1", "2"],
  ["5 m^2 of CO2, x_1, x_{12}, v3, No.4", "5", "4"],
  ["\\boxed{-42}", "-42"],
  ["1.2.3", "1.2", "3"],
  ["答案是12。", "12"],
  ["no numbers, e5 neither"],
];

describe("numbers in a text", () => {
  test.each(grammar)("%s", (text, ...plain) => {
    expect(findNumbers(text).map((found) => found.plain)).toEqual(plain);
  });
});

describe("numeric", () => {
  test("the last number counts, or the first, or the last one where a pattern says", () => {
    const answer = "We need 3 × 4 = 12.\nA: 13 dollars and 50 cents\nChecked in 2 steps";
    expect(scoreOf(answer, "numeric", { expected: 2 })?.value).toBe(1);
    expect(scoreOf(answer, "numeric", { expected: 3, extract: "first" })?.value).toBe(1);
    expect(scoreOf(answer, "numeric", { expected: 13, extract: "^A: (\\S+)" })?.value).toBe(1);
    expect(scoreOf(answer, "numeric", { expected: 50, extract: "^A: .*$" })?.value).toBe(1);
    expect(scoreOf(answer, "numeric", { expected: 13, extract: "^B: (\\S+)" })).toEqual({
      value: 0,
      reason: "expected 13, found no number",
    });
  });

  test("the sign counts, and the reason shows both numbers", () => {
    expect(scoreOf("−18", "numeric", { expected: "-18" })).toEqual({ value: 1 });
    expect(scoreOf("18", "numeric", { expected: "-18" })).toEqual({
      value: 0,
      reason: "expected -18, found 18",
    });
    expect(scoreOf("none", "numeric", { expected: "$70,000" })).toEqual({
      value: 0,
      reason: "expected 70000, found no number",
    });
  });

  test("the tolerance is absolute, or a share of the expected number, and its border is inside", () => {
    const within = (
      answer: string,
      expected: number,
      tolerance?: number | string,
    ): number | null | undefined =>
      scoreOf(answer, "numeric", tolerance === undefined ? { expected } : { expected, tolerance })?.value;
    expect(within("0.3333333", 1 / 3)).toBe(1);
    expect(within("0.333", 1 / 3)).toBe(0);
    expect(within("1.1", 1, 0.1)).toBe(1);
    expect(within("1.11", 1, 0.1)).toBe(0);
    expect(within("-198", -200, "1%")).toBe(1);
    expect(within("-197", -200, "1%")).toBe(0);
    expect(within("197", 200, "3")).toBe(1);
    expect(within("5.0", 5, 0)).toBe(1);
  });

  test("whole numbers beyond the precision of a double are compared digit by digit", () => {
    const expected = "12345678901234567890";
    expect(scoreOf("12,345,678,901,234,567,890", "numeric", { expected })?.value).toBe(1);
    expect(scoreOf("12345678901234567891", "numeric", { expected })?.value).toBe(0);
    expect(scoreOf("12345678901234567891", "numeric", { expected, tolerance: "1%" })?.value).toBe(1);
    expect(scoreOf("9".repeat(400), "numeric", { expected: "9".repeat(399) })?.value).toBe(0);
  });

  test("options that cannot be used are problems, and then the score is unknown", () => {
    const problem = (options: object): string | null => rendered("numeric", options).problem;
    expect(problem({ expected: "" })).toBe("`expected` is empty");
    expect(problem({ expected: "none" })).toBe("`expected` holds no number");
    expect(problem({ expected: 1, extract: "(" })).toMatch(/neither `last` nor `first` nor a pattern/);
    expect(problem({ expected: 1, extract: "" })).toMatch(/it is empty/);
    expect(problem({ expected: 1, tolerance: "much" })).toBe("a number or a percentage is needed");
    expect(problem({ expected: 1, tolerance: -1 })).not.toBeNull();
    expect(problem({ expected: 1, tolerence: 1 })).toMatch(/tolerence/);
    expect(scoreOf("5", "numeric", { expected: "" })).toEqual({ value: null, reason: "`expected` is empty" });
  });
});
