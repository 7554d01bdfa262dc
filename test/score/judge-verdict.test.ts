import fc from "fast-check";
import { expect, test } from "vitest";
import { medianVerdict, readVerdict } from "../../src/score/judge-verdict.ts";

test.each<[string, number | null]>([
  ['{"reason":"fine","verdict":"pass"}', 1],
  ['{"verdict":"FAIL","reason":"no"}', 0],
  ['```json\n{"reason":"fine","verdict":"pass"}\n```', 1],
  ['Let me think. {"reason":"a } brace","verdict":"fail"} That is all.', 0],
  ['{"verdict":true}', 1],
  ["pass", 1],
  ["**Fail.**", 0],
  ["It is good.\nVerdict: PASS", 1],
  ["verdict: pass, no, verdict: fail", 0],
  ["I cannot say.", null],
  ['{"verdict":"maybe"}', null],
  ["", null],
])("%j is %s", (text, value) => {
  expect(readVerdict(text, {}).value).toBe(value);
});

test.each<[string, number | null]>([
  ['{"reason":"fine","score":5}', 1],
  ['{"score":"3"}', 0.5],
  ['{"score":"4/5"}', 0.75],
  ["Score: 2", 0.25],
  ["1", 0],
  ['{"score":6}', null],
  ['{"score":0}', null],
  ['{"score":"high"}', null],
])("%j is %s on a scale from 1 to 5", (text, value) => {
  expect(readVerdict(text, { scale: [1, 5] }).value).toBe(value);
});

test("no text is more than a verdict or none", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const { value } = readVerdict(text, {});
      expect(value === null || value === 0 || value === 1).toBe(true);
    }),
  );
});

test("the median is a vote that was cast, whatever their order, where more than half of the votes can be read", () => {
  const votes = fc.array(fc.constantFrom(0, 0.25, 0.5, 1, null), { minLength: 1, maxLength: 9 });
  fc.assert(
    fc.property(votes, (values) => {
      const sorted = values.flatMap((value) => (value === null ? [] : [value])).sort((a, b) => a - b);
      const middle = 2 * sorted.length > values.length ? (sorted[(sorted.length - 1) >> 1] ?? null) : null;
      expect(medianVerdict(values.map((value) => ({ value }))).value).toBe(middle);
    }),
  );
  expect(medianVerdict([{ value: null, reason: "broken" }])).toEqual({ value: null, reason: "broken" });
  expect(
    medianVerdict([{ value: 1 }, { value: null, reason: "broken" }, { value: null, reason: "x" }]),
  ).toEqual({
    value: null,
    reason: "1 of 3 votes: 1, no majority of them; broken",
  });
});
