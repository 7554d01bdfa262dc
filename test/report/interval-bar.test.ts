import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { differenceBar, differenceScale, rateBar, rateScale } from "../../src/report/interval-bar.ts";

const style = { cells: 20, isAscii: false };
const ascii = { cells: 20, isAscii: true };
const share = fc.double({ min: 0, max: 1, noNaN: true });

describe("a rate and its interval, drawn", () => {
  test("from 0 on the left to 1 on the right", () => {
    expect(rateScale(style)).toBe(`0${" ".repeat(18)}1`);
    expect(rateBar({ value: 0.5, low: 0.25, high: 0.75 }, style)).toBe("─────━━━━━┿━━━━━────");
    expect(rateBar({ value: 0.5, low: 0.25, high: 0.75 }, ascii)).toBe("-----=====|=====----");
    expect(rateBar({ value: 0, low: 0, high: 0.1 }, style)).toBe(`┿━━${"─".repeat(17)}`);
    expect(rateBar({ value: 1, low: 0.96, high: 1 }, style)).toBe(`${"─".repeat(19)}┿`);
    expect(rateBar(null, style)).toBe("");
    expect(rateBar({ value: null, low: null, high: null }, style)).toBe("");
  });

  test("always takes its cells, has one mark, and a higher rate is never further left", () => {
    fc.assert(
      fc.property(share, share, share, share, fc.integer({ min: 3, max: 40 }), (a, b, c, d, cells) => {
        const [low = 0, value = 0, high = 0] = [a, b, c].sort((x, y) => x - y);
        const bar = rateBar({ value, low, high }, { cells, isAscii: false });
        expect(bar).toMatch(/^─*━*┿━*─*$/);
        expect([...bar]).toHaveLength(cells);
        const other = rateBar({ value: Math.max(value, d), low: value, high: 1 }, { cells, isAscii: false });
        expect(other.indexOf("┿")).toBeGreaterThanOrEqual(bar.indexOf("┿"));
      }),
    );
  });
});

describe("a difference and its interval, drawn", () => {
  test("has 0 in the middle, and is cut at its ends", () => {
    expect(differenceScale(0.25, { cells: 13, isAscii: false })).toBe("−25   0   +25");
    expect(differenceBar({ value: 0, low: -0.1, high: 0.1 }, 0.25, style)).toBe("─────━━━━┿━━━━─────");
    expect(differenceBar({ value: 0.2, low: 0.1, high: 9 }, 0.25, style)).toBe("─────────│───━━━━┿━");
    expect(differenceBar({ value: -0.2, low: -9, high: -0.1 }, 0.25, ascii)).toBe("=|====---:---------");
    expect(differenceBar({ value: null, low: null, high: null }, 0.25, style)).toBe("");
  });
});
