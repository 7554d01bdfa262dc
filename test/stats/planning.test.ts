import { describe, expect, test } from "vitest";
import {
  detectableEffectOf,
  meanEstimate,
  minimumDetectableEffect,
  nonInferiority,
  sampleSize,
  tost,
  twoProportionPower,
  varianceComponents,
} from "../../src/stats/index.ts";

describe("what data can see", () => {
  test("more answers help until the rows' own spread is all that is left", () => {
    const at = (k: number): number =>
      minimumDetectableEffect({ n: 198, omega2: 1 / 9, sigma2A: 1 / 6, sigma2B: 1 / 6, kA: k, kB: k });
    expect([at(1), at(10), at(1e9)].map((x) => x.toFixed(3))).toEqual(["0.133", "0.076", "0.066"]);
  });

  test("a one-sided gate sees less of a change than the two-sided test needs", () => {
    expect(detectableEffectOf(0.02, { sides: 1 })).toBeCloseTo(0.0497295, 6);
    expect(detectableEffectOf(0.02)).toBeCloseTo(0.0560317, 6);
    expect(detectableEffectOf(0.02, { alpha: 0.05 / 12, sides: 1 })).toBeGreaterThan(
      detectableEffectOf(0.02),
    );
    expect(detectableEffectOf(0)).toBe(0);
  });

  test("the rows asked for see the effect, and one row fewer does not", () => {
    const variance = { omega2: 0.08, sigma2A: 0.05, sigma2B: 0.05, kA: 3, kB: 3, sides: 1 } as const;
    const n = sampleSize({ ...variance, effect: 0.04 });
    expect(minimumDetectableEffect({ ...variance, n })).toBeLessThanOrEqual(0.04);
    expect(minimumDetectableEffect({ ...variance, n: n - 1 })).toBeGreaterThan(0.04);
    expect(sampleSize({ ...variance, effect: -0.04 })).toBe(n);
  });

  test("an effect of nothing takes endless rows, and no rows or trials are refused", () => {
    expect(sampleSize({ omega2: 0.1, effect: 0 })).toBe(Number.POSITIVE_INFINITY);
    expect(() => minimumDetectableEffect({ omega2: 0.1, n: 0 })).toThrow(RangeError);
    expect(() => minimumDetectableEffect({ omega2: 0.1, n: 5, kA: 0 })).toThrow(RangeError);
  });

  test("two proportions without a difference are found apart as often as the level says, on one side", () => {
    expect(twoProportionPower({ nPerGroup: 200, p1: 0.4, p2: 0.4 })).toBeCloseTo(0.025, 10);
  });
});

describe("not worse by more than a margin", () => {
  const base = { standardError: 0.02, df: 99, margin: 0.05 };
  test.each([
    [0, "non_inferior"],
    [-0.03, "inconclusive"],
    [-0.1, "regressed"],
  ] as const)("a difference of %f is %s", (difference, verdict) => {
    const result = nonInferiority({ ...base, difference });
    expect(result.verdict).toBe(verdict);
    expect(result.p < 0.05).toBe(verdict === "non_inferior");
  });

  test("equivalence needs both sides", () => {
    const margins = { low: -0.05, high: 0.05 };
    const same = tost({ difference: 0, standardError: 0.02, df: 99, margins });
    const better = tost({ difference: 0.1, standardError: 0.02, df: 99, margins });
    expect([same.equivalent, better.equivalent]).toEqual([true, false]);
    expect([same.low > -0.05, same.high < 0.05]).toEqual([true, true]);
  });

  test("an error of 0 and a margin of 0 are refused", () => {
    expect(() => nonInferiority({ ...base, difference: 0, standardError: 0 })).toThrow(RangeError);
    expect(() => nonInferiority({ ...base, difference: 0, margin: 0 })).toThrow(RangeError);
    expect(() => tost({ difference: 0, standardError: 0, df: 3, margins: { low: -1, high: 1 } })).toThrow(
      RangeError,
    );
  });
});

describe("what scores vary by", () => {
  test("the error at the trials there are is that of the row means, with unequal trials too", () => {
    const rows = [[1, 1, 0], [0, 0], [1], [1, 0, 0, 1], [1, 1]];
    const { mean, within, between, varianceOfRowMeans } = varianceComponents(rows);
    const means = rows.map((scores) => meanEstimate(scores).mean ?? Number.NaN);
    const inverse = (1 / 3 + 1 / 2 + 1 + 1 / 4 + 1 / 2) / 5;
    expect(mean).toBe(meanEstimate(means).mean);
    expect(within).toBeCloseTo((2 / 3 + 1) / 7, 12);
    expect((between ?? 0) + (within ?? 0) * inverse).toBeCloseTo(varianceOfRowMeans ?? Number.NaN, 12);
  });

  test("single trials do not tell rows from noise", () => {
    const { mean, within, between, varianceOfRowMeans, standardErrorAt } = varianceComponents([
      [1],
      [0],
      [1],
    ]);
    expect([mean, within, between, standardErrorAt(3)]).toEqual([2 / 3, null, null, null]);
    expect(varianceOfRowMeans).toBeCloseTo(1 / 3, 12);
  });

  test("rows without scores are left out, and a spread below 0 counts as none", () => {
    expect(varianceComponents([]).mean).toBeNull();
    expect(varianceComponents([[], [1, 0]])).toMatchObject({ mean: 0.5, between: null });
    const noise = varianceComponents([
      [1, 0],
      [0, 1],
    ]);
    expect(noise.between).toBe(-0.25);
    expect(noise.standardErrorAt(2)).toBeCloseTo(Math.sqrt(0.5 / 2 / 2), 12);
    expect(() => noise.standardErrorAt(0)).toThrow(RangeError);
  });
});
