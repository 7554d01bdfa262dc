import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");

function filesUnder(folder: string, ending: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(root, folder, name))
    .sort();
}

function texts(folder: string, ending: string): readonly string[] {
  return filesUnder(folder, ending).map((file) => readFileSync(file, "utf8"));
}

/** All that a pattern's first group finds. */
function found(text: string, pattern: RegExp): readonly string[] {
  return [...text.matchAll(pattern)].flatMap((match) => match[1] ?? []);
}

/** Every code that the sources emit: literals `area/name`, names of dataset findings, kinds of grid problems. */
function codesInSources(): ReadonlySet<string> {
  const sources = texts("src", ".ts").flatMap((text) => [
    ...found(text, /\bcode: "([a-z]+\/[a-z0-9-]+)"/g),
    ...found(text, /\bcode:[^,;]* \? "([a-z]+\/[a-z0-9-]+)"/g),
    ...found(text, /(?:Error|super)\(\s*"([a-z]+\/[a-z0-9-]+)"/g),
    ...found(text, /\[(cli\/[a-z-]+)\]/g),
  ]);
  const dataset = texts("src/dataset", ".ts").flatMap((text) => [
    ...found(text, /findings\.(?:error|warning)\(([^,]*),/g).flatMap((name) =>
      found(name, /"([a-z0-9-]+)"/g),
    ),
    ...found(text, /\bcode: "([a-z0-9-]+)"/g),
  ]);
  const grid = readFileSync(join(root, "src/plan/grid.ts"), "utf8");
  const [kinds = ""] = found(grid, /interface GridProblem \{\s*readonly kind:([^;]+);/g);
  return new Set([
    ...sources,
    ...dataset.map((name) => `dataset/${name}`),
    ...found(kinds, /"([a-z-]+)"/g).map((kind) => `grid/${kind}`),
  ]);
}

const golden = [...texts("test/config/fixtures", ".out"), ...texts("test/dataset/fixtures", ".out")].join(
  "\n\n",
);
const page = readFileSync(join(root, "docs/diagnostics.md"), "utf8");
const sorted = (codes: Iterable<string>): readonly string[] => [...codes].sort();

describe("codes of diagnostics", () => {
  const codes = codesInSources();

  it("each have one entry in docs/diagnostics.md, and no entry is without a code", () => {
    expect(codes.size).toBeGreaterThan(100);
    expect(sorted(found(page, /^### `([a-z]+\/[a-z0-9-]+)`$/gm))).toEqual(sorted(codes));
  });

  it("are all shown by a golden file, as far as they come from the files of a matrix", () => {
    const areas = /^(config|grid|plan|template|provider|score)\//;
    // An error class, and the code of a flag.
    const apart = ["config/diagnostics", "plan/no-request"];
    const shown = new Set(found(golden, / \[([a-z]+\/[a-z0-9-]+)\]$/gm));
    expect(
      sorted(codes).filter((code) => areas.test(code) && !apart.includes(code) && !shown.has(code)),
    ).toEqual([]);
  });

  it("have examples that are what the golden files show", () => {
    const examples = found(page, /```text\n([\s\S]*?)\n```/g);
    expect(examples.length).toBeGreaterThan(70);
    const lines = (text: string): string => text.replace(/ +$/gm, "");
    const printed = lines(golden);
    expect(examples.filter((example) => !printed.includes(lines(example)))).toEqual([]);
  });
});
