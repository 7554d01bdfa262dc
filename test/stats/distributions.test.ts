import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  binomialCdf,
  binomialPmf,
  binomialUpperTail,
  normalCdf,
  normalQuantile,
  tCdf,
  tQuantile,
} from "../../src/stats/index.ts";

interface Reference {
  readonly t_quantile: readonly { readonly p: number; readonly df: number; readonly t: number }[];
  readonly normal_cdf: readonly { readonly x: number; readonly cdf: number }[];
  readonly binomial: readonly Record<"k" | "n" | "p" | "pmf" | "cdf" | "upper", number>[];
}
const reference: Reference = JSON.parse(
  readFileSync(new URL("fixtures/distributions.json", import.meta.url), "utf8"),
);

const relative = (a: number, b: number): number => (a === b ? 0 : Math.abs(a - b) / Math.abs(b));

describe("distribution functions", () => {
  test("t quantiles agree with 40-digit arithmetic to 1e-10, for few and many degrees of freedom", () => {
    const worst = reference.t_quantile.map(({ p, df, t }) => relative(tQuantile(p, df), t));
    expect(reference.t_quantile.length).toBeGreaterThan(100);
    expect(Math.max(...worst)).toBeLessThan(1e-10);
  });

  test("the normal distribution keeps its relative accuracy far into both tails", () => {
    const worst = reference.normal_cdf.map(({ x, cdf }) => relative(normalCdf(x), cdf));
    expect(Math.max(...worst)).toBeLessThan(1e-12);
  });

  test("binomial chances agree with 50-digit arithmetic to 1e-12, up to a million trials and deep in both tails", () => {
    const worst = reference.binomial.flatMap(({ k, n, p, pmf, cdf, upper }) => [
      relative(binomialPmf(k, n, p), pmf),
      relative(binomialCdf(k, n, p), cdf),
      relative(binomialUpperTail(k, n, p), upper),
    ]);
    expect(Math.max(...reference.binomial.map(({ n }) => n))).toBe(1_000_000);
    expect(Math.max(...worst)).toBeLessThan(1e-12);
  });

  test("binomial chances outside of 0..n, and with chances of 0 and 1, are certain", () => {
    expect([binomialPmf(-1, 5, 0.5), binomialPmf(6, 5, 0.5), binomialPmf(0, 0, 0.5)]).toEqual([0, 0, 1]);
    expect([binomialPmf(0, 99, 0), binomialPmf(99, 99, 1), binomialPmf(1, 99, 0)]).toEqual([1, 1, 0]);
    expect([binomialCdf(-1, 99, 0.5), binomialCdf(99, 99, 0.5), binomialCdf(0, 99, 0)]).toEqual([0, 1, 1]);
    expect([binomialUpperTail(0, 99, 0), binomialUpperTail(1, 99, 0), binomialUpperTail(99, 99, 1)]).toEqual([
      1, 0, 1,
    ]);
    expect(() => binomialPmf(1, 2.5, 0.5)).toThrow(RangeError);
    expect(() => binomialCdf(0.5, 2, 0.5)).toThrow(RangeError);
    expect(() => binomialUpperTail(1, 2, 1.5)).toThrow(RangeError);
  });

  test("the ends of the scale are infinite and what is no probability is refused", () => {
    expect([normalQuantile(0), normalQuantile(1), tQuantile(0, 3), tQuantile(1, 3)]).toEqual([
      Number.NEGATIVE_INFINITY,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      Number.POSITIVE_INFINITY,
    ]);
    expect(() => normalQuantile(1.5)).toThrow(RangeError);
    expect(() => tQuantile(Number.NaN, 3)).toThrow(RangeError);
    expect(() => tCdf(1, 0)).toThrow(RangeError);
  });
});
