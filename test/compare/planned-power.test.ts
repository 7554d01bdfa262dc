import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  assumedVariance,
  plannedEffect,
  rowsNeeded,
  trialsNeeded,
  withinVariance,
} from "../../src/compare/planned-power.ts";
import { minimumDetectableEffect } from "../../src/stats/power.ts";
import { testSide } from "./sides.ts";

const usual = { rows: 100, trials: 3, baseTrials: 3, variance: assumedVariance, comparisons: 1 };

describe("plannedEffect", () => {
  it("is 5.0 points for 100 rows × 3 trials", () => {
    expect(plannedEffect(usual)).toBeCloseTo(0.0497, 4);
  });

  it("is the one-sided detectable effect of the statistics, at α over the number of comparisons", () => {
    for (const comparisons of [1, 4, 20]) {
      const wanted = minimumDetectableEffect({
        n: 300,
        omega2: 0,
        sigma2A: 0.1,
        sigma2B: 0.1,
        kA: 2,
        kB: 5,
        alpha: 0.05 / comparisons,
        sides: 1,
      });
      const planned = { rows: 300, trials: 2, baseTrials: 5, variance: 0.1, comparisons };
      expect(plannedEffect(planned)).toBeCloseTo(wanted, 12);
    }
  });

  it("never promises more than rows without a flip would give", () => {
    expect(plannedEffect({ ...usual, variance: 0 })).toBeCloseTo((2.4865 * Math.SQRT2) / 102, 4);
  });
});

const plan = fc.record({
  rows: fc.integer({ min: 1, max: 5000 }),
  trials: fc.integer({ min: 1, max: 20 }),
  baseTrials: fc.integer({ min: 1, max: 20 }),
  variance: fc.double({ min: 0, max: 0.25, noNaN: true }),
  comparisons: fc.integer({ min: 1, max: 50 }),
});
const effect = fc.double({ min: 0.005, max: 0.5, noNaN: true });
const near = 1e-9;

describe("what would do", () => {
  it("rowsNeeded is the fewest rows that see the effect", () => {
    fc.assert(
      fc.property(plan, effect, (planned, wanted) => {
        const rows = Math.max(1, rowsNeeded(planned, wanted));
        expect(plannedEffect({ ...planned, rows })).toBeLessThanOrEqual(wanted + near);
        if (rows > 1) expect(plannedEffect({ ...planned, rows: rows - 1 })).toBeGreaterThan(wanted - near);
      }),
    );
  });

  it("trialsNeeded is the fewest trials of both sides, or null where none would do", () => {
    fc.assert(
      fc.property(plan, effect, (planned, wanted) => {
        const trials = trialsNeeded(planned, wanted);
        const withTrials = (k: number): number => plannedEffect({ ...planned, trials: k, baseTrials: k });
        if (trials === null) expect(withTrials(1e9)).toBeGreaterThan(wanted - near);
        else expect(withTrials(trials)).toBeLessThanOrEqual(wanted + near);
        if (trials !== null && trials > 1) expect(withTrials(trials - 1)).toBeGreaterThan(wanted - near);
      }),
    );
  });
});

describe("withinVariance", () => {
  it("is assumed without a baseline, and without the quantity in it", () => {
    const side = testSide({ rows: 2, variants: { v1: { pass: [1, 0] } } });
    expect(withinVariance(null, [], "pass")).toEqual({ value: 0.06, measured: false });
    expect(withinVariance(side, [0], "scores.other")).toEqual({ value: 0.06, measured: false });
  });

  it("is measured from rows with several answers, as their unbiased variance", () => {
    const side = testSide({
      rows: 3,
      variants: {
        v1: {
          pass: [
            [1, 1, 1],
            [1, 0, 1],
            [0, 0, 0],
          ],
        },
      },
    });
    expect(withinVariance(side, [0], "pass")).toEqual({ value: expect.closeTo(1 / 9, 12), measured: true });
  });

  it("is the largest of several variants", () => {
    const side = testSide({
      rows: 2,
      variants: {
        sure: {
          pass: [
            [1, 1],
            [1, 1],
          ],
        },
        unsure: {
          pass: [
            [1, 0],
            [0, 1],
          ],
        },
      },
    });
    expect(withinVariance(side, [0], "pass").value).toBe(0);
    expect(withinVariance(side, [0, 1], "pass")).toEqual({ value: 0.5, measured: true });
  });

  it("is at most p̄ (1 − p̄) where rows have one answer each", () => {
    const all = testSide({ rows: 2, variants: { v1: { pass: [1, 1] } } });
    const half = testSide({ rows: 2, variants: { v1: { pass: [1, 0] } } });
    expect(withinVariance(all, [0], "pass")).toEqual({ value: 0, measured: false });
    expect(withinVariance(half, [0], "pass")).toEqual({ value: 0.06, measured: false });
  });
});
