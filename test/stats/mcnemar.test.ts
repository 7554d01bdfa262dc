import { describe, expect, test } from "vitest";
import {
  mcnemar,
  mcnemarChiSquare,
  mcnemarMinimumDiscordant,
  mcnemarPower,
  pairedDifferenceInterval,
} from "../../src/stats/index.ts";

describe("mcnemar's test", () => {
  test("finds the published difference of two models on gsm8k", () => {
    expect(mcnemar({ b: 209, c: 152 }).midP.twoSided).toBeCloseTo(0.0026873913, 10);
  });

  test("no changed row is no evidence, one-sided mid-p included", () => {
    expect(mcnemar({ b: 0, c: 0 })).toEqual({
      exact: { twoSided: 1, oneSided: 1 },
      midP: { twoSided: 1, oneSided: 1 },
    });
  });

  test("one-sided is about regressions: improvements alone are as far from it as can be", () => {
    expect(mcnemar({ b: 4, c: 0 })).toEqual({
      exact: { twoSided: 0.125, oneSided: 0.0625 },
      midP: { twoSided: 0.0625, oneSided: 0.03125 },
    });
    expect(mcnemar({ b: 0, c: 4 })).toEqual({
      exact: { twoSided: 0.125, oneSided: 1 },
      midP: { twoSided: 0.0625, oneSided: 1 - 0.03125 },
    });
  });

  test("a million changed rows neither overflow nor lose the tail", () => {
    const { exact } = mcnemar({ b: 503_000, c: 497_000 });
    expect(exact.oneSided / 9.929e-10).toBeGreaterThan(0.98);
    expect(exact.oneSided / 9.929e-10).toBeLessThan(1.02);
    expect(mcnemar({ b: 1_000_000, c: 0 }).exact.oneSided).toBe(0);
  });

  test("what are no counts is refused", () => {
    expect(() => mcnemar({ b: 0.5, c: 1 })).toThrow(RangeError);
    expect(() => mcnemar({ b: -1, c: 1 })).toThrow(RangeError);
    expect(() => mcnemarChiSquare({ b: Number.NaN, c: 1 })).toThrow(RangeError);
  });

  test("the approximation says nothing where nothing changed, or as much both ways", () => {
    expect(mcnemarChiSquare({ b: 0, c: 0 })).toEqual({ statistic: 0, p: 1 });
    expect(mcnemarChiSquare({ b: 3, c: 3 })).toEqual({ statistic: 0, p: 1 });
  });
});

test.each([
  ["exact", 1, 5],
  ["exact", 2, 6],
  ["mid-p", 1, 4],
  ["mid-p", 2, 5],
] as const)("%s with %i sides needs %i regressions to reach 0.05", (kind, sides, wanted) => {
  const b = mcnemarMinimumDiscordant(0.05, { test: kind, sides });
  expect(b).toBe(wanted);
  const at = (count: number): number => {
    const { exact, midP } = mcnemar({ b: count, c: 0 });
    const p = kind === "exact" ? exact : midP;
    return sides === 1 ? p.oneSided : p.twoSided;
  };
  expect(at(b)).toBeLessThanOrEqual(0.05);
  expect(at(b - 1)).toBeGreaterThan(0.05);
});

describe("mcnemar's power", () => {
  test("counts every split as brute force does", () => {
    const [n, pRegress, pImprove] = [9, 0.4, 0.1];
    const factorial = (k: number): number => (k <= 1 ? 1 : k * factorial(k - 1));
    let rejected = 0;
    for (let b = 0; b <= n; b++) {
      for (let c = 0; b + c <= n; c++) {
        if (mcnemar({ b, c }).midP.oneSided > 0.05) continue;
        const ways = factorial(n) / (factorial(b) * factorial(c) * factorial(n - b - c));
        rejected += ways * pRegress ** b * pImprove ** c * (1 - pRegress - pImprove) ** (n - b - c);
      }
    }
    expect(mcnemarPower({ n, pRegress, pImprove })).toBeCloseTo(rejected, 12);
  });

  test("false alarms of the exact test stay below its level, and power grows with rows", () => {
    const alarm = mcnemarPower({ n: 200, pRegress: 0.1, pImprove: 0.1, test: "exact" });
    expect(alarm).toBeGreaterThan(0.02);
    expect(alarm).toBeLessThanOrEqual(0.05);
    const power = [50, 100, 300].map((n) => mcnemarPower({ n, pRegress: 0.12, pImprove: 0.04 }));
    expect(power).toEqual([...power].sort((a, b) => a - b));
  });

  test("where nothing ever changes nothing is found, and where every row regresses all is", () => {
    expect(mcnemarPower({ n: 100, pRegress: 0, pImprove: 0 })).toBe(0);
    expect(mcnemarPower({ n: 100, pRegress: 1, pImprove: 0 })).toBeCloseTo(1, 12);
    expect(() => mcnemarPower({ n: 10, pRegress: 0.7, pImprove: 0.4 })).toThrow(RangeError);
  });
});

describe("the interval of a paired difference", () => {
  const counts = { n: 100, b: 10, c: 2, bothPass: 80 };
  test.each(["bonett-price", "tango", "newcombe"] as const)("%s is about candidate − base", (method) => {
    const { low, high } = pairedDifferenceInterval(counts, 0.95, method);
    expect(low).toBeLessThan(-0.08);
    expect(high).toBeGreaterThan(-0.08);
    expect(high).toBeLessThan(0);
  });

  test("no flip at all still leaves room on both sides", () => {
    const { low, high } = pairedDifferenceInterval({ n: 30, b: 0, c: 0 });
    expect(high).toBeGreaterThan(0.05);
    expect(low).toBe(-high);
    expect(pairedDifferenceInterval({ n: 30, b: 0, c: 0 }, 0.95, "tango").high).toBeGreaterThan(0.05);
  });

  test("nothing lies outside of −1..1", () => {
    for (const method of ["bonett-price", "tango", "newcombe"] as const) {
      for (const [b, c, bothPass] of [
        [3, 0, 0],
        [0, 3, 0],
        [0, 0, 3],
      ] as const) {
        const { low, high } = pairedDifferenceInterval({ n: 3, b, c, bothPass }, 0.99, method);
        expect(low).toBeGreaterThanOrEqual(-1);
        expect(high).toBeLessThanOrEqual(1);
        expect(low).toBeLessThan(high);
      }
    }
  });

  test("impossible counts and a table without its concordant cells are refused", () => {
    expect(() => pairedDifferenceInterval({ n: 3, b: 2, c: 2 })).toThrow(RangeError);
    expect(() => pairedDifferenceInterval({ n: 0, b: 0, c: 0 })).toThrow(RangeError);
    expect(() => pairedDifferenceInterval({ n: 9, b: 2, c: 2 }, 0.95, "newcombe")).toThrow(/bothPass/);
  });
});
