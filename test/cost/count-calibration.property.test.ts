import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CountedPair, calibrate, enoughPairs } from "../../src/cost/calibration.ts";

const tokens = fc.integer({ min: 1, max: 200_000 });
const pairsOf = (least: number): fc.Arbitrary<CountedPair[]> =>
  fc.array(fc.record({ model: fc.constant("m"), counted: tokens, actual: tokens }), {
    minLength: least,
    maxLength: 40,
  });
const total = (pairs: readonly CountedPair[], side: "counted" | "actual"): number =>
  pairs.reduce((sum, pair) => sum + pair[side], 0);

describe("calibrating counts by usage", () => {
  it("makes the counted total the actual total, given enough pairs", () => {
    fc.assert(
      fc.property(pairsOf(enoughPairs), (pairs) => {
        const factor = calibrate(pairs).get("m")?.factor ?? Number.NaN;
        expect(factor * total(pairs, "counted")).toBeCloseTo(total(pairs, "actual"), 4);
      }),
    );
  });

  it("stays between 1 and the ratio, given few", () => {
    fc.assert(
      fc.property(pairsOf(1), (pairs) => {
        const { factor, ratio } = calibrate(pairs).get("m") ?? { factor: Number.NaN, ratio: Number.NaN };
        expect(factor).toBeGreaterThanOrEqual(Math.min(1, ratio) - 1e-12);
        expect(factor).toBeLessThanOrEqual(Math.max(1, ratio) + 1e-12);
      }),
    );
  });

  it("does not depend on the order, nor on other models", () => {
    fc.assert(
      fc.property(pairsOf(1), pairsOf(1), (pairs, others) => {
        const mixed = [...others.map((pair) => ({ ...pair, model: "other" })), ...pairs.toReversed()];
        const alone = calibrate(pairs).get("m");
        const among = calibrate(mixed).get("m");
        expect(among?.factor).toBeCloseTo(alone?.factor ?? Number.NaN, 10);
        expect(among?.pairs).toBe(alone?.pairs);
      }),
    );
  });

  it("draws one pair a fifth of the way, and knows no spread of it", () => {
    expect(calibrate([{ model: "m", counted: 100, actual: 150 }]).get("m")).toEqual({
      factor: 1.1,
      ratio: 1.5,
      spread: null,
      pairs: 1,
    });
  });

  it("has the spread of what the ratio leaves over", () => {
    const pairs = [
      { model: "m", counted: 100, actual: 110 },
      { model: "m", counted: 100, actual: 90 },
    ];
    expect(calibrate(pairs).get("m")?.spread).toBeCloseTo(Math.sqrt(200) / 100, 12);
    const exact = [10, 20, 30].map((counted) => ({ model: "m", counted, actual: 2 * counted }));
    expect(calibrate(exact).get("m")?.spread).toBe(0);
  });

  it("leaves out pairs that say nothing, and models without others", () => {
    const silent = [
      { model: "m", counted: 100, actual: 0 },
      { model: "m", counted: 0, actual: 10 },
      { model: "m", counted: Number.NaN, actual: 10 },
    ];
    expect(calibrate(silent).size).toBe(0);
    expect(calibrate([...silent, { model: "m", counted: 10, actual: 10 }]).get("m")?.pairs).toBe(1);
  });
});
