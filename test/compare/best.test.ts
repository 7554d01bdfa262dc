import { describe, expect, test } from "vitest";
import { best } from "../../src/compare/best.ts";
import { wilsonInterval } from "../../src/stats/index.ts";
import { testSide } from "./sides.ts";

function times(count: number, value: number): readonly number[] {
  return Array.from({ length: count }, () => value);
}

test("the best comes with those that one cannot tell from it, after Holm", () => {
  const side = testSide({
    rows: 10,
    variants: {
      bad: { pass: times(10, 0) },
      good: { pass: times(10, 1) },
      near: { pass: [0, ...times(9, 1)] },
    },
  });
  const { low, high } = wilsonInterval(10, 10);
  const found = best(side, "pass");
  expect(found).toMatchObject({
    metric: "pass_rate",
    variant_id: "id-good",
    variant: "prompt=good",
    value: 1,
    high,
    tied: 0,
    distinguishable: 1,
    not_distinguishable: [
      { variant_id: "id-near", variant: "prompt=near", difference: { value: -0.1 }, p_adjusted: 0.5 },
    ],
  });
  expect(found?.low).toBeCloseTo(low, 6);
  expect(found?.not_distinguishable[0]?.difference.high).toBeGreaterThan(0);
});

test("p values are adjusted over all comparisons with the best: what is beaten alone is not beaten among many", () => {
  // Five rows worse and none better: mid-p 1/32, after Holm over two 2/32.
  const worse = { pass: [...times(5, 0), ...times(20, 1)] };
  const top = { pass: times(25, 1) };
  expect(best(testSide({ rows: 25, variants: { top, worse } }), "pass")).toMatchObject({
    not_distinguishable: [],
    distinguishable: 1,
  });
  expect(best(testSide({ rows: 25, variants: { top, worse, alike: worse } }), "pass")).toMatchObject({
    not_distinguishable: [{ p_adjusted: 2 / 32 }, { p_adjusted: 2 / 32 }],
    distinguishable: 0,
  });
});

test("of equal variants the first in the plan is the best, and the others are counted", () => {
  const side = testSide({
    rows: 4,
    variants: { v1: { pass: [0, 0, 0, 0] }, v2: { pass: [1, 0, 1, 1] }, v3: { pass: [1, 1, 1, 0] } },
  });
  expect(best(side, "pass")).toMatchObject({ variant: "prompt=v2", tied: 1 });
});

test("all equal: nothing is told apart", () => {
  const same = { pass: times(40, 1) };
  expect(best(testSide({ rows: 40, variants: { a: same, b: same, c: same } }), "pass")).toMatchObject({
    variant: "prompt=a",
    tied: 2,
    distinguishable: 0,
    not_distinguishable: [{ p_adjusted: 1 }, { p_adjusted: 1 }],
  });
});

test("rows of one cluster are one witness: the same numbers tell nothing apart", () => {
  const variants = { good: { pass: times(10, 1) }, bad: { pass: times(10, 0) } };
  const rows = Array.from({ length: 10 }, (_, i) => ({ id: `r${i}`, cluster: i < 5 ? "x" : "y" }));
  expect(best(testSide({ rows, variants }), "pass")?.distinguishable).toBe(1);
  expect(best(testSide({ rows, variants, clustered: true }), "pass")?.distinguishable).toBe(0);
});

describe("missing rows", () => {
  test("a variant that answered hardly anything is not called the best", () => {
    const side = testSide({
      rows: 5,
      variants: { full: { pass: [1, 1, 0, 0, 1] }, lucky: { pass: [1, null, null, null, null] } },
    });
    expect(best(side, "pass")).toMatchObject({
      variant: "prompt=full",
      not_distinguishable: [{ variant: "prompt=lucky", difference: { value: 0 } }],
    });
  });

  test("variants without a row in common are not told apart, and no number is made up", () => {
    const side = testSide({
      rows: 4,
      variants: { x: { pass: [1, 1, null, null] }, y: { pass: [null, null, 0, 0] } },
    });
    expect(best(side, "pass")?.not_distinguishable).toEqual([
      {
        variant_id: "id-y",
        variant: "prompt=y",
        difference: { value: null, low: null, high: null },
        p_adjusted: null,
      },
    ]);
  });

  test("one that is better on the rows both have is not called worse", () => {
    // Only `hard` answered the last twenty rows, and fails there.
    const found = best(
      testSide({
        rows: 60,
        variants: {
          easy: { pass: [...times(10, 0), ...times(30, 1), ...Array.from({ length: 20 }, () => null)] },
          hard: { pass: [...times(40, 1), ...times(20, 0)] },
        },
      }),
      "pass",
    );
    expect(found).toMatchObject({
      variant: "prompt=easy",
      distinguishable: 0,
      not_distinguishable: [{ variant: "prompt=hard", difference: { value: 0.25 } }],
    });
  });
});

test("there is no best of one variant, nor of several of which one alone was scored", () => {
  expect(best(testSide({ rows: 2, variants: { v1: { pass: [1, 0] } } }), "pass")).toBeNull();
  const failed = { failed: { overloaded: [1, 1] } };
  expect(best(testSide({ rows: 2, variants: { v1: { pass: [1, 0] }, v2: failed } }), "pass")).toBeNull();
  expect(best(testSide({ rows: 2, variants: { v1: failed, v2: failed } }), "pass")).toBeNull();
});

test("a score is compared by its row means", () => {
  const side = testSide({
    rows: 3,
    variants: {
      v1: { scores: { grade: [0.2, [0.4, 0.6], 0.3] } },
      v2: { scores: { grade: [0.5, [0.7, 0.7], 0.6] } },
    },
  });
  expect(best(side, "scores.grade")).toMatchObject({
    metric: "scores.grade",
    variant: "prompt=v2",
    value: 0.6,
  });
});
