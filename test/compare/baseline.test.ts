import { describe, expect, test } from "vitest";
import { decodeBaseline } from "../../src/compare/baseline.ts";
import { encodeBaseline } from "../../src/compare/baseline-encoder.ts";
import { shortAnswer } from "../../src/compare/baseline-excerpt.ts";
import type { KeptAnswers } from "../../src/compare/baseline-facts.ts";
import { comparePairs } from "../../src/compare/compare-sides.ts";
import { allFlips } from "../../src/compare/flips.ts";
import { passRate } from "../../src/compare/metric.ts";
import { pairRows } from "../../src/compare/pair-rows.ts";
import type { Side } from "../../src/compare/side.ts";
import { runFacts } from "./baseline-facts.ts";
import { testSide } from "./sides.ts";

const side = testSide({
  name: "results/triage",
  rows: [
    { id: "17", cluster: "mail", variables: { question: "Where is it?", category: "delivery" } },
    { id: "18", cluster: "mail", variables: { question: "Refund!", category: "billing" } },
    { id: "19", cluster: null, variables: { question: "Hello", category: "" } },
  ],
  variables: ["question"],
  variants: {
    v1: {
      parameters: { temperature: 0, model: "qwen" },
      pass: [[1, 1, 0], [0, 0, 0], [1]],
      scores: { correct: [[1, 1, 0], [0, 0, 0], [1]], tone: [[0.25, 0.5, 1], 0.123456789, null] },
      series: {
        latency_ms: [[812.0834, 812.1, 812.2], [90, 91, 92], [5.5]],
        completion_tokens: [[45, 45, 46], [7, 7, 7], [1]],
        cost: [[0.000123456789], null, null],
      },
      failed: { timeout: [0, 0, 1] },
      pending: [0, 0, 1],
      outputs: ["delivery", null, ""],
      models: ["qwen-2026 (9f2c1a)"],
      currencies: ["CNY"],
    },
  },
  prompts: { v1: "system: Answer with one word.\nuser: {{ question }}" },
  scorers: { correct: "c0ffee", tone: "beef" },
  required: ["correct"],
  clustered: true,
});

function written(
  from: Side,
  answers: KeptAnswers = "short",
  columns: readonly string[] = ["category"],
): string {
  return [...encodeBaseline(from, runFacts, { answers, columns })].join("");
}

function problems(text: string): readonly string[] {
  const { side: read, facts, diagnostics } = decodeBaseline(text, "main.json");
  if (diagnostics.length > 0) expect([read, facts]).toEqual([null, null]);
  return diagnostics.map(({ code, message, place }) => `${place?.line ?? 0}: ${message} [${code}]`);
}

describe("the file", () => {
  test("has one line for each row and each outcome, and nothing that says no more than the default", () => {
    expect(written(side)).toMatchInlineSnapshot(`
      "{
      "promptgrid_baseline": 1,
      "run": {"id":"run-1","name":"triage","status":"complete","started_at":"2026-03-01T09:00:00.000Z","ended_at":"2026-03-01T09:05:00.000Z","git_revision":"0123456789abcdef0123456789abcdef01234567","promptgrid_version":"0.3.1","simulated":[]},
      "matrix": {"file":"configs/triage.yaml","sha256":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
      "dataset": {"file":"datasets/tickets.csv","sha256":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"},
      "prices_date": null,
      "scorers": {"correct":"c0ffee","tone":"beef"},
      "required": ["correct"],
      "variables": ["question"],
      "columns": ["category"],
      "clustered": true,
      "prompts": {
      "v1": "system: Answer with one word.\\nuser: {{ question }}"
      },
      "rows": [
      {"row":"17","vars":"52ef8e01a2a5","cluster":"mail","columns":{"category":"delivery"}},
      {"row":"18","vars":"f6f48f9157bd","cluster":"mail","columns":{"category":"billing"}},
      {"row":"19","vars":"485bdcbdadc5","columns":{"category":""}}
      ],
      "variants": [
      {"variant_id":"id-v1","variant":"prompt=v1","prompt_id":"v1","provider":"lab","parameters":{"model":"qwen","temperature":0},"models":["qwen-2026 (9f2c1a)"],"currencies":["CNY"],"outcomes":[
      {"row":"17","n":3,"pass":0.666667,"scores":{"correct":0.666667,"tone":0.5833333333333334},"completion_tokens":45.3333,"cost":0.000123456789,"latency_ms":812.128,"counts":{"cost":1},"output":"delivery"},
      {"row":"18","n":3,"pass":0,"scores":{"correct":0,"tone":0.123456789},"completion_tokens":7,"latency_ms":91,"counts":{"scores.tone":1}},
      {"row":"19","n":3,"pass":1,"scores":{"correct":1},"completion_tokens":1,"latency_ms":5.5,"failed":{"timeout":1},"pending":1,"output":""}
      ]}
      ]
      }
      "
    `);
  });

  test("keeps the first of an answer, all of it, or nothing", () => {
    const long = testSide({ rows: 1, variants: { v1: { pass: [1], outputs: [`${"x".repeat(300)}END`] } } });
    const kept = (answers: KeptAnswers): string | null =>
      decodeBaseline(written(long, answers), "f").side?.output(0, 0) ?? null;
    expect(kept("none")).toBeNull();
    expect(kept("full")).toBe(`${"x".repeat(300)}END`);
    expect(kept("short")).toBe(`${"x".repeat(120)}…${"x".repeat(76)}END`);
  });

  test("holds row means: single values, and the ids of requests, are gone", () => {
    const read = decodeBaseline(written(side), "main.json").side;
    expect(read?.variants[0]?.series.get("latency_ms")?.values).toBeNull();
    expect(read?.requestId(0, 0)).toBeNull();
    expect(read?.name).toBe("main.json");
  });

  test("knows the digest of all its variables together and of no others", () => {
    const read = decodeBaseline(written(side), "main.json").side;
    expect(read?.digest(0, ["question"])).toBe(side.digest(0, ["question"]));
    expect(read?.digest(0, ["question", "category"])).toBeNull();
    expect(read?.digest(0, [])).toBe(side.digest(0, []));
  });

  test("leaves a very long prompt out rather than to show a cut one as changed", () => {
    const long = testSide({
      rows: 1,
      variants: { v1: { pass: [1] }, v2: { pass: [1] } },
      prompts: { v1: "x".repeat(20_001), v2: "short" },
    });
    expect([...(decodeBaseline(written(long), "f").side?.prompts.keys() ?? [])]).toEqual(["v2"]);
  });

  test("laid out anew by a formatter reads the same", () => {
    const pretty = JSON.stringify(JSON.parse(written(side)), null, 4);
    const again = decodeBaseline(`\uFEFF${pretty}`, "main.json");
    expect(again.diagnostics).toEqual([]);
    expect(again.facts).toEqual(runFacts);
    expect(again.side === null ? "" : written(again.side)).toBe(written(side));
  });
});

describe("a run compared with a baseline of itself", () => {
  test("differs by exactly nothing", () => {
    const base = decodeBaseline(written(side), "main.json").side;
    if (base === null) throw new Error("no side");
    const report = comparePairs(
      [{ base: { side: base, variants: [0] }, candidate: { side, variants: [0] } }],
      { metrics: [passRate], maxDrop: 0.05, by: null, flips: allFlips },
    );
    expect(report.comparisons[0]?.difference.value).toBe(0);
    expect(report.comparisons[0]?.n).toBe(3);
    expect(report.prompts).toEqual([]);
    expect(report.changed_rows).toEqual([]);
  });

  test("finds a row whose variables changed", () => {
    const base = decodeBaseline(written(side), "main.json").side;
    const now = testSide({
      rows: [
        { id: "17", variables: { question: "Where is it?", category: "other" } },
        { id: "18", variables: { question: "Money back!", category: "billing" } },
      ],
      variants: { v1: { pass: [1, 1] } },
    });
    if (base === null) throw new Error("no side");
    expect(pairRows(base, now)).toMatchObject({ changed: ["18"], onlyBase: ["19"], verified: true });
  });
});

describe("a file that is no baseline", () => {
  const good = written(side);
  const line = (text: string, part: string): number =>
    text.split("\n").findIndex((one) => one.includes(part)) + 1;

  test("is refused: empty, not JSON, JSON of something else", () => {
    expect(problems("")).toEqual(["0: `main.json` is empty [baseline/not-json]"]);
    expect(problems("results:\n  - 1\n")).toEqual([
      expect.stringMatching(/is not JSON \[baseline\/not-json\]$/),
    ]);
    for (const other of ["[]", "null", '"x"', "{}", '{"schema_version":1}'])
      expect(problems(other)).toEqual([
        "0: `main.json` is JSON, and no baseline: it has no `promptgrid_baseline` [baseline/not-a-baseline]",
      ]);
  });

  test("of a newer version names that version", () => {
    const newer = good.replace('"promptgrid_baseline": 1', '"promptgrid_baseline": 2');
    expect(problems(newer)).toEqual([
      "0: `main.json` was written by a newer version of promptgrid (promptgrid 0.3.1): its format is 2, this one reads 1 [baseline/newer]",
    ]);
    expect(problems('{"promptgrid_baseline": 9}')).toEqual([expect.stringContaining("[baseline/newer]")]);
    for (const odd of ['"1"', "0", "null", "1.5e-3"])
      expect(problems(`{"promptgrid_baseline": ${odd}}`)).toEqual([
        expect.stringContaining("[baseline/bad-head]"),
      ]);
  });

  test("with merge-conflict markers says where, whatever else is wrong", () => {
    const row = good.split("\n").find((one) => one.startsWith('{"row":"17","n"')) ?? "";
    const conflict = good.replace(row, `<<<<<<< HEAD\n${row}\n=======\n${row}\n>>>>>>> main`);
    expect(problems(conflict)).toEqual([
      `${line(conflict, "<<<<<<<")}: \`main.json\` holds a merge conflict [baseline/merge-conflict]`,
    ]);
    expect(problems(conflict.replaceAll("\n", "\r\n"))).toHaveLength(1);
  });

  test.each([
    ["NaN as a score", '"tone":0.583333', '"tone":NaN', "the line of a row is damaged: it is not JSON"],
    ["a torn line", '"tone":0.123456789},', '"tone":0.12', "the line of a row is damaged: it is not JSON"],
    ["a score above 1", '"tone":0.123456789', '"tone":1.2', "`scores.tone` is 1.2, not within 0 and 1"],
    ["a negative time", '"latency_ms":812.128', '"latency_ms":-1', "`latency_ms` is -1, not 0 or more"],
    [
      "a time beyond all numbers",
      '"latency_ms":812.128',
      '"latency_ms":1e999',
      "`latency_ms` must be a number",
    ],
    ["a text for a rate", '"pass":0.666667', '"pass":"all"', "`pass` must be a number"],
    ["null for a rate", '"pass":0.666667', '"pass":null', "`pass` must be a number"],
    ["no requests", '"n":3,"pass":0.666667', '"n":0,"pass":0.666667', "`n` must be a whole number from 1"],
    [
      "more failures than requests",
      '"failed":{"timeout":1}',
      '"failed":{"timeout":4}',
      "5 of 3 requests cannot have failed",
    ],
    [
      "part of a failure",
      '"failed":{"timeout":1}',
      '"failed":{"timeout":0.5}',
      "`failed` must hold whole numbers",
    ],
    ["a number as an answer", '"output":"delivery"', '"output":7', "`output` must be a text"],
  ])("%s is refused with its line", (_, part, instead, message) => {
    expect(good).toContain(part);
    const bad = good.replace(part, instead);
    expect(problems(bad)).toEqual([`${line(good, part)}: ${message} [baseline/bad-row]`]);
  });

  test("names rows that are there twice, or that are in no dataset", () => {
    const twice = good.replace('{"row":"18","n"', '{"row":"17","n"');
    expect(problems(twice)).toEqual([
      `${line(twice, '{"row":"17","n"') + 1}: row \`17\` of prompt=v1 is there twice [baseline/duplicate-row]`,
    ]);
    const rows = good.replace('{"row":"18","vars"', '{"row":"17","vars"');
    expect(problems(rows)).toEqual([
      expect.stringMatching(/row `17` is there twice \[baseline\/duplicate-row\]$/),
      expect.stringMatching(/there is no row `18` in `rows` \[baseline\/bad-row\]$/),
    ]);
  });

  test("without a part of its head says which", () => {
    const head = JSON.parse(good) as Record<string, unknown>;
    const without = (key: string): string => JSON.stringify({ ...head, [key]: undefined });
    expect(problems(without("rows"))).toEqual([
      "0: `main.json` is damaged: `rows` must be a list [baseline/bad-head]",
    ]);
    expect(problems(without("run"))).toEqual([
      "0: `main.json` is damaged: `run` must be an object [baseline/bad-head]",
    ]);
    expect(problems(JSON.stringify({ ...head, variants: [7] }))).toEqual([
      "0: `main.json` is damaged: `variants[0]` must be an object [baseline/bad-head]",
    ]);
    expect(problems(good.replace('"2026-03-01T09:00:00.000Z"', '"yesterday"'))).toEqual([
      "0: `main.json` is damaged: `run.started_at` must be a time (ISO 8601) [baseline/bad-head]",
    ]);
  });

  test("stops after 20 findings", () => {
    const many = testSide({ rows: 50, variants: { v1: { pass: Array.from({ length: 50 }, () => 1) } } });
    expect(problems(written(many).replaceAll('"pass":1', '"pass":2'))).toHaveLength(20);
  });
});

describe("a short answer", () => {
  test("is whole up to 200 characters, and never cuts one in half", () => {
    expect(shortAnswer("x".repeat(200))).toBe("x".repeat(200));
    expect(shortAnswer("😀".repeat(200))).toBe("😀".repeat(200));
    const cut = shortAnswer("😀".repeat(500));
    expect([...cut]).toHaveLength(200);
    expect(cut).toBe(`${"😀".repeat(120)}…${"😀".repeat(79)}`);
  });
});
