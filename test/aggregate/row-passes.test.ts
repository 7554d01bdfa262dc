import fc from "fast-check";
import { expect, test } from "vitest";
import { RowPasses } from "../../src/aggregate/row-passes.ts";
import { passAtK, passPowK } from "../../src/stats/pass-at-k.ts";

function passesOf(rows: readonly (readonly (boolean | null)[])[]): RowPasses {
  const passes = new RowPasses(false);
  rows.forEach((row, i) => {
    for (const passed of row) passes.add(i, null, passed);
  });
  return passes;
}

test("k goes by doubling up to what a row has, and rows with fewer answers are left out", () => {
  const passes = passesOf([
    [true, false, true, false, true],
    [true, null, true],
    [null, null],
  ]);
  const atLeastOne = passes.atLeastOne();
  expect(Object.keys(atLeastOne)).toEqual(["2", "4", "5"]);
  expect(atLeastOne["2"]).toMatchObject({ n: 2, value: (passAtK(5, 3, 2) + 1) / 2 });
  expect(atLeastOne["5"]).toMatchObject({ n: 1, value: 1 });
  expect(passes.all()["2"]).toMatchObject({ n: 2, value: (passPowK(5, 3, 2) + 1) / 2 });
});

test("one answer a row has no k", () => {
  expect(passesOf([[true], [false]]).atLeastOne()).toEqual({});
});

test("all of k is never more likely than one answer, and that never more than one of k", () => {
  const rows = fc.array(fc.array(fc.boolean(), { minLength: 2, maxLength: 2 }), { minLength: 1 });
  fc.assert(
    fc.property(rows, (answers) => {
      const passes = passesOf(answers);
      const rate = answers.flat().filter(Boolean).length / (2 * answers.length);
      expect(passes.all()["2"]?.value).toBeLessThanOrEqual(rate + 1e-6);
      expect(passes.atLeastOne()["2"]?.value).toBeGreaterThanOrEqual(rate - 1e-6);
    }),
  );
});
