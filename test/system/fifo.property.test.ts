import fc from "fast-check";
import { expect, it } from "vitest";
import { Fifo } from "../../src/system/fifo.ts";

it("a fifo is an array that is taken from at its front", () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ push: fc.integer({ min: 1, max: 900 }) }) },
    { weight: 4, arbitrary: fc.record({ shift: fc.integer({ min: 1, max: 900 }) }) },
    { weight: 1, arbitrary: fc.constant({ unshift: true as const }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const fifo = new Fifo<number>();
      const array: number[] = [];
      let next = 0;
      for (const one of steps) {
        if ("push" in one)
          for (let i = 0; i < one.push; i++) {
            fifo.push(next);
            array.push(next++);
          }
        else if ("shift" in one) for (let i = 0; i < one.shift; i++) expect(fifo.shift()).toBe(array.shift());
        else {
          fifo.unshift(next);
          array.unshift(next++);
        }
        expect(fifo.size).toBe(array.length);
      }
    }),
    { numRuns: 50 },
  );
});
