import { readdirSync } from "node:fs";
import { expect, it } from "vitest";
import { chapters, page } from "./page.ts";

it("the page of the wire is what the rows give", async () => {
  await expect(page()).toMatchFileSnapshot("../../docs/wire.md");
});

it("each chapter of the page has its test, and each test its chapter", () => {
  const tests = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".test.ts"));
  expect(tests.sort()).toEqual([...chapters.map(([, test]) => `${test}.test.ts`), "page.test.ts"].sort());
});
