import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { describe, expect, it } from "vitest";
import type { Summary } from "../../src/aggregate/summary-shape.ts";
import { type CliResult, runCli } from "../support/cli.ts";
import { tempFolder } from "../support/temp-folder.ts";

type Line = Readonly<Record<string, string>>;

const answers = ["alpha", "beta", "gamma"];

function folder(module: string, options = "", extra: Readonly<Record<string, string>> = {}): string {
  return tempFolder({
    "rows.jsonl": answers.map((word, i) => `{"id":"r${i}","question":"${i}?","word":"${word}"}\n`).join(""),
    "answers.jsonl": answers
      .map((content, i) => `${JSON.stringify({ model: "m", prompt: `${i}?`, content })}\n`)
      .join(""),
    "scorers/mine.mjs": module,
    "m.yaml": `
name: own
provider: recorded
providers: { recorded: { preset: simulator, replay: answers.jsonl } }
dataset: rows.jsonl
prompts: [{ id: p, user: "{{ question }}" }]
grid: { model: m }
scorers:
  - { id: mine, type: module, file: ./scorers/mine.mjs${options === "" ? "" : `, ${options}`} }
`,
    ...extra,
  });
}

async function run(cwd: string, ...args: readonly string[]): Promise<CliResult> {
  return runCli(["run", "m.yaml", "--out", "out", ...args], { cwd });
}

function scoresOf(cwd: string): readonly (readonly [string | undefined, string | undefined])[] {
  const lines = parse(readFileSync(join(cwd, "out/completions.csv"), "utf8"), { columns: true }) as Line[];
  return lines.map((line) => [line["score.mine"], line.passed]);
}

function reasonsOf(cwd: string): readonly (string | undefined)[] {
  return readFileSync(join(cwd, "out/completions.jsonl"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => (JSON.parse(line) as { scores: Record<string, { reason?: string }> }).scores.mine?.reason);
}

describe("a module of one's own", () => {
  it("sees the completion, the row and its options, and gives value, reason and details", async () => {
    const cwd = folder(
      `export default function score({ answer, variables, options, finish_reason, usage }) {
        if (finish_reason !== "stop" || typeof usage.completionTokens !== "number") throw new Error("what?");
        const right = answer === variables.word && options.word === answer;
        return { value: right ? 0.75 : 0, reason: "seen " + answer, details: { length: answer.length } };
      }`,
      'options: { word: "{{ word }}" }',
    );
    expect((await run(cwd)).code).toBe(0);
    expect(scoresOf(cwd)).toEqual(answers.map(() => ["0.75", "true"]));
    expect(reasonsOf(cwd)).toEqual(answers.map((word) => `seen ${word}`));
  });

  it("may be asynchronous, import beside itself, and have the shape of autoevals", async () => {
    const cwd = folder(
      `import { near } from "./near.mjs";
      export const score = async ({ input, output, expected }) => {
        await new Promise((resolve) => setTimeout(resolve, 1));
        return { name: "Near", score: near(output, expected), metadata: { rationale: input + " " + output } };
      };`,
      'expected: "{{ word }}"',
      { "scorers/near.mjs": "export const near = (a, b) => (a === b ? 1 : 0);" },
    );
    expect((await run(cwd)).code).toBe(0);
    expect(scoresOf(cwd)).toEqual(answers.map(() => ["1", "true"]));
    expect(reasonsOf(cwd)).toEqual(answers.map((word, i) => `${i}? ${word}`));
  });

  it("may be CommonJS, and print without disturbing what is printed", async () => {
    const cwd = folder("", "", {
      "scorers/mine.cjs":
        "module.exports = ({ answer }) => { console.log('saw', answer); return answer === 'beta'; };",
    });
    writeFileSync(
      join(cwd, "m.yaml"),
      readFileSync(join(cwd, "m.yaml"), "utf8").replace("mine.mjs", "mine.cjs"),
    );
    const { code, stdout, stderr } = await run(cwd, "--format", "json");
    expect(code).toBe(0);
    expect((JSON.parse(stdout) as Summary).variants[0]?.scores.mine?.value).toBeCloseTo(1 / 3, 5);
    expect(stderr).toContain("mine: saw beta");
  });

  it("scores what is new alone, and anew when it changes", async () => {
    const cwd = folder("export default () => 1;");
    expect((await run(cwd)).code).toBe(0);
    const journal = readFileSync(join(cwd, "out/journal.jsonl"), "utf8");
    expect((await runCli(["score", "out"], { cwd })).code).toBe(0);
    expect(readFileSync(join(cwd, "out/journal.jsonl"), "utf8")).toBe(journal);
    writeFileSync(join(cwd, "scorers/mine.mjs"), "export default () => 0.25;");
    // The run keeps its own copy; the matrix has the new one.
    expect((await runCli(["score", "out"], { cwd })).code).toBe(0);
    expect(scoresOf(cwd)).toEqual(answers.map(() => ["1", "true"]));
    expect((await runCli(["score", "out", "--matrix", "m.yaml"], { cwd })).code).toBe(0);
    expect(scoresOf(cwd)).toEqual(answers.map(() => ["0.25", "false"]));
    const summary = readFileSync(join(cwd, "out/summary.json"), "utf8");
    expect((await runCli(["report", "out"], { cwd })).code).toBe(0);
    expect(readFileSync(join(cwd, "out/summary.json"), "utf8")).toBe(summary);
  });
});

describe("a module that goes wrong", () => {
  it("throws: the answer is unscored, the stack is told once for each kind, and it is called again", async () => {
    const cwd = folder(
      "let n = 0; export default ({ answer }) => { if (answer !== 'beta') throw new TypeError('no ' + ++n); return 1; };",
    );
    const { code, stderr } = await run(cwd);
    expect(code).toBe(0);
    expect(scoresOf(cwd)).toEqual([
      ["", ""],
      ["1", "true"],
      ["", ""],
    ]);
    expect(stderr.match(/the module failed: no 1 \(at .*mine\.mjs/g)).toHaveLength(1);
    expect(stderr).not.toContain("no 2");
    expect(reasonsOf(cwd)[2]).toBe("the module failed: no 2");
    writeFileSync(join(cwd, "scorers/mine.mjs"), "export default () => 0;");
    expect((await runCli(["score", "out", "--matrix", "m.yaml"], { cwd })).code).toBe(0);
    expect(scoresOf(cwd)).toEqual(answers.map(() => ["0", "false"]));
  });

  it.each([
    ["hangs in a loop", "export default ({ answer }) => { while (answer === 'beta'); return 1; };"],
    ["never settles", "export default ({ answer }) => answer === 'beta' ? new Promise(() => {}) : 1;"],
  ])("%s: that call is ended, and the others go on", async (_, module) => {
    const cwd = folder(module, "timeout: 300ms");
    const { code, stderr } = await run(cwd);
    expect([code, stderr]).toEqual([0, expect.stringContaining("it did not end within 300 ms")]);
    expect(scoresOf(cwd)).toEqual([
      ["1", "true"],
      ["", ""],
      ["1", "true"],
    ]);
  });

  it.each([
    ["7", "it returned `7`, and a score is a number from 0 to 1"],
    ["({ result: 1 })", "which has no `value` and no `score`"],
    ["'good'", 'it returned `"good"`'],
    ["process.exit(3)", "it ended its thread (exit 3)"],
  ])("returns %s: nothing is scored, and it is said once", async (result, words) => {
    const cwd = folder(`export default () => ${result};`);
    const { code, stdout, stderr } = await run(cwd);
    expect([code, stderr]).toEqual([0, expect.stringContaining(words)]);
    expect(stderr.split(words)).toHaveLength(2);
    expect(scoresOf(cwd)).toEqual(answers.map(() => ["", ""]));
    expect(stdout).toContain("3 answers could not be scored by `mine`");
  });

  it.each([
    ["does not parse", "export default (", /cannot be used: .*Unexpected/],
    ["throws when it is loaded", "throw new Error('no database');", /cannot be used: no database/],
    ["exports no function", "export const value = 1;", /it exports no function/],
  ])("%s: an error before anything is sent", async (_, module, words) => {
    const cwd = folder(module);
    const { code, stderr } = await run(cwd);
    expect([code, stderr]).toEqual([2, expect.stringMatching(words)]);
    expect(stderr).toContain("run/module");
  });

  it("is not there, or no JavaScript: `check` says so", async () => {
    const cwd = folder("", "", { "scorers/mine.ts": "export default () => 1;" });
    const matrix = readFileSync(join(cwd, "m.yaml"), "utf8");
    writeFileSync(join(cwd, "m.yaml"), matrix.replace("mine.mjs", "mien.mjs"));
    const missing = await runCli(["check", "m.yaml"], { cwd });
    expect([missing.code, missing.stderr]).toEqual([
      2,
      expect.stringContaining("did you mean `scorers/mine.mjs`?"),
    ]);
    writeFileSync(join(cwd, "m.yaml"), matrix.replace("mine.mjs", "mine.ts"));
    const typescript = await runCli(["check", "m.yaml"], { cwd });
    expect([typescript.code, typescript.stderr]).toEqual([2, expect.stringContaining("compile it first")]);
  });
});
