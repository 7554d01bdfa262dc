import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  binomialTest,
  clopperPearsonInterval,
  fisherExact,
  mannWhitney,
  type PValues,
  pairedT,
  signFlipTest,
  twoSamplePower,
  wilcoxonSignedRank,
} from "../../src/stats/index.ts";

interface Samples extends PValues {
  readonly a: readonly number[];
  readonly b: readonly number[];
}
interface Differences extends PValues {
  readonly d: readonly number[];
}
interface Reference {
  readonly mann_whitney_ties: readonly (Samples & { readonly u: number })[];
  readonly mann_whitney_exact: Samples;
  readonly mann_whitney_normal: Samples;
  readonly fisher: readonly (PValues & {
    readonly table: readonly [readonly [number, number], readonly [number, number]];
  })[];
  readonly clopper_pearson: readonly Record<"x" | "n" | "confidence" | "low" | "high", number>[];
  readonly binomial_test: readonly Record<"x" | "n" | "p0" | "p", number>[];
  readonly wilcoxon: readonly (Differences & { readonly exact: boolean })[];
  readonly sign_flip: Differences;
  readonly paired_t: Differences & Record<"t" | "low" | "high", number>;
  readonly two_sample_power: readonly Record<"nPerGroup" | "effect" | "power", number>[];
}
const reference: Reference = JSON.parse(
  readFileSync(new URL("fixtures/scipy.json", import.meta.url), "utf8"),
);

function expectSame(actual: PValues, wanted: PValues, tolerance: number = 1e-11): void {
  for (const side of ["twoSided", "less", "greater"] as const) {
    expect(Math.abs(actual[side] - wanted[side]), side).toBeLessThan(tolerance);
  }
}

describe("mann–whitney", () => {
  test.each(reference.mann_whitney_ties)(
    "counts all arrangements of $a against $b, ties and all",
    ({ a, b, u, less, greater }) => {
      const result = mannWhitney(a, b);
      expect(result).toMatchObject({ u, exact: true });
      expectSame(result.p, { twoSided: Math.min(1, 2 * Math.min(less, greater)), less, greater });
    },
  );

  test("is exact for 50 against 50 and normal, corrected for ties, beyond", () => {
    const { mann_whitney_exact: small, mann_whitney_normal: large } = reference;
    const exact = mannWhitney(small.a, small.b);
    expect(exact.exact).toBe(true);
    expectSame(exact.p, small);
    const normal = mannWhitney(large.a, large.b);
    expect(normal.exact).toBe(false);
    expectSame(normal.p, large);
  });

  test("tells nothing from equal values, few or many, or from none", () => {
    const nothing = { twoSided: 1, less: 1, greater: 1 };
    expect(mannWhitney([2, 2], [2, 2, 2]).p).toEqual(nothing);
    expect(mannWhitney(new Float64Array(80), new Float64Array(80)).p).toEqual(nothing);
    expect(mannWhitney([], [1, 2]).p).toEqual(nothing);
    expect(() => mannWhitney([Number.NaN], [1])).toThrow(RangeError);
  });
});

test("the signed-rank test counts all signs and is normal with continuity beyond 200 differences", () => {
  for (const { d, exact, ...p } of reference.wilcoxon) {
    const result = wilcoxonSignedRank(d);
    expect(result).toMatchObject({ n: d.length, exact });
    expectSame(result.p, p);
  }
  expect(wilcoxonSignedRank([0, 0])).toMatchObject({ v: 0, n: 0, p: { twoSided: 1 } });
});

test("fisher's test agrees on every side", () => {
  for (const { table, ...p } of reference.fisher) expectSame(fisherExact(table), p);
  expect(
    fisherExact([
      [0, 0],
      [0, 0],
    ]),
  ).toEqual({ twoSided: 1, less: 1, greater: 1 });
  expect(() =>
    fisherExact([
      [1.5, 0],
      [0, 0],
    ]),
  ).toThrow(RangeError);
});

test("clopper and pearson's interval is that of the beta quantiles, up to a million trials", () => {
  for (const { x, n, confidence, low, high } of reference.clopper_pearson) {
    const interval = clopperPearsonInterval(x, n, confidence);
    expect(Math.abs(interval.low - low)).toBeLessThan(1e-12);
    expect(Math.abs(interval.high - high)).toBeLessThan(1e-12);
  }
  expect(() => clopperPearsonInterval(0, 0)).toThrow(RangeError);
  expect(() => clopperPearsonInterval(1, 2, 1)).toThrow(RangeError);
});

test("the binomial test sums whatever is at most as likely", () => {
  for (const { x, n, p0, p } of reference.binomial_test) {
    expect(Math.abs(binomialTest(x, n, p0) - p), `${x} of ${n} at ${p0}`).toBeLessThan(1e-11);
  }
  expect([binomialTest(0, 0, 0.3), binomialTest(0, 5, 0), binomialTest(5, 5, 0)]).toEqual([1, 1, 0]);
});

test("the sign flip of 14 differences counts all 16 384 patterns", () => {
  const { d, ...p } = reference.sign_flip;
  const result = signFlipTest(d);
  expect(result).toMatchObject({ n: 14, exact: true });
  expectSame(result.p, p, 1e-14);
});

test("the paired t test agrees in statistic, p and interval", () => {
  const { d, t, low, high, ...p } = reference.paired_t;
  const result = pairedT(d, { confidence: 0.9 });
  expect([result.t, result.low, result.high].map((x) => x?.toFixed(11))).toEqual(
    [t, low, high].map((x) => x.toFixed(11)),
  );
  if (result.p === null) throw new Error("25 differences have a p value");
  expectSame(result.p, p);
});

test("the power of two samples is that of the noncentral t distribution", () => {
  for (const { nPerGroup, effect, power } of reference.two_sample_power) {
    expect(Math.abs(twoSamplePower({ nPerGroup, effect, deviation: 1 }) - power)).toBeLessThan(1e-9);
  }
  expect(() => twoSamplePower({ nPerGroup: 1, effect: 1, deviation: 1 })).toThrow(RangeError);
});
