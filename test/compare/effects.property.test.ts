import fc from "fast-check";
import { expect, test } from "vitest";
import { best } from "../../src/compare/best.ts";
import { type AxisEffect, effects } from "../../src/compare/effects.ts";
import type { Side } from "../../src/compare/side.ts";
import { type Cell, testSide } from "./sides.ts";

interface GridCells {
  readonly rows: number;
  readonly cells: readonly (readonly Cell[])[];
}

/** Prompts × temperatures: 2 × 3 variants over some rows; every value is a quarter, at most a half. */
const grids: fc.Arbitrary<GridCells> = fc.integer({ min: 1, max: 12 }).chain((rows) =>
  fc.record({
    rows: fc.constant(rows),
    cells: fc.array(
      fc.array(
        fc.option(
          fc.integer({ min: 0, max: 2 }).map((quarters) => quarters / 4),
          { freq: 8 },
        ),
        { minLength: rows, maxLength: rows },
      ),
      { minLength: 6, maxLength: 6 },
    ),
  }),
);

function sideOf(
  { rows, cells }: GridCells,
  names: readonly [string, string] = ["a", "b"],
  shift: readonly number[] = [],
): Side {
  const shifted = (list: readonly Cell[]): readonly Cell[] =>
    list.map((cell, row) => (typeof cell === "number" ? cell + (shift[row] ?? 0) : cell));
  return testSide({
    rows,
    variants: Object.fromEntries(
      cells.map((list, i) => [
        `${names[i % 2]}-${i}`,
        {
          promptId: names[i % 2] ?? "",
          parameters: { temperature: Math.floor(i / 2) },
          scores: { grade: shifted(list) },
        },
      ]),
    ),
  });
}

function numbers({ value, ...rest }: AxisEffect): Omit<AxisEffect, "value"> {
  return rest;
}

test("other names of prompts and variants change no number", () => {
  fc.assert(
    fc.property(grids, (grid) => {
      const renamed = sideOf(grid, ["zebra", "1"]);
      const known = sideOf(grid);
      expect(effects(renamed, "scores.grade").map(numbers)).toEqual(
        effects(known, "scores.grade").map(numbers),
      );
      const [one, other] = [best(renamed, "scores.grade"), best(known, "scores.grade")];
      expect([one?.value, one?.tied, one?.distinguishable]).toEqual([
        other?.value,
        other?.tied,
        other?.distinguishable,
      ]);
    }),
  );
});

test("what makes a row harder for all variants alike leaves every difference as it is", () => {
  const shifts = fc.array(
    fc.integer({ min: 0, max: 2 }).map((quarters) => quarters / 4),
    { minLength: 12, maxLength: 12 },
  );
  fc.assert(
    fc.property(grids, shifts, (grid, shift) => {
      const before = effects(sideOf(grid), "scores.grade");
      const after = effects(sideOf(grid, ["a", "b"], shift), "scores.grade");
      after.forEach(({ difference, p_value, n }, i) => {
        expect(n).toBe(before[i]?.n);
        for (const key of ["value", "low", "high"] as const) {
          const old = before[i]?.difference[key] ?? null;
          if (old === null) expect(difference[key]).toBeNull();
          else expect(difference[key]).toBeCloseTo(old, 9);
        }
        if (p_value !== null) expect(p_value).toBeCloseTo(before[i]?.p_value ?? Number.NaN, 9);
      });
    }),
  );
});

test("the differences of an axis sum to 0, and those of two values mirror each other", () => {
  fc.assert(
    fc.property(grids, (grid) => {
      const lines = effects(sideOf(grid), "scores.grade");
      for (const axis of ["prompt", "temperature"]) {
        const own = lines.filter((line) => line.axis === axis && line.n > 0);
        const sum = own.reduce((total, line) => total + (line.difference.value ?? 0), 0);
        expect(sum).toBeCloseTo(0, 8);
      }
      const [first, second] = lines.filter((line) => line.axis === "prompt");
      expect(first?.p_value).toBe(second?.p_value);
      expect(first?.difference.low ?? 0).toBeCloseTo(-(second?.difference.high ?? 0), 9);
    }),
  );
});

test("no variant with as many rows has a higher value than the best, and each other one is counted once", () => {
  fc.assert(
    fc.property(grids, (grid) => {
      const full = { ...grid, cells: grid.cells.map((list) => list.map((cell) => cell ?? 0)) };
      const found = best(sideOf(full), "scores.grade");
      const means = full.cells.map(
        (list) => list.reduce<number>((sum, cell) => sum + Number(cell), 0) / grid.rows,
      );
      expect(found?.value).toBeCloseTo(Math.max(...means), 5);
      expect((found?.not_distinguishable.length ?? 0) + (found?.distinguishable ?? 0)).toBe(5);
    }),
  );
});
