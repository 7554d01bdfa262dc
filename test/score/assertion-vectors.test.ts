import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import type { FinishReason } from "../../src/outcome/completion.ts";
import { answered, rendered, verdictWith } from "./scored.ts";

/** A check as promptfoo's own tests state it. */
interface Vector {
  readonly id: string;
  readonly type: string;
  readonly value?: unknown;
  readonly threshold?: number;
  readonly output: unknown;
  readonly latency_ms?: number;
  readonly finish_reason?: string;
  readonly score?: { readonly min?: number };
  readonly expect: "pass" | "fail" | "error";
}
const { vectors }: { readonly vectors: readonly Vector[] } = JSON.parse(
  readFileSync(new URL("fixtures/assertion-vectors.json", import.meta.url), "utf8"),
);
const text = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
/** A schema in YAML is a value here: in a matrix it stands there without quotes. */
const schemaOf = (value: unknown): unknown => (typeof value === "string" ? parse(value) : value);

type Translation = readonly [type: string, options: object];

/** The table of docs/from-promptfoo.md. */
const translations: Readonly<Record<string, (vector: Vector) => Translation>> = {
  equals: ({ value, output }) =>
    typeof value === "object" && typeof output === "string"
      ? ["json", { expected: value }]
      : ["exact", { expected: text(value), trim: false }],
  contains: ({ value }) => ["contains", { expected: value }],
  icontains: ({ value }) => ["contains", { expected: value, ignore_case: true }],
  "contains-any": ({ value }) => ["contains", { any: value }],
  "icontains-any": ({ value }) => ["contains", { any: value, ignore_case: true }],
  "contains-all": ({ value }) => ["contains", { all: value }],
  "icontains-all": ({ value }) => ["contains", { all: value, ignore_case: true }],
  regex: ({ value }) => ["regex", { pattern: value }],
  "starts-with": ({ value }) => ["starts_with", { expected: value }],
  "is-json": ({ value }) =>
    value === undefined
      ? ["json", { code_fence: "forbid" }]
      : ["json_schema", { schema: schemaOf(value), code_fence: "forbid" }],
  "contains-json": ({ value }) =>
    value === undefined
      ? ["json", { within: true }]
      : ["json_schema", { schema: schemaOf(value), within: true }],
  levenshtein: ({ value, threshold }) => [
    "levenshtein",
    // A number is no text to promptfoo; here it is one, as everywhere.
    { expected: typeof value === "number" ? undefined : value, max_distance: threshold ?? 5, trim: false },
  ],
  latency: ({ threshold }) => ["latency", { max: threshold }],
  "finish-reason": ({ value }) => ["finish_reason", { expected: value }],
  "rouge-n": ({ value, threshold }) => ["rouge_l", { expected: value, threshold }],
  bleu: ({ value }) => ["bleu", { expected: value }],
};

test.each(vectors)("$id: $type is $expect", (vector) => {
  const translate = translations[vector.type.replace(/^not-/, "")];
  if (translate === undefined) throw new Error(`no scorer for ${vector.type}`);
  const [type, { threshold = null, ...options }] = translate(vector) as readonly [
    string,
    { readonly threshold?: number | null },
  ];
  const scorer = rendered(type, options, { negate: vector.type.startsWith("not-"), threshold });
  const { passed, scores } = verdictWith(
    { latencyMs: vector.latency_ms ?? null },
    answered(text(vector.output), {
      finishReason: (vector.finish_reason ?? "stop") as FinishReason,
      finishReasonRaw: null,
    }),
    scorer,
  );
  expect(passed === null ? "error" : passed ? "pass" : "fail").toBe(vector.expect);
  expect(scorer.problem === null).toBe(vector.expect !== "error");
  if (vector.score?.min !== undefined) expect(scores[type]?.value).toBeGreaterThanOrEqual(vector.score.min);
});

test("docs/from-promptfoo.md names every translated assertion, and the scorer it becomes", () => {
  const page = readFileSync(new URL("../../docs/from-promptfoo.md", import.meta.url), "utf8");
  for (const vector of vectors) {
    const name = vector.type.replace(/^not-/, "");
    const [type = ""] = translations[name]?.(vector) ?? [];
    const row = page.split("\n").find((line) => line.startsWith(`| \`${name}\` |`)) ?? "";
    expect([name, row.includes(`\`${type}\``)]).toEqual([name, true]);
  }
});
