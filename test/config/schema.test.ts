import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { editorSchema } from "../../src/config/schema.ts";

it("the published JSON Schema is the one in the code", () => {
  const published = readFileSync(new URL("../../promptgrid.schema.json", import.meta.url), "utf8");
  expect(published).toBe(`${JSON.stringify(editorSchema(), null, 2)}\n`);
});
