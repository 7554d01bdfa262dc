import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { projectRoot } from "../support/cli.ts";
import { tempFolder } from "../support/temp-folder.ts";

interface Step {
  readonly id?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly shell?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly with?: Readonly<Record<string, string>>;
}

interface Action {
  readonly inputs: Readonly<Record<string, { readonly description: string; readonly default?: string }>>;
  readonly runs: { readonly using: string; readonly steps: readonly Step[] };
}

const text = (name: string): string => readFileSync(join(projectRoot, name), "utf8");
const action = parse(text("action.yml")) as Action;
const script = (id: string): string => action.runs.steps.find((step) => step.id === id)?.run ?? "";
const sources = ["cli", "flags", "compare-flags"].map((name) => text(`src/cli/${name}.ts`)).join("\n");
const page = text("docs/ci.md");

/** Code blocks of one language in the page. */
function blocks(language: string): readonly string[] {
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "gm"))].map(
    ([, code = ""]) => code,
  );
}

/** Names of the long flags in a text, those of `npx` and git aside. */
function flagsIn(code: string): readonly string[] {
  return [...code.replace(/npx --yes|git [^\n]*/g, "").matchAll(/(?<=[\s"`(])--([a-z][a-z-]+)/g)].map(
    ([, name = ""]) => name,
  );
}

function isFlag(name: string): boolean {
  return sources.includes(`.option("${name}"`);
}

/** Runs the action's script with these inputs and an `npx` that writes down its arguments. */
function argumentsOf(inputs: Readonly<Record<string, string>>): {
  readonly folder: string;
  readonly words: readonly string[];
} {
  const folder = tempFolder({ "bin/npx": '#!/bin/sh\nprintf "%s\\0" "$@" > words\n' });
  execFileSync("chmod", ["+x", join(folder, "bin/npx")]);
  const environment = Object.fromEntries(
    Object.entries(action.inputs).map(([name, input]) => [
      `INPUT_${name.toUpperCase().replaceAll("-", "_")}`,
      inputs[name] ?? input.default ?? "",
    ]),
  );
  execFileSync("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", script("run")], {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...environment, PATH: `${join(folder, "bin")}${delimiter}${process.env.PATH}` },
  });
  return { folder, words: readFileSync(join(folder, "words"), "utf8").split("\0").slice(0, -1) };
}

/** The outputs that the action's script sets for a run directory `out` beside it. */
function outputsOf(files: Readonly<Record<string, string>>, out: string): string {
  const folder = tempFolder({ output: "", ...files });
  execFileSync("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", script("outcome")], {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
    env: { PATH: process.env.PATH, INPUT_OUT: out, GITHUB_OUTPUT: join(folder, "output") },
  });
  return readFileSync(join(folder, "output"), "utf8");
}

describe("the GitHub action", () => {
  test("uses only flags that exist", () => {
    const used = flagsIn(script("run"));
    expect(used).toEqual(["out", "against", "baseline", "strict"]);
    expect(used.filter((name) => !isFlag(name))).toEqual([]);
  });

  test("puts no expression into a script, and hands every input on", () => {
    for (const step of action.runs.steps) {
      expect(step.run ?? "").not.toContain("${{");
      expect(step.run === undefined).toBe(step.shell === undefined);
    }
    const handed = JSON.stringify(action.runs.steps);
    for (const name of Object.keys(action.inputs)) expect(handed).toContain(`inputs.${name}`);
  });
});

describe.skipIf(process.platform === "win32")("the scripts of the GitHub action", () => {
  test("run the matrix alone where nothing else is asked for", () => {
    expect(argumentsOf({ matrix: "evals/a b.yaml" }).words).toEqual([
      "--yes",
      "promptgrid",
      "run",
      "evals/a b.yaml",
      "--out=promptgrid-results",
    ]);
  });

  test("hand on what is asked for", () => {
    const { words } = argumentsOf({
      matrix: "-m.yaml",
      against: "origin/main",
      strict: "true",
      args: "--trials 3\n  --fail-under 90%\n",
      out: "o",
      version: "0.1",
    });
    expect(words.slice(1)).toEqual([
      "promptgrid@0.1",
      "run",
      "./-m.yaml",
      "--out=o",
      "--against=origin/main",
      "--strict",
      "--trials",
      "3",
      "--fail-under",
      "90%",
    ]);
    expect(argumentsOf({ matrix: "m", baseline: "b.json" }).words.at(-1)).toBe("--baseline=b.json");
  });

  test("read no input as a command", () => {
    const evil = "$(touch pwned)`touch pwned`\"; touch pwned; '";
    const { folder, words } = argumentsOf({
      matrix: evil,
      against: evil,
      baseline: evil,
      out: evil,
      args: "$(touch pwned) *",
    });
    expect(existsSync(join(folder, "pwned"))).toBe(false);
    expect(words.slice(2)).toEqual([
      "run",
      evil,
      `--out=${evil}`,
      `--against=${evil}`,
      `--baseline=${evil}`,
      "$(touch",
      "pwned)",
      "*",
    ]);
  });

  test("give out verdict and directory, and no more than these", () => {
    expect(outputsOf({ "o/summary.json": '{"verdict":"fail"}' }, "o")).toMatch(
      /^verdict=fail\ndirectory<<([\w-]+)\no\n\1\n$/,
    );
    expect(outputsOf({}, "none\nverdict=pass")).toMatch(
      /^verdict=\ndirectory<<([\w-]+)\nnone\nverdict=pass\n\1\n$/,
    );
    expect(outputsOf({ "o/summary.json": '{"verdict":"pass\\nx=y"}' }, "o")).toMatch(/^verdict=\n/);
  });
});

describe("docs/ci.md", () => {
  test("names only flags that exist", () => {
    const unknown = flagsIn(page).filter((name) => !isFlag(name));
    expect(unknown).toEqual([]);
    expect(flagsIn(page).length).toBeGreaterThan(10);
  });

  test("has YAML that parses, and workflows that give the action inputs it has", () => {
    const documents = blocks("yaml").flatMap((code) => parseAllDocuments(code));
    expect(documents.length).toBeGreaterThan(3);
    for (const document of documents) expect("errors" in document ? document.errors : []).toEqual([]);
    const steps = documents.flatMap((document) => {
      const { jobs = {} } = (document as { toJS(): unknown }).toJS() as {
        readonly jobs?: Readonly<Record<string, { readonly steps?: readonly Step[] }>>;
      };
      return Object.values(jobs).flatMap((job) => job.steps ?? []);
    });
    const used = steps.filter((step) => step.uses?.includes("promptgrid"));
    expect(used.length).toBeGreaterThan(0);
    for (const step of used)
      expect(Object.keys(step.with ?? {}).filter((name) => !(name in action.inputs))).toEqual([]);
  });

  test("names every input and output of the action", () => {
    for (const name of Object.keys(action.inputs)) expect(page).toContain(`\`${name}\``);
  });
});
