import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { allMissing, armValues, missingShare } from "../../src/compare/arm.ts";
import { decodeBaseline } from "../../src/compare/baseline.ts";
import { encodeBaseline } from "../../src/compare/baseline-encoder.ts";
import { readMean, writtenMean } from "../../src/compare/baseline-numbers.ts";
import { type Metric, passRate, readMetric } from "../../src/compare/metric.ts";
import { pairRows } from "../../src/compare/pair-rows.ts";
import type { Side } from "../../src/compare/side.ts";
import { runFacts } from "./baseline-facts.ts";
import { type Cell, type TestSide, type TestVariant, testSide } from "./sides.ts";

const metrics: readonly Metric[] = [
  passRate,
  ...[
    "scores.correct",
    "scores.grade",
    "latency_ms.mean",
    "completion_tokens.mean",
    "cost",
    "failure_rate",
  ].flatMap((name) => {
    const read = readMetric(name, ["correct", "grade"]);
    return "metric" in read ? [read.metric] : [];
  }),
];

const size = 4;
const text = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.constantFrom("__proto__", "1", "row", "a\nb", "}", '"'),
);
/** Values as a file holds them: JSON has no −0. */
const json = fc.jsonValue({ maxDepth: 1 }).map((value): unknown => JSON.parse(JSON.stringify(value)));
const cells = (value: fc.Arbitrary<number>): fc.Arbitrary<readonly Cell[]> =>
  fc.array(fc.option(fc.array(value, { minLength: 1, maxLength: 7 })), { minLength: size, maxLength: size });
const share = fc.double({ min: 0, max: 1, noNaN: true });
const amount = fc.double({ min: 0, max: 1e6, noNaN: true });
const few = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: size, maxLength: size });

const variant = fc
  .record({
    parameters: fc.dictionary(text, json, { maxKeys: 2 }),
    models: fc.uniqueArray(text, { maxLength: 2 }),
    scored: fc.record({
      pass: cells(fc.constantFrom(0, 1)),
      correct: cells(fc.constantFrom(0, 1)),
      grade: cells(share),
    }),
    series: fc.record({
      latency_ms: cells(amount),
      completion_tokens: cells(fc.nat({ max: 100_000 })),
      cost: cells(amount),
    }),
    failed: fc.record({ timeout: few, content_filtered: few }),
    pending: few,
    unscored: few,
    outputs: fc.array(fc.option(text), { minLength: size, maxLength: size }),
  })
  .map(({ scored: { pass, ...scores }, unscored, outputs, ...rest }): TestVariant => {
    const most = (lists: readonly (readonly Cell[])[], row: number): number =>
      Math.max(...lists.map((list) => [list[row] ?? []].flat().length));
    const perRow = (value: (row: number) => number): readonly number[] =>
      Array.from({ length: size }, (_, row) => value(row));
    const choices = perRow((row) => most([pass, ...Object.values(scores)], row) + (unscored[row] ?? 0));
    const answered = perRow((row) =>
      Math.max(most(Object.values(rest.series), row), Math.min(1, choices[row] ?? 0)),
    );
    const lost = perRow((row) =>
      [...Object.values(rest.failed), rest.pending].reduce((sum, counts) => sum + (counts[row] ?? 0), 0),
    );
    return {
      ...rest,
      pass,
      scores,
      completions: choices,
      requests: perRow((row) => (answered[row] ?? 0) + (lost[row] ?? 0)),
      outputs: outputs.map((output, row) => ((answered[row] ?? 0) > 0 ? output : null)),
    };
  });

const sides: fc.Arbitrary<Side> = fc
  .record({
    ids: fc.uniqueArray(text, { minLength: size, maxLength: size }),
    values: fc.array(fc.record({ question: json, category: text }), {
      minLength: size,
      maxLength: size,
    }),
    clusters: fc.array(fc.option(text), { minLength: size, maxLength: size }),
    variants: fc.dictionary(text, variant, { minKeys: 1, maxKeys: 3 }),
    clustered: fc.boolean(),
    times: fc.constantFrom(null, "2026-03-01T09:00:00.000Z"),
  })
  .map(({ ids, values, clusters, times, ...rest }) =>
    testSide({
      name: "run",
      startedAt: times,
      endedAt: times,
      rows: ids.map((id, i) => ({ id, cluster: clusters[i] ?? null, variables: values[i] ?? {} })),
      ...rest,
    } satisfies TestSide),
  );

const written = (side: Side): string =>
  [...encodeBaseline(side, runFacts, { answers: "full", columns: ["category", "no such column"] })].join("");

function readBack(side: Side): Side {
  const { side: back, diagnostics } = decodeBaseline(written(side), "main.json");
  if (back === null) throw new Error(diagnostics.map(({ message }) => message).join("; "));
  return back;
}

/** Within the sixth digit; exactly where the values are whole or all digits are kept. */
function expectMeans(now: Float64Array, before: Float64Array, exact: boolean): void {
  before.forEach((mean, row) => {
    if (exact || Number.isNaN(mean)) expect(now[row]).toBe(mean);
    else expect(Math.abs((now[row] ?? Number.NaN) - mean)).toBeLessThanOrEqual(Math.abs(mean) * 5.1e-6);
  });
}

describe("a side that was saved and read again", () => {
  test("has the numbers that comparisons use", () => {
    fc.assert(
      fc.property(sides, (side) => {
        const back = readBack(side);
        const rows = side.rows.map((_, i) => i);
        side.variants.forEach((_, i) => {
          for (const metric of metrics) {
            const policies = [allMissing, { promptFailuresCount: true, missing: [] }];
            for (const policy of policies) {
              const before = armValues({ side, variants: [i] }, metric, policy);
              const now = armValues({ side: back, variants: [i] }, metric, policy);
              expectMeans(
                now.means,
                before.means,
                ["pass", "failed", "completion_tokens"].includes(metric.quantity),
              );
              expect(now.single).toBe(before.single);
              expect(missingShare({ side: back, variants: [i] }, metric, policy, rows)).toEqual(
                missingShare({ side, variants: [i] }, metric, policy, rows),
              );
            }
          }
        });
      }),
    );
  });

  test("is described as before", () => {
    fc.assert(
      fc.property(sides, (side) => {
        const back = readBack(side);
        const described = (one: Side): unknown => ({
          rows: one.rows,
          startedAt: one.startedAt,
          endedAt: one.endedAt,
          clustered: one.clustered,
          variables: one.variables,
          required: one.required,
          scorers: [...one.scorers],
          prompts: [...one.prompts].sort(),
          categories: one.rows.map((_, row) => one.column(row, "category")),
          digests: one.rows.map((_, row) => one.digest(row, [...one.variables].reverse())),
          variants: one.variants.map(({ series: _series, missing: _missing, ...rest }) => rest),
          outputs: one.variants.map((_, i) => one.rows.map((_row, row) => one.output(i, row))),
        });
        expect(described(back)).toEqual(described(side));
      }),
    );
  });

  test("pairs all its rows with those it was saved from", () => {
    fc.assert(
      fc.property(sides, (side) => {
        const pairs = pairRows(readBack(side), side);
        expect(pairs).toMatchObject({ changed: [], onlyBase: [], onlyCandidate: [], verified: true });
        expect([...pairs.base]).toEqual([...pairs.candidate]);
      }),
    );
  });

  test("gives the same bytes when it is saved again", () => {
    fc.assert(
      fc.property(sides, (side) => {
        expect(written(readBack(side))).toBe(written(side));
      }),
    );
  });

  test("is no side any more when the file was cut anywhere", () => {
    fc.assert(
      fc.property(sides, fc.double({ min: 0, max: 0.999, noNaN: true }), (side, share) => {
        const whole = written(side).trimEnd();
        const cut = decodeBaseline(whole.slice(0, Math.floor(whole.length * share)), "main.json");
        expect(cut.side).toBeNull();
        expect(cut.diagnostics.length).toBeGreaterThan(0);
      }),
    );
  });
});

describe("a mean in a file", () => {
  test("of whole numbers is found again exactly and is short", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.nat({ max: 9_999 }), (count, sum) => {
        const mean = sum / count;
        const short = writtenMean("completion_tokens", mean, count);
        expect(readMean("completion_tokens", short, count)).toBe(mean);
        expect(short).toBe(Number(short.toPrecision(6)));
      }),
    );
  });
});
