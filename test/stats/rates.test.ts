import { describe, expect, test } from "vitest";
import { meanEstimate, meanInterval, quantile, rateInterval, wilsonInterval } from "../../src/stats/index.ts";

describe("rates over rows", () => {
  test("one completion a row is wilson's interval of the counts", () => {
    const rows = [1, 1, 1, 0, 0, 1, 1, 0, 1, 1];
    expect(rateInterval(rows)).toEqual({ value: 0.7, ...wilsonInterval(7, 10), n: 10 });
  });

  test("averaged rows enter with n = p(1-p)/SE²", () => {
    const rows = [1, 2 / 3, 0, 1 / 3, 1, 1];
    const { mean, standardError } = meanEstimate(rows);
    const p = mean ?? Number.NaN;
    const size = (p * (1 - p)) / (standardError ?? Number.NaN) ** 2;
    const { low, high } = wilsonInterval(p * size, size);
    const rate = rateInterval(rows, { completions: 18 });
    expect(rate.n).toBe(6);
    expect([rate.value, rate.low, rate.high].map((x) => x?.toFixed(12))).toEqual(
      [p, low, high].map((x) => x.toFixed(12)),
    );
  });

  test("clusters widen the interval as far as the clustered error says", () => {
    const rows = [1, 1, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 1];
    const clusters = [..."AAAABBBCCDDDDDE"];
    const { mean, standardError } = meanEstimate(rows, clusters);
    const p = mean ?? Number.NaN;
    const size = (p * (1 - p)) / (standardError ?? Number.NaN) ** 2;
    expect(rateInterval(rows, { clusters })).toEqual({ value: p, ...wilsonInterval(p * size, size), n: 15 });
    expect(size).toBeLessThan(15);
  });

  test("at 0 and 1 the rows count, however many trials and clusters there are", () => {
    expect(rateInterval([1, 1, 1], { completions: 30 })).toEqual({ value: 1, ...wilsonInterval(3, 3), n: 3 });
    expect(rateInterval([0, 0], { clusters: ["a", "a"] })).toEqual({
      value: 0,
      ...wilsonInterval(0, 2),
      n: 2,
    });
  });

  test("rows without any spread count with their completions, a single row or cluster as one", () => {
    expect(rateInterval([0.5, 0.5, 0.5], { completions: 12 })).toEqual({
      value: 0.5,
      ...wilsonInterval(6, 12),
      n: 3,
    });
    expect(rateInterval([0.5], { completions: 4 })).toEqual({ value: 0.5, ...wilsonInterval(0.5, 1), n: 1 });
    expect(rateInterval([1, 0], { clusters: ["a", "a"] })).toEqual({
      value: 0.5,
      ...wilsonInterval(0.5, 1),
      n: 2,
    });
  });

  test("nothing is known of no rows, and no interval is made from one value", () => {
    expect(rateInterval([])).toEqual({ value: null, low: null, high: null, n: 0 });
    expect(meanInterval([])).toEqual({ n: 0, mean: null, standardError: null, df: 0, low: null, high: null });
    expect(meanInterval([3])).toEqual({ n: 1, mean: 3, standardError: null, df: 0, low: null, high: null });
    expect(quantile([], 0.5)).toBeNull();
  });

  test("impossible counts are refused", () => {
    expect(() => wilsonInterval(3, 2)).toThrow(RangeError);
    expect(() => wilsonInterval(0, 0)).toThrow(RangeError);
    expect(() => meanEstimate([1, 2], ["a"])).toThrow(RangeError);
    expect(() => quantile([1], 2)).toThrow(RangeError);
  });
});
