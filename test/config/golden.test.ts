import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { noOverrides } from "../../src/config/overrides.ts";
import { hasErrors } from "../../src/diagnostics/diagnostic.ts";
import { renderDiagnostics } from "../../src/diagnostics/render.ts";
import { prepare } from "../../src/run/prepare.ts";
import { DiskFiles } from "../../src/system/input-files.ts";

const bad = join(import.meta.dirname, "bad");

function matrixIn(folder: string): string {
  return ["matrix.json", "matrix.csv"].find((name) => existsSync(join(folder, name))) ?? "matrix.yaml";
}
function checked(folder: string): string {
  const files = new DiskFiles(folder);
  const { prepared, diagnostics } = prepare(matrixIn(folder), noOverrides, files);
  expect(prepared === null).toBe(hasErrors(diagnostics));
  const source = (file: string): string | null => {
    try { return new TextDecoder().decode(files.read(file)); } catch { return null; }
  };
  return `${renderDiagnostics(diagnostics, { source, color: false })}\n`;
}
describe("problems", () => {
  it.each(readdirSync(bad))("%s is reported as in its matrix.out", async (name) => {
    await expect(checked(join(bad, name))).toMatchFileSnapshot(join(bad, name, "matrix.out"));
  });
});
