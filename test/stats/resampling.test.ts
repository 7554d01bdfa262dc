import { describe, expect, test } from "vitest";
import {
  bootstrapInterval,
  geometricMean,
  meanEstimate,
  medianInterval,
  passAtK,
  passPowK,
  quantile,
  ratioOfMeans,
} from "../../src/stats/index.ts";

const mean = (sample: readonly number[]): number =>
  sample.reduce((sum, value) => sum + value, 0) / sample.length;

describe("the bootstrap", () => {
  const values = Array.from({ length: 80 }, (_, i) => 100 + 30 * Math.sin(i * 1.7));

  test("of a mean it has the error that the formula has", () => {
    const { value, standardError, low, high } = bootstrapInterval(values, mean);
    const formula = (meanEstimate(values).standardError ?? 0) * Math.sqrt(79 / 80);
    expect(value).toBeCloseTo(mean(values), 10);
    expect((standardError ?? 0) / formula).toBeGreaterThan(0.97);
    expect((standardError ?? 0) / formula).toBeLessThan(1.03);
    expect(((high ?? 0) - (low ?? 0)) / (2 * 1.96 * formula)).toBeCloseTo(1, 1);
  });

  test("whole clusters are drawn, so copies of a row add nothing", () => {
    const copies = values.flatMap((value) => [value, value, value]);
    const clusters = copies.map((_, i) => Math.floor(i / 3));
    const clustered = bootstrapInterval(copies, mean, { clusters, resamples: 4000 });
    const plain = bootstrapInterval(values, mean, { resamples: 4000 });
    expect(clustered.low).toBeCloseTo(plain.low ?? 0, 10);
    expect(clustered.high).toBeCloseTo(plain.high ?? 0, 10);
  });

  test("items may be rows with both sides, and any statistic of them", () => {
    const rows = values.map((base, i) => ({ base, candidate: base * (1.1 + 0.01 * Math.cos(i)) }));
    const change = bootstrapInterval(
      rows,
      (sample) =>
        (quantile(
          sample.map((row) => row.candidate),
          0.5,
        ) ?? 0) /
        (quantile(
          sample.map((row) => row.base),
          0.5,
        ) ?? 0),
      { resamples: 500 },
    );
    expect(change.low).toBeGreaterThan(1);
    expect(change.high).toBeLessThan(1.25);
  });

  test("one unit has no interval, nothing has not even a value, and resamples without a number are left out", () => {
    expect(bootstrapInterval([3], mean)).toEqual({ value: 3, low: null, high: null, standardError: null });
    expect(bootstrapInterval([1, 2], mean, { clusters: ["a", "a"] })).toMatchObject({
      value: 1.5,
      low: null,
    });
    expect(bootstrapInterval([], mean)).toMatchObject({ value: null, low: null });
    const ratio = bootstrapInterval([0, 1, 2], (sample) => 1 / Math.min(...sample), { resamples: 200 });
    expect(ratio.value).toBeNull();
    expect([ratio.low, ratio.high]).toEqual([0.5, 1]);
    expect(() => bootstrapInterval([1, 2], mean, { clusters: ["a"] })).toThrow(RangeError);
  });
});

describe("the median", () => {
  test("bounds are values of the sample, by rank, whatever their order", () => {
    const result = medianInterval([9, 1, 8, 2, 7, 3, 6, 4, 5, 10]);
    expect(result).toEqual({
      median: 5.5,
      low: 2,
      high: 9,
      lowRank: 2,
      highRank: 9,
      coverage: 1 - 22 / 1024,
    });
  });

  test("below 6 values there is no interval of 95 %, below 8 none of 99 %", () => {
    expect(medianInterval([1, 2, 3, 4, 5])).toMatchObject({
      median: 3,
      low: null,
      high: null,
      coverage: null,
    });
    expect(medianInterval([1, 2, 3, 4, 5, 6])).toMatchObject({ low: 1, high: 6, coverage: 0.96875 });
    expect(medianInterval([1, 2, 3, 4, 5, 6, 7], 0.99).low).toBeNull();
    expect(medianInterval([1, 2, 3, 4, 5, 6, 7, 8], 0.99).low).toBe(1);
    expect(medianInterval([]).median).toBeNull();
  });

  test("a hundred thousand values are near the normal ranks", () => {
    const { lowRank, coverage } = medianInterval(Float64Array.from({ length: 100_000 }, (_, i) => i));
    expect(Math.abs((lowRank ?? 0) - (50_000 - 0.98 * Math.sqrt(100_000)))).toBeLessThan(2);
    expect(coverage).toBeGreaterThanOrEqual(0.95);
    expect(coverage).toBeLessThan(0.951);
  });

  test("NaN and impossible confidence are refused", () => {
    expect(() => medianInterval([1, Number.NaN])).toThrow(RangeError);
    expect(() => medianInterval([1], 1)).toThrow(RangeError);
  });
});

describe("k trials", () => {
  test("a hundred thousand trials neither overflow nor lose the result", () => {
    expect(passAtK(100_000, 1, 50_000)).toBeCloseTo(0.5, 12);
    expect(passAtK(100_000, 99_999, 1)).toBeCloseTo(0.99999, 12);
    expect(passPowK(100_000, 99_999, 50_000)).toBeCloseTo(0.5, 12);
    expect(passPowK(100_000, 50_000, 40_000)).toBe(0);
  });

  test("fewer trials than k, and impossible counts, have no estimate", () => {
    for (const estimate of [passAtK, passPowK]) {
      expect(() => estimate(2, 1, 3)).toThrow(RangeError);
      expect(() => estimate(3, 4, 1)).toThrow(RangeError);
      expect(() => estimate(3, 1, 0)).toThrow(RangeError);
      expect(() => estimate(3, 0.5, 1)).toThrow(RangeError);
    }
  });
});

test("ratios need something to divide by, and logarithms something above 0", () => {
  expect(() => ratioOfMeans({ mean: 1, deviation: 1 }, { mean: 0, deviation: 1 })).toThrow(RangeError);
  expect(geometricMean([2, 8])).toBeCloseTo(4, 12);
  expect(geometricMean([])).toBeNull();
  expect(() => geometricMean([1, 0])).toThrow(RangeError);
});
