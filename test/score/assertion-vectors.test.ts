import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { rendered, verdict } from "./scored.ts";

interface Vector {
  readonly id: string;
  readonly type: string;
  readonly value?: unknown;
  readonly output: unknown;
  readonly expect: "pass" | "fail" | "error";
}
const { vectors }: { readonly vectors: readonly Vector[] } = JSON.parse(
  readFileSync(new URL("fixtures/assertion-vectors.json", import.meta.url), "utf8"),
);
const text = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

const translations: Readonly<Record<string, (value: unknown) => readonly [type: string, options: object]>> = {
  equals: (value) => ["exact", { expected: text(value), trim: false }],
  contains: (value) => ["contains", { expected: value }],
  icontains: (value) => ["contains", { expected: value, ignore_case: true }],
  "contains-any": (value) => ["contains", { any: value }],
  "icontains-any": (value) => ["contains", { any: value, ignore_case: true }],
  "contains-all": (value) => ["contains", { all: value }],
  "icontains-all": (value) => ["contains", { all: value, ignore_case: true }],
  regex: (value) => ["regex", { pattern: value }],
  "starts-with": (value) => ["starts_with", { expected: value }],
};

test.each(vectors)("$id: $type is $expect", (vector) => {
  const translate = translations[vector.type.replace(/^not-/, "")];
  if (translate === undefined) throw new Error(`no scorer for ${vector.type}`);
  const [type, options] = translate(vector.value);
  const scorer = rendered(type, options, { negate: vector.type.startsWith("not-") });
  const { passed } = verdict(text(vector.output), scorer);
  expect(passed === null ? "error" : passed ? "pass" : "fail").toBe(vector.expect);
  expect(scorer.problem === null).toBe(vector.expect !== "error");
});
