import { describe, expect, it } from "vitest";
import type { Summary } from "../../src/aggregate/summary-shape.ts";
import type { Verdict } from "../../src/compare/comparison.ts";
import { verdictExit } from "../../src/run/verdict-exit.ts";

function summary(verdict: Verdict, gates: readonly { verdict: Verdict; reason: string }[] = []): Summary {
  return { verdict, gates } as unknown as Summary;
}

describe("the exit code of a verdict", () => {
  it("is 3 for invalid, 1 for fail, 0 for pass and none", () => {
    const codes = (["invalid", "fail", "pass", "none"] as const).map((verdict) => [
      verdictExit(summary(verdict), false).exitCode,
      verdictExit(summary(verdict), true).exitCode,
    ]);
    expect(codes).toEqual([
      [3, 3],
      [1, 1],
      [0, 0],
      [0, 0],
    ]);
  });

  it("is 1 for inconclusive where that is no success, else 0 without a reason", () => {
    const one = summary("inconclusive", [{ verdict: "inconclusive", reason: "too few rows" }]);
    expect(verdictExit(one, false)).toEqual({ exitCode: 0, reason: null });
    expect(verdictExit(one, true)).toEqual({ exitCode: 1, reason: "verdict inconclusive: too few rows" });
  });

  it("says what the first of the worst gates says, and how many more there are", () => {
    const one = summary("fail", [
      { verdict: "pass", reason: "fine" },
      { verdict: "fail", reason: "fell by 8 points" },
      { verdict: "fail", reason: "fell by 9 points" },
    ]);
    expect(verdictExit(one, false)).toEqual({
      exitCode: 1,
      reason: "verdict fail: fell by 8 points (and 1 more)",
    });
  });
});
