import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { normalCdf, normalQuantile, tCdf, tQuantile } from "../../src/stats/index.ts";

interface Reference {
  readonly t_quantile: readonly { readonly p: number; readonly df: number; readonly t: number }[];
  readonly normal_cdf: readonly { readonly x: number; readonly cdf: number }[];
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
