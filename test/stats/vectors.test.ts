import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type Fields, vectorGroups } from "./vector-groups.ts";

interface Vector {
  readonly id: string;
  readonly group: string;
  readonly input: Fields;
  readonly expected: Fields;
  readonly tolerance: number;
}
const { vectors }: { readonly vectors: readonly Vector[] } = JSON.parse(
  readFileSync(new URL("fixtures/statistics.json", import.meta.url), "utf8"),
);

/** Fields that nothing here is to agree with, and why. */
const notOurs: Readonly<Record<string, string>> = {
  hommel: "not offered: Holm for gates, Benjamini–Hochberg for tables",
  nearest_rank: "not offered: quantiles are linear between neighbours, type 7",
  identity: "a sentence",
};

/** Sources print rounded values beside the full ones; fractions are the same numbers again. */
const isRestated = (field: string): boolean =>
  field.startsWith("published") || field.endsWith("_fraction") || field in notOurs;

/** Every number inside of a value, with its path. */
function numbers(value: unknown, path: string): readonly (readonly [string, unknown])[] {
  if (typeof value !== "object" || value === null) return [[path, value]];
  return Object.entries(value).flatMap(([key, inner]) => numbers(inner, `${path}.${key}`));
}

test.each(vectors)("$id agrees in every field", ({ group, input, expected, tolerance }) => {
  const compute = vectorGroups[group];
  if (compute === undefined) throw new Error(`no way to compute ${group}`);
  const actual = compute(input, expected);
  const fields = Object.keys(expected).filter((field) => !isRestated(field));
  expect(fields.length).toBeGreaterThan(0);
  for (const field of fields) {
    const got = numbers(actual[field], field);
    const wanted = numbers(expected[field], field);
    expect(got.map(([path]) => path)).toEqual(wanted.map(([path]) => path));
    for (const [i, [path, want]] of wanted.entries()) {
      const have = got[i]?.[1];
      if (typeof want === "number" && typeof have === "number") {
        expect(Math.abs(have - want), `${path} is ${have}`).toBeLessThanOrEqual(tolerance);
      } else expect(have, path).toEqual(want);
    }
  }
});

test("all vectors of the file are there", () => {
  expect(vectors).toHaveLength(88);
});
