import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  meanEstimate,
  meanInterval,
  normalQuantile,
  quantile,
  rateInterval,
  tQuantile,
  wilsonInterval,
} from "../../src/stats/index.ts";

interface Vector {
  readonly id: string;
  readonly group: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly expected: Readonly<Record<string, unknown>>;
  readonly tolerance: number;
}
const vectors: readonly Vector[] = JSON.parse(
  readFileSync(new URL("fixtures/statistics.json", import.meta.url), "utf8"),
);

function computed({ group, input }: Vector): Readonly<Record<string, unknown>> {
  const number = (key: string): number => Number(input[key]);
  switch (group) {
    case "wilson": {
      const { low, high } = wilsonInterval(number("successes"), number("n"), number("level"));
      return { lower: low, upper: high };
    }
    case "normal_quantile":
      return { z: normalQuantile(number("p")) };
    case "t_quantile":
      return { t: tQuantile(number("p"), number("df")) };
    case "clt_se": {
      const interval = meanInterval(input.scores as number[]);
      return {
        mean: interval.mean,
        se_sample: interval.standardError,
        t_ci95: [interval.low, interval.high],
      };
    }
    case "clustered_se": {
      const groups = (input.clusters ?? (input.scores as number[]).map((score) => [score])) as Record<
        string,
        number[]
      >;
      const scores = Object.values(groups).flat();
      const names = Object.entries(groups).flatMap(([name, list]) => list.map(() => name));
      const { mean, n, df, standardError, low, high } = meanInterval(scores, { clusters: names });
      return {
        ...("clusters" in input && { mean, n, df, t_ci95_cr1: [low, high] }),
        se_cr1_inspect: standardError,
        naive_se: meanEstimate(scores).standardError,
      };
    }
    case "percentile":
      return { type7_linear: (input.q as number[]).map((q) => quantile(input.values as number[], q)) };
    default:
      throw new Error(`no way to compute ${group}`);
  }
}

describe("reference vectors", () => {
  test.each(vectors)("$id", (vector) => {
    const actual = computed(vector);
    expect(Object.keys(actual).length).toBeGreaterThan(0);
    for (const [name, value] of Object.entries(actual)) {
      const [got, wanted] = [[value].flat() as number[], [vector.expected[name]].flat() as number[]];
      expect(got).toHaveLength(wanted.length);
      for (const [i, x] of got.entries()) {
        expect(Math.abs(x - (wanted[i] ?? Number.NaN)), `${name}[${i}] is ${x}`).toBeLessThanOrEqual(
          vector.tolerance,
        );
      }
    }
  });
});

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
