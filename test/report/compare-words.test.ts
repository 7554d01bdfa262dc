import { describe, expect, test } from "vitest";
import {
  changeWords,
  flipWords,
  harmless,
  markOf,
  markWords,
  pWords,
  seenWords,
  valueWords,
} from "../../src/report/compare-words.ts";
import { comparison, relative } from "./compare-sample.ts";

const difference = (value: number | null, low: number | null, high: number | null) => ({
  difference: { value, low, high },
});

describe("a difference in words", () => {
  test.each([
    [-0.0432, -0.0712, -0.0151, "−4.3 pt [−7.1, −1.5]"],
    [0.1, null, null, "+10.0 pt"],
    [0, -0.05, 0.05, "0.0 pt [−5.0, +5.0]"],
    [-0.0001, -0.004, 0.0039, "−0.01 pt [−0.40, +0.39]"],
    [-0.0000001, -0.05, 0.05, "0.0 pt [−5.0, +5.0]"],
    [null, null, null, "–"],
  ])("in points: %d [%d, %d]", (value, low, high, words) => {
    expect(changeWords(comparison(difference(value, low, high)))).toBe(words);
  });

  test.each([
    [0.1204, 0.0812, 0.1688, "+12 % [+8, +17]"],
    [-0.012, -0.031, 0.007, "−1.2 % [−3.1, +0.7]"],
    [0.0003, -0.0002, 0.0008, "+0.03 % [−0.02, +0.08]"],
    [1e12, 1e11, 1e13, "+1.0e+14 % [+1.0e+13, +1.0e+15]"],
  ])("as a share of the base: %d [%d, %d]", (value, low, high, words) => {
    expect(changeWords(relative("cost", difference(value, low, high)))).toBe(words);
  });

  test("of what could be seen", () => {
    expect(seenWords(comparison({ mde: 0.0412 }))).toBe("4.1 pt");
    expect(seenWords(relative("cost", { mde: 0.125 }))).toBe("13 %");
    expect(seenWords(comparison({ mde: null }))).toBe("–");
  });
});

test("a p value has two digits, and is never 0", () => {
  expect([0, 0.00009, 0.00034, 0.0026873913, 0.049, 0.1, 0.314, 1, null].map(pWords)).toEqual([
    "< 0.0001",
    "< 0.0001",
    "0.00034",
    "0.0027",
    "0.049",
    "0.10",
    "0.31",
    "1.00",
    "–",
  ]);
});

test("a value has the unit of its metric", () => {
  expect(valueWords(0.9124, comparison())).toBe("0.912");
  expect(valueWords(0.99996, comparison())).toBe("0.999");
  expect(valueWords(812.4, relative("latency_ms.p50"))).toBe("812 ms");
  expect(valueWords(1_234.5, relative("completion_tokens.sum"))).toBe("1 235");
  expect(valueWords(45.231, relative("completion_tokens.mean"))).toBe("45.2");
  expect(valueWords(0.0000000412, relative("cost"))).toBe("0.0000000412");
  expect(valueWords(0.0123, { ...relative("cost.mean"), currency: "CNY" })).toBe("0.0123 CNY");
  expect(valueWords(null, relative("cost"))).toBe("–");
});

test("flips are told only of rows that pass or fail", () => {
  expect(flipWords(comparison({ regressed: 209, improved: 1520 }))).toBe("209 ↓ 1 520 ↑");
  expect(flipWords(comparison({ regressed: null, improved: null }))).toBe("");
});

describe("a mark", () => {
  const marked = (facts: Parameters<typeof comparison>[0]): string => markWords(markOf(comparison(facts)));

  test("follows the adjusted p value and what is good for the metric", () => {
    expect(marked({ p_value: 0.03, p_adjusted: 0.03 })).toBe("worse");
    expect(marked({ p_value: 0.03, p_adjusted: 0.09 })).toBe("~");
    expect(marked({ metric: "scores.brief", ...difference(0.1, 0.05, 0.15) })).toBe("better");
    expect(marked({ metric: "latency_ms.p50", ...difference(0.1, 0.05, 0.15) })).toBe("worse");
    expect(marked({ metric: "failure_rate", ...difference(-0.1, -0.15, -0.05) })).toBe("better");
  });

  test("is unknown where nothing was tested, and worse where a gate failed", () => {
    expect(marked({ p_value: null, p_adjusted: null })).toBe("–");
    expect(marked(difference(null, null, null))).toBe("–");
    expect(marked({ verdict: "fail", p_value: 0.08, p_adjusted: 0.08 })).toBe("worse");
  });
});

test("text cannot be a command of a CI system: neither at the start of a line nor inside of it", () => {
  const shown = ["::error::x", "  ::x::y", "a ##[x]y", "##vso[x]y", "##teamcity[x]", "\u001b::x"].map(
    harmless,
  );
  for (const text of shown) expect(text).not.toMatch(/^\s*::|##\w*\[/);
  expect(harmless("a::b # c ## d")).toBe("a::b # c ## d");
});
