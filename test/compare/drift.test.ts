import { describe, expect, test } from "vitest";
import type { BaselineFacts } from "../../src/compare/baseline-facts.ts";
import { baselineWarnings } from "../../src/compare/drift.ts";
import { flakyRows } from "../../src/compare/flaky-rows.ts";
import { runFacts } from "./baseline-facts.ts";
import { type TestSide, testSide } from "./sides.ts";

const plain: TestSide = {
  name: "baselines/main.json",
  startedAt: "2026-03-01T09:00:00.000Z",
  rows: 3,
  variants: { v1: { pass: [1, 0, 1], models: ["qwen-2026"] } },
};

function warnings(
  base: Partial<TestSide> & { facts?: Partial<BaselineFacts> },
  candidate: Partial<TestSide> & { facts?: Partial<BaselineFacts> } = {},
): readonly string[] {
  return baselineWarnings(
    { side: testSide({ ...plain, ...base }), facts: { ...runFacts, ...base.facts } },
    {
      side: testSide({ ...plain, name: "triage", ...candidate }),
      facts: { ...runFacts, ...candidate.facts },
    },
  );
}

describe("a baseline", () => {
  test("of the same week, version, model and data is not warned about", () => {
    expect(warnings({}, { startedAt: "2026-03-08T09:00:00.000Z" })).toEqual([]);
    expect(warnings({ startedAt: null })).toEqual([]);
    expect(warnings({}, { facts: { promptgridVersion: "0.3.9" } })).toEqual([]);
  });

  test("that is older than a week is stale; the run's own start tells, not the clock", () => {
    expect(warnings({}, { startedAt: "2026-03-13T10:00:00.000Z" })).toEqual([
      "baselines/main.json was saved from a run of 12 days ago: a hosted model may have changed since (`run --against REF` asks both sides at once)",
    ]);
    expect(warnings({ startedAt: "2026-03-20T10:00:00.000Z" })).toEqual([
      expect.stringContaining("from a run of 19 days later"),
    ]);
  });

  test("of another version, of simulated answers or of another dataset says so", () => {
    expect(warnings({ facts: { promptgridVersion: "0.2.9" } })).toEqual([
      "baselines/main.json was saved from a run of promptgrid 0.2.9, this run is of 0.3.1",
    ]);
    expect(warnings({ facts: { simulated: ["simulator"] } })).toEqual([
      "the answers of baselines/main.json are simulated, those of this run real",
    ]);
    expect(
      warnings({}, { facts: { dataset: { file: "datasets/new.csv", sha256: "c".repeat(64) } } }),
    ).toEqual([
      "the dataset `datasets/new.csv` is not that of baselines/main.json: only rows whose variables are the same are compared",
    ]);
  });

  test("answered by another model, or another build of it, says so once for all variants", () => {
    const answeredBy = (models: readonly string[]): TestSide["variants"] => ({
      v1: { pass: [1], models },
      v2: { pass: [1], models },
    });
    expect(
      warnings(
        { variants: answeredBy(["qwen (a1)"]), rows: 1 },
        { variants: answeredBy(["qwen (b2)"]), rows: 1 },
      ),
    ).toEqual([
      "prompt=v1; prompt=v2: answered by qwen (a1) in baselines/main.json and by qwen (b2) in this run",
    ]);
    expect(warnings({ variants: answeredBy([]), rows: 1 }, { variants: answeredBy(["x"]), rows: 1 })).toEqual(
      [],
    );
  });

  test("of a run that was not finished, or of which much is missing, says so", () => {
    const variants = { v1: { pass: [1, 0, null], failed: { timeout: [0, 0, 1] }, models: ["qwen-2026"] } };
    expect(warnings({ facts: { status: "interrupted" }, variants })).toEqual([
      "baselines/main.json was saved from a run that is interrupted",
      "1 of 3 requests of baselines/main.json are missing (33.3 %)",
    ]);
  });

  test("counts what the prompt itself causes as an outcome, not as missing, with and without scorers", () => {
    const variants = {
      v1: { pass: [1, 0, null], failed: { content_filtered: [0, 0, 1] }, models: ["qwen-2026"] },
    };
    expect(warnings({ variants })).toEqual([]);
    expect(warnings({ variants, required: [] })).toEqual([]);
    const timeout = { v1: { pass: [1, 0, null], failed: { timeout: [0, 0, 1] }, models: ["qwen-2026"] } };
    expect(warnings({ variants: timeout, required: [] })).toHaveLength(1);
  });
});

test("a row is flaky when it has several answers of which a fifth to four fifths pass", () => {
  const side = testSide({
    rows: ["never", "fifth", "half", "most", "always", "single", "none"],
    variants: {
      v1: { pass: [[0, 0, 0, 0, 0], [1, 0, 0, 0, 0], [1, 0], [1, 1, 1, 1, 0, 1], [1, 1], 1, null] },
    },
  });
  expect(flakyRows(side, 0)).toEqual([
    { rowId: "fifth", passRate: 0.2, n: 5 },
    { rowId: "half", passRate: 0.5, n: 2 },
  ]);
});
