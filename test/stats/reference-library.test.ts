import { createRequire } from "node:module";
import { describe, expect, test } from "vitest";
import {
  binomialCdf,
  binomialPmf,
  incompleteBeta,
  normalCdf,
  normalQuantile,
  tCdf,
  tQuantile,
} from "../../src/stats/index.ts";

type Distribution = (x: number, ...parameters: number[]) => number;

const require = createRequire(import.meta.url);

/** Each of our functions beside that of @stdlib. */
const pairs: readonly (readonly [string, Distribution, Distribution])[] = [
  ["binomial pmf", binomialPmf, require("@stdlib/stats-base-dists-binomial-pmf")],
  ["binomial cdf", binomialCdf, require("@stdlib/stats-base-dists-binomial-cdf")],
  ["t cdf", tCdf, require("@stdlib/stats-base-dists-t-cdf")],
  ["t quantile", tQuantile, require("@stdlib/stats-base-dists-t-quantile")],
  ["normal cdf", normalCdf, (x) => require("@stdlib/stats-base-dists-normal-cdf")(x, 0, 1)],
  ["normal quantile", normalQuantile, (p) => require("@stdlib/stats-base-dists-normal-quantile")(p, 0, 1)],
  ["beta cdf", incompleteBeta, require("@stdlib/stats-base-dists-beta-cdf")],
];

const chances = [1e-6, 0.001, 0.025, 0.2, 0.5, 0.6, 0.9, 0.975, 0.9999];
const sizes = [1, 2, 7, 50, 51, 361, 5000];

/** Where each function is asked. */
const places: Readonly<Record<string, readonly (readonly [number, ...number[]])[]>> = {
  binomial: sizes.flatMap((n) =>
    chances.flatMap((p) => [0, 0.1, 0.4, 0.5, 0.7, 1].map((at) => [Math.round(n * at), n, p] as const)),
  ),
  "t cdf": sizes.flatMap((df) => [-40, -3, -1, -0.1, 0, 0.5, 2, 12].map((t) => [t, df] as const)),
  "t quantile": sizes.flatMap((df) => chances.map((p) => [p, df] as const)),
  "normal cdf": [-12, -6, -2.6, -2.4, -1, 0, 0.3, 2.5, 5].map((x) => [x] as const),
  "normal quantile": chances.map((p) => [p] as const),
  "beta cdf": chances.flatMap((x) =>
    [0.5, 1, 7.5, 200].flatMap((a) => [0.5, 2, 30, 200].map((b) => [x, a, b] as const)),
  ),
};

describe("an established library", () => {
  test.each(pairs)("agrees about the %s to 11 digits", (name, ours, theirs) => {
    const asked = places[name] ?? places.binomial ?? [];
    for (const [x, ...parameters] of asked) {
      const [got, wanted] = [ours(x, ...parameters), theirs(x, ...parameters)];
      const error = Math.abs(got - wanted) / Math.max(Math.abs(wanted), 1e-200);
      expect(error, `${name} at ${[x, ...parameters].join(", ")} is ${got}, not ${wanted}`).toBeLessThan(
        1e-11,
      );
    }
  });
});
