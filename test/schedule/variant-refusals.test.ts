import { describe, expect, it } from "vitest";
import type { AttemptOutcome } from "../../src/outcome/attempt.ts";
import type { Failure, FailureKind } from "../../src/outcome/failure.ts";
import { VariantRefusals } from "../../src/schedule/variant-refusals.ts";

const exchange = { times: { latencyMs: 1, ttftMs: null }, httpStatus: 400, traceId: null, hints: null };

function failed(message: string, kind: FailureKind = "invalid_request", retryable = false): AttemptOutcome {
  const failure = { kind, message, code: null, retryable, maybeBilled: false };
  return { status: "failed", failure, ...exchange };
}

const ok = { status: "ok", answer: {}, ...exchange } as unknown as AttemptOutcome;
const never = (): boolean => false;
let position = 0;

/** One request at a time: sent, and ended. */
function note(
  refusals: VariantRefusals,
  attempt: { variant: number; rowId: string; outcome: AttemptOutcome },
  rows: number,
  before: () => boolean,
): Failure | null {
  position++;
  refusals.sent(attempt.variant, position);
  return refusals.note({ ...attempt, position, isFinal: true }, rows, before);
}

describe("a variant", () => {
  it("is refused after three rows in the same words, once, and no other variant with it", () => {
    const refusals = new VariantRefusals();
    const one = (rowId: string, variant = 0): string | null =>
      note(refusals, { variant, rowId, outcome: failed("no such parameter") }, 100, never)?.message ?? null;
    expect([one("a"), one("b"), one("x", 1), one("c"), one("d")]).toEqual([
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
      expect(note(refusals, { variant: 0, rowId: row, outcome: failed(`row ${row}`) }, 9, never)).toBeNull();
    for (let trial = 0; trial < 9; trial++)
      expect(note(refusals, { variant: 1, rowId: "a", outcome: failed("long") }, 9, never)).toBeNull();
    expect(refusals.any).toBe(false);
  });

  it("with fewer rows than three is refused by its trials", () => {
    const refusals = new VariantRefusals();
    const one = (): unknown => note(refusals, { variant: 0, rowId: "-", outcome: failed("no") }, 1, never);
    expect([one(), one(), one()].map((found) => found !== null)).toEqual([false, false, true]);
  });

  it("that ever answered is never refused, in this session or an earlier one", () => {
    const refusals = new VariantRefusals();
    const rows = ["a", "b", "c", "d"];
    note(refusals, { variant: 0, rowId: "z", outcome: ok }, 9, never);
    for (const rowId of rows) note(refusals, { variant: 0, rowId, outcome: failed("no") }, 9, never);
    for (const rowId of rows) note(refusals, { variant: 1, rowId, outcome: failed("no") }, 9, () => true);
    expect(refusals.any).toBe(false);
  });

  it("is not refused for what may pass, or what the content caused", () => {
    const refusals = new VariantRefusals();
    for (const rowId of ["a", "b", "c", "d"]) {
      note(refusals, { variant: 0, rowId, outcome: failed("busy", "overloaded", true) }, 9, never);
      note(refusals, { variant: 1, rowId, outcome: failed("long", "context_overflow") }, 9, never);
    }
    expect(refusals.any).toBe(false);
  });

  it("is not given up while what was in flight may still be answered, and an answer clears it for good", () => {
    const refusals = new VariantRefusals();
    refusals.sent(0, 1_000_001);
    const bad = (rowId: string): unknown =>
      note(refusals, { variant: 0, rowId, outcome: failed("bad image") }, 9, never);
    expect([bad("a"), bad("b"), refusals.has(0), bad("c")]).toEqual([null, null, false, null]);
    // In doubt: nothing more of it should be sent now.
    expect([refusals.any, refusals.has(0), refusals.has(1), bad("d")]).toEqual([true, true, false, null]);
    expect(
      refusals.note({ variant: 0, position: 1_000_001, rowId: "z", outcome: ok, isFinal: true }, 9, never),
    ).toBeNull();
    for (const row of ["e", "f", "g", "h"]) expect(bad(row)).toBeNull();
    expect(refusals.any).toBe(false);
  });

  it("is given up as soon as what was in flight was refused, too", () => {
    const refusals = new VariantRefusals();
    refusals.sent(0, 1_000_001);
    for (const rowId of ["a", "b", "c"])
      expect(note(refusals, { variant: 0, rowId, outcome: failed("no such thing") }, 9, never)).toBeNull();
    const last = {
      variant: 0,
      position: 1_000_001,
      rowId: "z",
      outcome: failed("other words"),
      isFinal: true,
    };
    expect(refusals.note(last, 9, never)?.message).toBe("no such thing");
  });

  it("is not given up for what will be tried again or was cancelled", () => {
    const refusals = new VariantRefusals();
    refusals.sent(0, 1_000_001);
    for (const rowId of ["a", "b", "c"])
      note(refusals, { variant: 0, rowId, outcome: failed("no such thing") }, 9, never);
    const last = { variant: 0, position: 1_000_001, rowId: "z" };
    const slow = { ...last, outcome: failed("busy", "rate_limited", true), isFinal: false };
    const cancelled = { ...last, outcome: failed("stopped", "cancelled"), isFinal: true };
    expect([refusals.note(slow, 9, never), refusals.note(cancelled, 9, never)]).toEqual([null, null]);
    expect(refusals.note({ ...last, outcome: failed("other"), isFinal: true }, 9, never)).not.toBeNull();
  });

  it("whose prompts are larger than a minute's tokens is refused after ten rows", () => {
    const refusals = new VariantRefusals();
    const found = Array.from({ length: 10 }, (_, i) => {
      const outcome = failed(
        `Request too large for m on tokens per min (TPM): Limit 6000, Requested ${7_000 + i}`,
      );
      return note(refusals, { variant: 0, rowId: `r${i}`, outcome }, 99, never) !== null;
    });
    expect(found.indexOf(true)).toBe(9);
  });

  it("that is answered after it was given up is not refused any more", () => {
    const refusals = new VariantRefusals();
    for (const rowId of ["a", "b", "c"])
      note(refusals, { variant: 0, rowId, outcome: failed("no") }, 9, never);
    expect(refusals.has(0)).toBe(true);
    note(refusals, { variant: 0, rowId: "d", outcome: ok }, 9, never);
    expect(refusals.has(0)).toBe(false);
  });

  it("is known by its words, whatever ids and figures stand in them, and other words between", () => {
    const refusals = new VariantRefusals();
    const texts = [
      "not supported (request id: 2026abcd0001)",
      "trace 01aa02bb03cc: other 5",
      "not supported (request id: 2026abcd0002)",
      "not supported (request id: 2026ffff0003)",
    ];
    const found = texts.map((text, i) =>
      note(refusals, { variant: 0, rowId: `r${i}`, outcome: failed(text) }, 9, never),
    );
    expect(found.map((one) => one !== null)).toEqual([false, false, false, true]);
  });

  it("whose `max_tokens` fit no context is refused after ten rows", () => {
    const refusals = new VariantRefusals();
    const long = (i: number): boolean => {
      const text = `maximum context length is 4096 tokens. However, you requested ${100_000 + i}`;
      return (
        note(
          refusals,
          { variant: 0, rowId: `r${i}`, outcome: failed(text, "context_overflow") },
          99,
          never,
        ) !== null
      );
    };
    expect(Array.from({ length: 10 }, (_, i) => long(i)).lastIndexOf(true)).toBe(9);
  });
});
