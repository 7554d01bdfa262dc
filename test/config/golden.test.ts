import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { noOverrides, type Overrides } from "../../src/config/overrides.ts";
import { type Diagnostic, hasErrors } from "../../src/diagnostics/diagnostic.ts";
import { renderDiagnostics } from "../../src/diagnostics/render.ts";
import { resolveEndpoints } from "../../src/run/endpoints.ts";
import { prepare } from "../../src/run/prepare.ts";
import { usedProviders } from "../../src/run/used-providers.ts";
import { DiskFiles } from "../../src/system/input-files.ts";

const here = join(import.meta.dirname, "fixtures");

/** The cases of a folder: each a folder of its own, with a matrix and its `matrix.out`. */
function cases(folder: string): readonly string[] {
  return readdirSync(join(here, folder));
}

function matrixOf(folder: string): string {
  const names = ["matrix.json", "matrix.csv"];
  return names.find((name) => existsSync(join(folder, name))) ?? "matrix.yaml";
}

/** What the command line changes: `flags.json` of a case, where it has one. */
function overridesOf(folder: string): Overrides {
  const path = join(folder, "flags.json");
  if (!existsSync(path)) return noOverrides;
  return { ...noOverrides, ...(JSON.parse(readFileSync(path, "utf8")) as Partial<Overrides>) };
}

function printed(diagnostics: readonly Diagnostic[], files: DiskFiles): string {
  const source = (file: string): string | null => {
    try {
      return new TextDecoder().decode(files.read(file));
    } catch {
      return null;
    }
  };
  return `${renderDiagnostics(diagnostics, { source, color: false })}\n`;
}

describe("problems that `check` finds", () => {
  it.each(cases("bad"))("%s: as in its matrix.out", async (name) => {
    const folder = join(here, "bad", name);
    const files = new DiskFiles(folder);
    const { prepared, diagnostics } = prepare(matrixOf(folder), overridesOf(folder), files);
    expect(diagnostics).not.toEqual([]);
    expect(prepared === null).toBe(hasErrors(diagnostics));
    await expect(printed(diagnostics, files)).toMatchFileSnapshot(join(folder, "matrix.out"));
  });
});

describe("problems that only the environment shows", () => {
  it.each(cases("bad-environment"))("%s: as in its matrix.out", async (name) => {
    const folder = join(here, "bad-environment", name);
    const files = new DiskFiles(folder);
    const { prepared, diagnostics } = prepare("matrix.yaml", noOverrides, files);
    expect(diagnostics).toEqual([]);
    if (prepared === null) throw new Error("the files are right, the environment is not");
    const resolved = resolveEndpoints(usedProviders(prepared), prepared.config, {}, files);
    expect(hasErrors(resolved.diagnostics)).toBe(true);
    // The words of the operating system name a path of this machine.
    const text = printed(resolved.diagnostics, files).replaceAll(folder, "…");
    await expect(text).toMatchFileSnapshot(join(folder, "matrix.out"));
  });
});

describe("files without problems", () => {
  const files = readdirSync(join(here, "ok")).filter((name) => /\.(yaml|json)$/.test(name));

  it.each(files)("%s is read in silence", (name) => {
    const { prepared, diagnostics } = prepare(name, noOverrides, new DiskFiles(join(here, "ok")));
    expect(diagnostics).toEqual([]);
    expect(prepared?.plan.length).toBeGreaterThan(0);
  });
});
