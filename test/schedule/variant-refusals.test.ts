import { describe, expect, it } from "vitest";
import type { AttemptOutcome } from "../../src/outcome/attempt.ts";
import type { FailureKind } from "../../src/outcome/failure.ts";
import { VariantRefusals } from "../../src/schedule/variant-refusals.ts";

const exchange = { times: { latencyMs: 1, ttftMs: null }, httpStatus: 400, traceId: null, hints: null };

function failed(message: string, kind: FailureKind = "invalid_request", retryable = false): AttemptOutcome {
  const failure = { kind, message, code: null, retryable, maybeBilled: false };
  return { status: "failed", failure, ...exchange };
}

const ok = { status: "ok", answer: {}, ...exchange } as unknown as AttemptOutcome;
const never = (): boolean => false;

describe("a variant", () => {
  it("is refused after three rows in the same words, once, and no other variant with it", () => {
    const refusals = new VariantRefusals();
    const note = (rowId: string, variant = 0): string | null =>
      refusals.note({ variant, rowId, outcome: failed("no such parameter") }, 100, never)?.message ?? null;
    expect([note("a"), note("b"), note("x", 1), note("c"), note("d")]).toEqual([
      null,
      null,
      null,
      "no such parameter",
      null,
    ]);
    expect([refusals.has(0), refusals.has(1)]).toEqual([true, false]);
  });

  it("is not refused for what its rows are refused for", () => {
    const refusals = new VariantRefusals();
    for (const row of ["a", "b", "c", "d"])
      expect(refusals.note({ variant: 0, rowId: row, outcome: failed(`row ${row}`) }, 9, never)).toBeNull();
    for (let trial = 0; trial < 9; trial++)
      expect(refusals.note({ variant: 1, rowId: "a", outcome: failed("long") }, 9, never)).toBeNull();
    expect(refusals.any).toBe(false);
  });

  it("with fewer rows than three is refused by its trials", () => {
    const refusals = new VariantRefusals();
    const note = (): unknown => refusals.note({ variant: 0, rowId: "-", outcome: failed("no") }, 1, never);
    expect([note(), note(), note()].map((found) => found !== null)).toEqual([false, false, true]);
  });

  it("that ever answered is never refused, in this session or an earlier one", () => {
    const refusals = new VariantRefusals();
    const rows = ["a", "b", "c", "d"];
    refusals.note({ variant: 0, rowId: "z", outcome: ok }, 9, never);
    for (const rowId of rows) refusals.note({ variant: 0, rowId, outcome: failed("no") }, 9, never);
    for (const rowId of rows) refusals.note({ variant: 1, rowId, outcome: failed("no") }, 9, () => true);
    expect(refusals.any).toBe(false);
  });

  it("is not refused for what may pass, or what the content caused", () => {
    const refusals = new VariantRefusals();
    for (const rowId of ["a", "b", "c", "d"]) {
      refusals.note({ variant: 0, rowId, outcome: failed("busy", "overloaded", true) }, 9, never);
      refusals.note({ variant: 1, rowId, outcome: failed("long", "context_overflow") }, 9, never);
    }
    expect(refusals.any).toBe(false);
  });
});
