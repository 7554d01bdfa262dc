import fc from "fast-check";
import { expect, test } from "vitest";
import {
  meanEstimate,
  meanInterval,
  normalCdf,
  normalQuantile,
  quantile,
  rateInterval,
  tCdf,
  tQuantile,
  wilsonInterval,
} from "../../src/stats/index.ts";

const probability = fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true });
const degrees = fc.double({ min: 1, max: 5000, noNaN: true });
const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 2, maxLength: 60 });
const share = fc.double({ min: 0, max: 1, noNaN: true });

test("the distribution function of a quantile is the probability it was asked for", () => {
  fc.assert(
    fc.property(probability, degrees, (p, df) => {
      expect(normalCdf(normalQuantile(p))).toBeCloseTo(p, 12);
      expect(tCdf(tQuantile(p, df), df)).toBeCloseTo(p, 11);
    }),
  );
});

test("quantiles are odd about one half and grow with the probability", () => {
  fc.assert(
    fc.property(fc.double({ min: 0.01, max: 0.49, noNaN: true }), degrees, (p, df) => {
      expect(tQuantile(p, df) + tQuantile(1 - p, df)).toBeCloseTo(0, 8);
      expect(tQuantile(p, df)).toBeLessThan(tQuantile(p + 0.01, df));
    }),
  );
});

test("wilson's interval holds the rate, stays in 0..1, mirrors and narrows with more rows", () => {
  const counts = fc
    .integer({ min: 1, max: 5000 })
    .chain((n) => fc.tuple(fc.integer({ min: 0, max: n }), fc.constant(n)));
  fc.assert(
    fc.property(counts, ([k, n]) => {
      const { low, high } = wilsonInterval(k, n);
      const mirrored = wilsonInterval(n - k, n);
      const larger = wilsonInterval(k * 4, n * 4);
      expect(low).toBeGreaterThanOrEqual(0);
      expect(high).toBeLessThanOrEqual(1);
      expect(low).toBeLessThanOrEqual(k / n + 1e-12);
      expect(high).toBeGreaterThanOrEqual(k / n - 1e-12);
      expect(mirrored.low).toBeCloseTo(1 - high, 12);
      expect(larger.high - larger.low).toBeLessThan(high - low);
    }),
  );
});

test("clusters of one change nothing, and the order of values does not matter", () => {
  fc.assert(
    fc.property(values, (list) => {
      const plain = meanEstimate(list);
      const single = meanEstimate(
        list,
        list.map((_, i) => i),
      );
      const reversed = meanEstimate([...list].reverse());
      const scale = Math.max(1, ...list.map(Math.abs));
      expect(Math.abs((plain.standardError ?? 0) - (single.standardError ?? 0)) / scale).toBeLessThan(1e-9);
      expect(Math.abs((plain.mean ?? 0) - (reversed.mean ?? 0)) / scale).toBeLessThan(1e-9);
      expect(Math.abs((plain.standardError ?? 0) - (reversed.standardError ?? 0)) / scale).toBeLessThan(1e-9);
    }),
  );
});

test("a mean's interval is centred on it and wider for more confidence", () => {
  fc.assert(
    fc.property(values, (list) => {
      const narrow = meanInterval(list, { confidence: 0.8 });
      const wide = meanInterval(list, { confidence: 0.99 });
      const mean = narrow.mean ?? Number.NaN;
      expect(((narrow.low ?? 0) + (narrow.high ?? 0)) / 2).toBeCloseTo(mean, 4);
      expect(wide.high ?? 0).toBeGreaterThanOrEqual(narrow.high ?? 0);
    }),
  );
});

test("quantiles lie between the extremes, in order, and need no sorted input", () => {
  fc.assert(
    fc.property(values, share, share, (list, a, b) => {
      const [low, high] = [Math.min(a, b), Math.max(a, b)];
      const given = [...list];
      expect(quantile(list, low) ?? 0).toBeLessThanOrEqual((quantile(list, high) ?? 0) + 1e-9);
      expect(quantile(list, 0)).toBe(Math.min(...list) + 0);
      expect(quantile(list, 1)).toBe(Math.max(...list) + 0);
      expect(list).toEqual(given);
    }),
  );
});

test("a rate's interval holds the rate whatever the rows average", () => {
  fc.assert(
    fc.property(fc.array(share, { minLength: 1, maxLength: 50 }), (rows) => {
      const { value, low, high, n } = rateInterval(rows);
      expect(n).toBe(rows.length);
      expect(low ?? 1).toBeLessThanOrEqual((value ?? 0) + 1e-12);
      expect(high ?? 0).toBeGreaterThanOrEqual((value ?? 1) - 1e-12);
    }),
  );
});
