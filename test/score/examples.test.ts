import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { commonScorerKeys, scorerTypes } from "../../src/score/registry.ts";
import { examplesOf, pageOf, scoreExample } from "./examples.ts";

const docs = new URL("../../docs/", import.meta.url);
const index = readFileSync(new URL("scorers.md", docs), "utf8");

describe.each(Object.keys(scorerTypes))("%s", (type) => {
  test("says of its examples what they state", () => {
    for (const example of examplesOf(type)) {
      const { value, details } = scoreExample(type, example);
      const short = value === null ? null : Math.round(value * 1e6) / 1e6;
      expect([example, short, details]).toEqual([example, example.value, example.details]);
    }
  });

  test("has a page with its options and what its examples give", async () => {
    const file = fileURLToPath(new URL(`scorers/${type}.md`, docs));
    const before = existsSync(file) ? readFileSync(file, "utf8") : "";
    await expect(pageOf(type, before)).toMatchFileSnapshot(file);
  });

  test("is listed with what it asks", () => {
    const { about = "" } = scorerTypes[type] ?? {};
    expect(index).toContain(`| [\`${type}\`](scorers/${type}.md) | ${about} |`);
  });
});

test("docs/scorers.md describes every key that all scorers have", () => {
  const named = [...index.matchAll(/^\| `(\w+)` \|/gm)].map(([, name = ""]) => name);
  expect(named).toEqual(expect.arrayContaining([...commonScorerKeys]));
});
