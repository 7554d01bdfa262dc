import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  benjaminiHochberg,
  binomialCdf,
  binomialPmf,
  binomialUpperTail,
  bonferroni,
  bootstrapInterval,
  clopperPearsonInterval,
  hochberg,
  holm,
  mannWhitney,
  mcnemar,
  medianInterval,
  pairedDifferenceInterval,
  pairedT,
  passAtK,
  passPowK,
  signFlipTest,
  wilcoxonSignedRank,
} from "../../src/stats/index.ts";

const count = fc.integer({ min: 0, max: 400 });
const pValues = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 40 });
const scores = fc.array(fc.integer({ min: -6, max: 6 }), { minLength: 2, maxLength: 18 });
const amounts = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 12 });
const share = fc.double({ min: 0.001, max: 0.999, noNaN: true });
const near = (a: number, b: number): void => expect(Math.abs(a - b)).toBeLessThan(1e-10);

describe("binomial", () => {
  test("tails and point mass add up to 1, and mirror", () => {
    fc.assert(
      fc.property(count, fc.integer({ min: 0, max: 3000 }), share, (k, n, p) => {
        near(binomialCdf(k, n, p) + binomialUpperTail(k + 1, n, p), 1);
        near(binomialCdf(k, n, p) - binomialCdf(k - 1, n, p), binomialPmf(k, n, p));
        near(binomialUpperTail(k, n, p), binomialCdf(n - k, n, 1 - p));
      }),
    );
  });

  test("the exact interval holds the rate, and each bound is refused by its tail's level", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), share, (n, at) => {
        const x = Math.round(n * at);
        const { low, high } = clopperPearsonInterval(x, n);
        expect(low).toBeLessThanOrEqual(x / n);
        expect(high).toBeGreaterThanOrEqual(x / n);
        if (x > 0) near(binomialUpperTail(x, n, low), 0.025);
        if (x < n) near(binomialCdf(x, n, high), 0.025);
      }),
    );
  });
});

describe("mcnemar", () => {
  test("two sides do not care which run is called base; one-sided mid-p of both directions is 1 together", () => {
    fc.assert(
      fc.property(count, count, (b, c) => {
        const there = mcnemar({ b, c });
        const back = mcnemar({ b: c, c: b });
        near(there.exact.twoSided, back.exact.twoSided);
        near(there.midP.twoSided, back.midP.twoSided);
        if (b + c > 0) near(there.midP.oneSided + back.midP.oneSided, 1);
      }),
    );
  });

  test("mid-p is never above exact, and one regression more never raises the one-sided p", () => {
    fc.assert(
      fc.property(count, count, (b, c) => {
        const { exact, midP } = mcnemar({ b, c });
        const worse = mcnemar({ b: b + 1, c });
        for (const p of [exact.twoSided, exact.oneSided, midP.twoSided, midP.oneSided]) {
          expect(p).toBeGreaterThanOrEqual(0);
          expect(p).toBeLessThanOrEqual(1);
        }
        expect(midP.twoSided).toBeLessThanOrEqual(exact.twoSided);
        expect(midP.oneSided).toBeLessThanOrEqual(exact.oneSided);
        expect(worse.exact.oneSided).toBeLessThanOrEqual(exact.oneSided + 1e-15);
        expect(worse.midP.oneSided).toBeLessThanOrEqual(midP.oneSided + 1e-15);
      }),
    );
  });

  test("intervals mirror when the runs change places, hold the difference, and hold 0 where both kinds are as many", () => {
    const table = fc.tuple(count, count, count, fc.integer({ min: 1, max: 400 }));
    fc.assert(
      fc.property(
        table,
        fc.constantFrom("bonett-price", "tango", "newcombe"),
        ([b, c, bothPass, rest], method) => {
          const n = b + c + bothPass + rest;
          const { low, high } = pairedDifferenceInterval({ n, b, c, bothPass }, 0.95, method);
          const mirrored = pairedDifferenceInterval({ n, b: c, c: b, bothPass }, 0.95, method);
          const even = pairedDifferenceInterval({ n: n + c, b: c, c, bothPass }, 0.95, method);
          near(mirrored.low, -high);
          near(mirrored.high, -low);
          expect(low).toBeLessThan((c - b) / n + 0.01);
          expect(high).toBeGreaterThan((c - b) / n - 0.01);
          expect(even.low).toBeLessThanOrEqual(0);
          expect(even.high).toBeGreaterThanOrEqual(0);
        },
      ),
    );
  });
});

describe("adjusted p values", () => {
  test("stay between the raw p and Bonferroni's, keep its order, and find more from Holm to Hochberg to Benjamini–Hochberg", () => {
    fc.assert(
      fc.property(pValues, (p) => {
        const [strict, stepDown, stepUp, rate] = [bonferroni(p), holm(p), hochberg(p), benjaminiHochberg(p)];
        const chain = p.map((raw, i) => [
          raw,
          rate[i] ?? 0,
          stepUp[i] ?? 0,
          stepDown[i] ?? 0,
          strict[i] ?? 0,
        ]);
        for (const values of chain) {
          for (const [i, value] of values.entries())
            expect(value).toBeGreaterThanOrEqual((values[i - 1] ?? 0) - 1e-15);
          expect(values.at(-1)).toBeLessThanOrEqual(1);
        }
        for (const [i, a] of p.entries()) {
          for (const [j, b] of p.entries()) {
            if (a < b) expect(stepDown[i]).toBeLessThanOrEqual(stepDown[j] ?? 0);
            if (a < b) expect(rate[i]).toBeLessThanOrEqual(rate[j] ?? 0);
          }
        }
      }),
    );
  });

  test("what is no probability is refused, and no tests are none", () => {
    for (const adjust of [holm, benjaminiHochberg, bonferroni, hochberg]) {
      expect(adjust([])).toEqual([]);
      for (const p of [Number.NaN, -0.1, 1.1]) expect(() => adjust([0.5, p])).toThrow(RangeError);
    }
  });
});

describe("paired tests", () => {
  const negated = (values: readonly number[]): number[] => values.map((value) => -value);

  test("change sides with the differences", () => {
    fc.assert(
      fc.property(scores, (d) => {
        for (const [there, back] of [
          [pairedT(d).p, pairedT(negated(d)).p],
          [signFlipTest(d).p, signFlipTest(negated(d)).p],
          [wilcoxonSignedRank(d).p, wilcoxonSignedRank(negated(d)).p],
        ]) {
          near(there?.less ?? 0, back?.greater ?? 1);
          near(there?.twoSided ?? 0, back?.twoSided ?? 1);
        }
        const [t, mirrored] = [pairedT(d), pairedT(negated(d))];
        near(t.low ?? 0, -(mirrored.high ?? 0));
      }),
    );
  });

  test("a sign flip is what listing every pattern gives", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -9, max: 9 }), { maxLength: 9 }), (d) => {
        const sum = d.reduce((a, b) => a + b, 0);
        let [less, greater, out] = [0, 0, 0];
        for (let pattern = 0; pattern < 2 ** d.length; pattern++) {
          const flipped = d.reduce((total, value, i) => total + ((pattern >> i) & 1 ? -value : value), 0);
          if (flipped <= sum) less++;
          if (flipped >= sum) greater++;
          if (Math.abs(flipped) >= Math.abs(sum)) out++;
        }
        const patterns = 2 ** d.length;
        const { p, exact } = signFlipTest(d);
        expect(exact).toBe(true);
        near(p.less, less / patterns);
        near(p.greater, greater / patterns);
        near(p.twoSided, out / patterns);
      }),
    );
  });

  test("a sign flip of single flips is mcnemar's exact test", () => {
    fc.assert(
      fc.property(count, count, (b, c) => {
        const d = Array.from({ length: b + c }, (_, i) => (i < b ? -1 : 1));
        const { p } = signFlipTest(d);
        const { exact } = mcnemar({ b, c });
        near(p.less, exact.oneSided);
        near(p.twoSided, exact.twoSided);
      }),
    );
  });
});

test("mann–whitney changes sides with its samples, and only order matters", () => {
  fc.assert(
    fc.property(amounts, amounts, (a, b) => {
      const there = mannWhitney(a, b);
      const back = mannWhitney(b, a);
      expect(there.u + back.u).toBe(a.length * b.length);
      near(there.p.less, back.p.greater);
      near(there.p.greater, back.p.less);
      near(there.p.twoSided, back.p.twoSided);
      expect(mannWhitney(a.map(Math.exp), b.map(Math.exp))).toEqual(there);
    }),
  );
});

test("more tries never hurt passing once, nor help passing always", () => {
  const trials = fc
    .integer({ min: 2, max: 300 })
    .chain((n) =>
      fc.tuple(fc.constant(n), fc.integer({ min: 0, max: n }), fc.integer({ min: 1, max: n - 1 })),
    );
  fc.assert(
    fc.property(trials, ([n, c, k]) => {
      expect(passAtK(n, c, k + 1)).toBeGreaterThanOrEqual(passAtK(n, c, k) - 1e-12);
      expect(passPowK(n, c, k + 1)).toBeLessThanOrEqual(passPowK(n, c, k) + 1e-12);
      near(passAtK(n, c, k), 1 - passPowK(n, n - c, k));
      near(passAtK(n, c, 1), c / n);
    }),
  );
});

test("a median lies in its interval, which covers what it says or more", () => {
  const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 80 });
  fc.assert(
    fc.property(values, fc.double({ min: 0.5, max: 0.999, noNaN: true }), (list, confidence) => {
      const { median, low, high, coverage } = medianInterval(list, confidence);
      if (low === null || high === null) {
        expect(1 - 2 * 0.5 ** list.length).toBeLessThan(confidence);
        return;
      }
      expect(low).toBeLessThanOrEqual(median ?? Number.NaN);
      expect(high).toBeGreaterThanOrEqual(median ?? Number.NaN);
      expect(coverage).toBeGreaterThanOrEqual(confidence);
    }),
  );
});

test("a bootstrap is the same for the same seed, and its interval lies within the values", () => {
  fc.assert(
    fc.property(amounts, fc.integer(), (values, seed) => {
      const max = (sample: readonly number[]): number => Math.max(...sample);
      const first = bootstrapInterval(values, max, { seed, resamples: 50 });
      expect(bootstrapInterval(values, max, { seed, resamples: 50 })).toEqual(first);
      expect(bootstrapInterval(values, max, { seed: String(seed), resamples: 50 })).toEqual(first);
      if (first.low === null || first.high === null) {
        expect(values).toHaveLength(1);
        return;
      }
      expect(first.low).toBeGreaterThanOrEqual(Math.min(...values));
      expect(first.high).toBeLessThanOrEqual(max(values));
    }),
    { numRuns: 40 },
  );
});
