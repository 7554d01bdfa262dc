import { describe, expect, test } from "vitest";
import { meanInterval, pairedT, signFlipTest } from "../../src/stats/index.ts";

const third = 1 / 3;

describe("the paired t test", () => {
  test("clusters enter as in the mean: CR1, clusters − 1 degrees of freedom", () => {
    const differences = [0.1, 0.2, -0.1, 0.4, 0.3, 0.5];
    const clusters = ["a", "a", "b", "b", "c", "c"];
    const { mean, standardError, low, high } = meanInterval(differences, { clusters });
    const result = pairedT(differences, { clusters });
    expect(result).toMatchObject({ n: 6, mean, standardError, df: 2, low, high });
    expect(result.t).toBeCloseTo((mean ?? 0) / (standardError ?? 1), 12);
  });

  test("without variance the exact sign flip decides, whatever rounding leaves of equal thirds", () => {
    const differences = [1 - 2 * third, third, 1 - 2 * third, third, third];
    const result = pairedT(differences);
    expect(result).toMatchObject({ standardError: 0, t: null });
    expect(result.p).toEqual({ twoSided: 2 / 32, less: 1, greater: 1 / 32 });
  });

  test("nothing changed anywhere is no evidence", () => {
    expect(pairedT([0, 0, 0]).p).toEqual({ twoSided: 1, less: 1, greater: 1 });
  });

  test("one row, one cluster or none says nothing", () => {
    const unknown = { standardError: null, t: null, p: null, low: null, high: null };
    expect(pairedT([0.5])).toEqual({ n: 1, mean: 0.5, df: 0, ...unknown });
    expect(pairedT([0.5, 0.7], { clusters: [1, 1] })).toMatchObject({ n: 2, df: 0, ...unknown });
    expect(pairedT([])).toEqual({ n: 0, mean: null, df: 0, ...unknown });
  });

  test("what is not finite is refused", () => {
    expect(() => pairedT([1, Number.NaN])).toThrow(RangeError);
    expect(() => pairedT([1, Number.POSITIVE_INFINITY])).toThrow(RangeError);
  });
});

describe("the sign flip", () => {
  test("zeros count as units and change nothing", () => {
    const plain = signFlipTest([3, -1, 2, 2, 1]);
    expect(plain.p.twoSided).toBe(3 / 16);
    expect(signFlipTest([3, 0, -1, 2, 2, 0, 0, 1])).toEqual({ ...plain, n: 8 });
  });

  test("sums that only rounding parts are ties", () => {
    expect(signFlipTest([0.1, 0.2, -0.3, 0.3]).p).toEqual(signFlipTest([1, 2, -3, 3]).p);
  });

  test("clusters flip as one", () => {
    const clusters = ["x", "y", "x", "y", "z"];
    expect(signFlipTest([1, 2, 3, 4, 5], { clusters })).toEqual(signFlipTest([4, 6, 5]));
    expect(() => signFlipTest([1, 2], { clusters: ["x"] })).toThrow(RangeError);
  });

  test("many units of one magnitude are still exact", () => {
    const { p, exact } = signFlipTest(Array.from({ length: 100 }, (_, i) => (i < 60 ? 0.5 : -0.5)));
    expect(exact).toBe(true);
    expect(p.greater).toBeCloseTo(0.0284439668, 9);
  });

  test("many different units are sampled, the same way for the same seed, near what t says", () => {
    const differences = Array.from({ length: 60 }, (_, i) => Math.sin(i * 7.3) + 0.15);
    const sampled = signFlipTest(differences, { seed: 5 });
    expect(sampled.exact).toBe(false);
    expect(signFlipTest(differences, { seed: 5 })).toEqual(sampled);
    expect(signFlipTest(differences, { seed: 6 }).p).not.toEqual(sampled.p);
    const { p } = pairedT(differences);
    expect(Math.abs(sampled.p.greater - (p?.greater ?? 1))).toBeLessThan(0.01);
    expect(Math.abs(sampled.p.twoSided - (p?.twoSided ?? 1))).toBeLessThan(0.01);
  });

  test("no difference gives 1, and what is not finite is refused", () => {
    expect(signFlipTest([])).toEqual({ n: 0, p: { twoSided: 1, less: 1, greater: 1 }, exact: true });
    expect(() => signFlipTest([Number.NaN])).toThrow(RangeError);
  });
});
