import fc from "fast-check";
import { expect, it } from "vitest";
import { decimalRange } from "../../src/plan/decimal-range.ts";
import { expandGrid, readGrid } from "../../src/plan/grid.ts";

const axes = fc.dictionary(
  fc.constantFrom("a", "b", "c", "d"),
  fc.uniqueArray(fc.oneof(fc.integer(), fc.string(), fc.boolean()), { minLength: 1, maxLength: 4 }),
  { minKeys: 1, maxKeys: 4 },
);

it("a grid has as many points as the product of its axes, all different, the first axis slowest", () => {
  fc.assert(
    fc.property(axes, (grid) => {
      const { points } = expandGrid(readGrid(grid).grid);
      const sizes = Object.values(grid).map((values) => values.length);
      expect(points).toHaveLength(sizes.reduce((product, size) => product * size, 1));
      expect(new Set(points.map((point) => JSON.stringify(point.values))).size).toBe(points.length);
      const [first] = Object.keys(grid);
      const seen = points.map((point) => point.values[first ?? ""]);
      expect([...new Set(seen)]).toEqual(grid[first ?? ""]);
    }),
  );
});

it("what an exclude entry takes out and what it leaves make up the whole", () => {
  fc.assert(
    fc.property(axes, fc.nat(), (grid, pick) => {
      const all = expandGrid(readGrid(grid).grid).points;
      const target = all[pick % all.length]?.values ?? {};
      const [key = ""] = Object.keys(target);
      const left = expandGrid(readGrid({ ...grid, exclude: [{ [key]: target[key] }] }).grid).points;
      expect(left).toEqual(all.filter((point) => point.values[key] !== target[key]));
    }),
  );
});

it("a range holds both its ends and as many values as it has steps", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -999, max: 999 }),
      fc.integer({ min: 1, max: 99 }),
      fc.integer({ min: 0, max: 200 }),
      fc.integer({ min: 0, max: 4 }),
      (from, step, count, digits) => {
        const scale = 10 ** digits;
        const values = decimalRange(from / scale, (from + step * count) / scale, step / scale);
        expect(values).toEqual(Array.from({ length: count + 1 }, (_, i) => (from + step * i) / scale));
      },
    ),
  );
});
