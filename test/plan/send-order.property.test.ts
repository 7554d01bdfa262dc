import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Row } from "../../src/dataset/dataset.ts";
import { Plan, type PlannedVariant } from "../../src/plan/plan.ts";
import { partAt, SendCursor, sendParts, variantAt } from "../../src/plan/send-order.ts";

interface Shape {
  readonly rows: readonly string[];
  /** Trials of each variant, and which rows it has (null: all). */
  readonly variants: readonly { readonly trials: number; readonly mask: number | null }[];
}

function planOf({ rows, variants }: Shape): Plan {
  let offset = 0;
  const planned = variants.map(({ trials, mask }, i): PlannedVariant => {
    const rowIndices =
      mask === null ? null : Int32Array.from(rows.flatMap((_, row) => ((mask >> row) & 1 ? [row] : [])));
    const requests = (rowIndices?.length ?? rows.length) * trials;
    const variant = { id: `v${i}`, trials, rowIndices, offset, requests } as unknown as PlannedVariant;
    offset += requests;
    return variant;
  });
  return new Plan(
    planned,
    rows.map((id) => ({ id, variables: {}, cluster: null, line: 0 }) as unknown as Row),
  );
}

const shape: fc.Arbitrary<Shape> = fc.record({
  rows: fc.uniqueArray(
    fc.integer({ min: 0, max: 12 }).map((n) => `r${n}`),
    { maxLength: 8 },
  ),
  variants: fc.array(
    fc.record({
      trials: fc.integer({ min: 1, max: 3 }),
      mask: fc.option(fc.integer({ min: 0, max: 255 }), { nil: null }),
    }),
    { maxLength: 4 },
  ),
});

/** Every position that a cursor gives. */
function all(cursor: SendCursor): readonly number[] {
  const given: number[] = [];
  for (let position = cursor.next(); position >= 0; position = cursor.next()) given.push(position);
  expect(cursor.next()).toBe(-1);
  return given;
}

const everyVariant = (plans: readonly Plan[]): readonly number[] =>
  Array.from({ length: plans.reduce((sum, plan) => sum + plan.variants.length, 0) }, (_, i) => i);

describe("the order of sending", () => {
  it("has every request of every plan exactly once, however its variants are shared out", () => {
    fc.assert(
      fc.property(fc.array(shape, { minLength: 1, maxLength: 3 }), fc.nat(2), (shapes, lane) => {
        const plans = shapes.map(planOf);
        const parts = sendParts(plans);
        const variants = everyVariant(plans);
        const mine = variants.filter((variant) => variant % 3 === lane);
        const others = variants.filter((variant) => variant % 3 !== lane);
        const sent = [...all(new SendCursor(parts, mine)), ...all(new SendCursor(parts, others))];
        const total = plans.reduce((sum, plan) => sum + plan.length, 0);
        expect([...sent].sort((a, b) => a - b)).toEqual(Array.from({ length: total }, (_, i) => i));
      }),
    );
  });

  it("goes row by row: what all plans ask of a row comes together, in the order of the variants given", () => {
    fc.assert(
      fc.property(fc.array(shape, { minLength: 1, maxLength: 3 }), (shapes) => {
        const plans = shapes.map(planOf);
        const parts = sendParts(plans);
        const variants = [...everyVariant(plans)].reverse();
        const steps = all(new SendCursor(parts, variants)).map((position) => {
          const part = partAt(parts, position);
          const at = part.plan.coordinates(position - part.offset);
          return { row: part.plan.row(at.rowIndex).id, variant: part.variantOffset + at.variantIndex };
        });
        const blocks = steps.filter(({ row }, i) => row !== steps[i - 1]?.row).map(({ row }) => row);
        expect(new Set(blocks).size).toBe(blocks.length);
        for (const [i, { row, variant }] of steps.entries()) {
          const before = steps[i - 1];
          if (before?.row === row) expect(variant).toBeLessThanOrEqual(before.variant);
        }
      }),
    );
  });

  it("is the same each time, and does not depend on a second plan with the same rows", () => {
    fc.assert(
      fc.property(shape, (one) => {
        const plan = planOf(one);
        const alone = all(new SendCursor(sendParts([plan]), everyVariant([plan])));
        const beside = all(new SendCursor(sendParts([plan, planOf(one)]), everyVariant([plan])));
        expect(beside).toEqual(alone);
      }),
    );
  });

  it("finds the plan and the variant behind every number", () => {
    fc.assert(
      fc.property(fc.array(shape, { minLength: 1, maxLength: 3 }), (shapes) => {
        const parts = sendParts(shapes.map(planOf));
        for (const part of parts) {
          for (let i = 0; i < part.plan.length; i++) expect(partAt(parts, part.offset + i)).toBe(part);
          part.plan.variants.forEach((_, variantIndex) => {
            expect(variantAt(parts, part.variantOffset + variantIndex)).toEqual({ part, variantIndex });
          });
        }
      }),
    );
  });
});
