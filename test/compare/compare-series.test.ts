import { describe, expect, test } from "vitest";
import { compareSeries, type PairedSeries } from "../../src/compare/compare-series.ts";
import { type Metric, passRate, readMetric } from "../../src/compare/metric.ts";
import { meanInterval, pairedT } from "../../src/stats/index.ts";

function series(
  base: readonly number[],
  candidate: readonly number[],
  more: Partial<PairedSeries> = {},
): PairedSeries {
  return {
    base: Float64Array.from(base),
    candidate: Float64Array.from(candidate),
    clusters: null,
    single: true,
    counts: () => ({ base: 1, candidate: 1 }),
    values: (pair) => ({ base: [base[pair] ?? 0], candidate: [candidate[pair] ?? 0] }),
    ...more,
  };
}

function metric(name: string): Metric {
  const read = readMetric(name, ["grade"]);
  if (!("metric" in read)) throw new Error(read.problem);
  return read.metric;
}

/** `count` times the same value. */
function times(count: number, value: number): readonly number[] {
  return Array.from({ length: count }, () => value);
}

describe("one answer a row, pass or fail", () => {
  test("the published verifiers: b = 209, c = 152, mid-p 0.0026873913", () => {
    const base = [...times(209, 1), ...times(152, 0), ...times(306, 1), ...times(652, 0)];
    const candidate = [...times(209, 0), ...times(152, 1), ...times(306, 1), ...times(652, 0)];
    const found = compareSeries(series(base, candidate), passRate);
    expect(found).toMatchObject({ test: "mcnemar-midp", n: 1319, regressed: 209, improved: 152 });
    expect(found.p?.twoSided).toBeCloseTo(0.0026873913, 9);
    expect(found.value).toBeCloseTo(-57 / 1319, 12);
    expect(found.low).toBeLessThan(found.value ?? 0);
    expect(found.high).toBeLessThan(0);
  });

  test("nothing changed is no proof that nothing can: the interval has a width", () => {
    const found = compareSeries(series(times(30, 1), times(30, 1)), passRate);
    expect(found.value).toBe(0);
    expect(found.p?.less).toBe(1);
    expect(found.bounds?.lower).toBeLessThan(-0.05);
  });

  test("`less` is evidence of a drop, `greater` of a rise", () => {
    const worse = compareSeries(series(times(12, 1), times(12, 0)), passRate);
    const better = compareSeries(series(times(12, 0), times(12, 1)), passRate);
    expect(worse.p?.less).toBeLessThan(0.001);
    expect(worse.p?.greater).toBeGreaterThan(0.99);
    expect(better.p?.greater).toBe(worse.p?.less);
  });
});

describe("row means", () => {
  const base = Array.from({ length: 40 }, (_, i) => ((i * 7) % 4) / 3);
  const candidate = Array.from({ length: 40 }, (_, i) => ((i * 5 + (i >> 3)) % 4) / 3);

  test("the paired t test of the differences", () => {
    const found = compareSeries(series(base, candidate, { single: false }), passRate);
    const t = pairedT(candidate.map((value, i) => value - (base[i] ?? 0)));
    expect(found.test).toBe("paired-t");
    expect(found.p).toEqual(t.p);
    expect(found.low).toBeCloseTo(t.low ?? 0, 12);
  });

  test("20 rows or fewer are judged by every sign flip", () => {
    const found = compareSeries(series(times(6, 0.9), times(6, 0.4), { single: false }), passRate);
    expect(found.test).toBe("sign-flip");
    expect(found.p?.less).toBeCloseTo(1 / 64, 12);
  });

  test("rows that all agree leave room for a difference of √2 / (n + 2)", () => {
    const found = compareSeries(series(times(50, 1), times(50, 1), { single: false }), passRate);
    expect(found.standardError).toBeCloseTo(Math.SQRT2 / 52, 12);
    expect(found.low).toBeLessThan(0);
  });

  test("clusters are the units: 40 rows of 4 clusters are four", () => {
    const clusters = Array.from({ length: 40 }, (_, i) => `c${i % 4}`);
    const found = compareSeries(series(base, candidate, { single: false, clusters }), passRate);
    expect(found.test).toBe("sign-flip");
    const interval = meanInterval(
      candidate.map((value, i) => value - (base[i] ?? 0)),
      { clusters },
    );
    expect(found.standardError).toBeCloseTo(Math.max(interval.standardError ?? 0, Math.SQRT2 / 6), 12);
  });

  test("one row has a difference and nothing else", () => {
    const found = compareSeries(series([0.5], [1], { single: false }), passRate);
    expect(found).toMatchObject({ n: 1, value: 0.5, low: null, high: null, standardError: null });
  });
});

describe("times, tokens, cost", () => {
  test("the change is a share of the base", () => {
    const base = Array.from({ length: 30 }, (_, i) => 100 + i);
    const found = compareSeries(
      series(
        base,
        base.map((value) => value * 1.2),
      ),
      metric("completion_tokens.mean"),
    );
    expect(found.value).toBeCloseTo(0.2, 12);
    expect(found.low).toBeCloseTo(0.2, 6);
    expect(found.p?.greater).toBeLessThan(1e-6);
  });

  test("a base of 0 has no relative change", () => {
    const found = compareSeries(series([0, 0], [1, 2]), metric("cost"));
    expect(found).toMatchObject({ n: 2, value: null, p: null, baseValue: 0, candidateValue: 3 });
  });

  test("a median is compared by ranks, with an interval that is the same every time", () => {
    const base = Array.from({ length: 60 }, (_, i) => 200 + ((i * 37) % 60));
    const slower = base.map((value) => value + 40);
    const found = compareSeries(series(base, slower), metric("latency_ms.p50"));
    expect(found.test).toBe("mann-whitney");
    expect(found.baseValue).toBeCloseTo(229.5, 9);
    expect(found.value).toBeCloseTo(40 / 229.5, 9);
    expect(found.low).toBeGreaterThan(0);
    expect(found.p?.greater).toBeLessThan(1e-6);
    expect(compareSeries(series(base, slower), metric("latency_ms.p50"))).toEqual(found);
  });

  test("a tail is compared by resampling rows", () => {
    const base = Array.from({ length: 300 }, (_, i) => 100 + ((i * 37) % 300));
    const found = compareSeries(series(base, base), metric("latency_ms.p95"));
    expect(found).toMatchObject({ test: "bootstrap", value: 0, low: 0, high: 0 });
  });

  test("all single values of a row count in a quantile", () => {
    const found = compareSeries(
      series([2, 2], [4, 4], { values: () => ({ base: [1, 3], candidate: [2, 6] }) }),
      metric("latency_ms.p50"),
    );
    expect(found).toMatchObject({ baseValue: 2, candidateValue: 4, value: 1 });
  });
});

test("a trace of rounding is no difference", () => {
  const sums = times(30, 0.1 + 0.2);
  const found = compareSeries(series(times(30, 0.3), sums, { single: false }), passRate);
  expect(found.p).toMatchObject({ twoSided: 1 });
});

test("an interval of shares stays within −1 and 1", () => {
  const found = compareSeries(series([0, 0.2, 0], [1, 1, 0.9], { single: false }), passRate);
  expect(found.high).toBe(1);
});

test("of a largest value there is no test", () => {
  const found = compareSeries(series(times(30, 1), times(30, 2)), metric("latency_ms.max"));
  expect(found).toMatchObject({ value: 1, p: null });
});

test("no row in common is no difference and no test", () => {
  expect(compareSeries(series([], []), passRate)).toMatchObject({ test: "none", n: 0, value: null, p: null });
});
