import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { describe, expect, it } from "vitest";
import type { Summary } from "../../src/aggregate/summary-shape.ts";
import { runCli } from "../support/cli.ts";
import { tempFolder } from "../support/temp-folder.ts";

type Line = Readonly<Record<string, string>>;

/** Runs a matrix over recorded answers, and reads its reports. */
async function scored(
  files: Readonly<Record<string, string>>,
): Promise<{ readonly lines: readonly Line[]; readonly summary: Summary; readonly cwd: string }> {
  const cwd = tempFolder(files);
  const { code, stderr } = await runCli(["run", "m.yaml", "--out", "out"], { cwd });
  expect([code, stderr]).toEqual([0, expect.any(String)]);
  return { cwd, ...reports(cwd) };
}

function reports(cwd: string): { readonly lines: readonly Line[]; readonly summary: Summary } {
  return {
    lines: parse(readFileSync(join(cwd, "out/completions.csv"), "utf8"), { columns: true }) as Line[],
    summary: JSON.parse(readFileSync(join(cwd, "out/summary.json"), "utf8")) as Summary,
  };
}

function recorded(answers: Readonly<Record<string, string>>): string {
  return Object.entries(answers)
    .map(([prompt, content]) => `${JSON.stringify({ model: "m", prompt, content })}\n`)
    .join("");
}

const head = `
provider: recorded
providers: { recorded: { preset: simulator, replay: answers.jsonl } }
dataset: rows.jsonl
grid: { model: m }
`;

describe("scorers of prompts and rows", () => {
  it("hold where they stand, and count nowhere else", async () => {
    const { lines, summary } = await scored({
      "answers.jsonl": recorded({
        "a?": "Paris",
        "b?": "Rome",
        "a? json": '{"answer":"Paris"}',
        "b? json": "Rome",
      }),
      "rows.jsonl": [
        { id: "a", question: "a?", answer: "Paris", checks: [{ id: "short", type: "length", max: 3 }] },
        { id: "b", question: "b?", answer: "Rome", checks: null },
      ]
        .map((row) => `${JSON.stringify(row)}\n`)
        .join(""),
      "m.yaml": `${head}
prompts:
  - { id: plain, user: "{{ question }}" }
  - id: as-json
    user: "{{ question }} json"
    scorers:
      - { id: correct, type: json, path: $.answer, expected: "{{ answer }}" }
      - { id: shape, type: json, required: false }
scorers:
  - { id: correct, type: exact, expected: "{{ answer }}" }
  - "{{ checks }}"
`,
    });
    const cells = lines.map((line) => [
      line.prompt_id,
      line.row_id,
      line.passed,
      line["score.correct"],
      line["score.shape"],
      line["score.short"],
    ]);
    expect(cells).toEqual([
      ["plain", "a", "false", "1", "", "0"],
      ["plain", "b", "true", "1", "", ""],
      ["as-json", "a", "false", "1", "1", "0"],
      ["as-json", "b", "false", "0", "0", ""],
    ]);
    const [plain, json] = summary.variants;
    expect(plain?.scores.short).toMatchObject({ value: 0, n: 1, unscored: 0 });
    expect(plain?.scores.shape).toMatchObject({ value: null, n: 0, unscored: 0 });
    expect(json?.scores.shape).toMatchObject({ value: 0.5, n: 2, unscored: 0 });
  });
});

describe("fields, weights and trials", () => {
  const files = {
    "answers.jsonl": recorded({
      "a?": '{"name":"Ada","year":1815}',
      "b?": '{"name":"Alan","year":1999}',
      "c?": "no idea",
    }),
    "rows.jsonl": [
      { id: "a", question: "a?", name: "Ada", year: 1815 },
      { id: "b", question: "b?", name: "Alan", year: 1912 },
      { id: "c", question: "c?", name: "Grace", year: 1906 },
    ]
      .map((row) => `${JSON.stringify(row)}\n`)
      .join(""),
  };
  const scorers = `
scorers:
  - { id: fields, type: json_fields, expected: { name: "{{ name }}", year: "{{ year }}" }, weight: 3 }
  - { id: brief, type: length, max: 20, required: false }
`;

  it("give columns of their own, that gates know", async () => {
    const { lines, summary } = await scored({
      ...files,
      "m.yaml": `${head}
prompts: [{ id: p, user: "{{ question }}" }]
trials: 2
${scorers}
gates:
  - { metric: scores.fields.name, min: 0.5 }
  - { metric: scores.weighted, min: 0.1 }
`,
    });
    const first = lines.filter((line) => line.trial === "0");
    expect(
      first.map((line) => [
        line.passed,
        line["score.fields"],
        line["score.fields.name"],
        line["score.fields.year"],
        line["score.brief"],
        line["score.weighted"],
      ]),
    ).toEqual([
      ["true", "1", "1", "1", "0", "0.75"],
      ["false", "0.5", "1", "0", "0", "0.375"],
      ["false", "0", "0", "0", "1", "0.25"],
    ]);
    const [variant] = summary.variants;
    expect(variant?.scores["fields.name"]).toMatchObject({ value: 0.666667, n: 3 });
    expect(variant?.pass_at_k).toMatchObject({ 2: { value: 0.333333, n: 3 } });
    expect(variant?.pass_hat_k).toMatchObject({ 2: { value: 0.333333, n: 3 } });
    expect(summary.gates.map(({ verdict }) => verdict)).toEqual(["pass", "pass"]);
  });

  it("score a stored run again by another matrix, and send nothing", async () => {
    const { cwd } = await scored({
      ...files,
      "m.yaml": `${head}prompts: [{ id: p, user: "{{ question }}" }]\nscorers: [{ type: json }]\n`,
      "again.yaml": `${head}prompts: [{ id: p, user: "{{ question }}" }]\n${scorers}`,
    });
    expect(reports(cwd).lines.map((line) => line["score.json"])).toEqual(["1", "1", "0"]);
    const journal = readFileSync(join(cwd, "out/journal.jsonl"), "utf8");
    const again = await runCli(["score", "out", "--matrix", "again.yaml"], { cwd });
    expect(again.code).toBe(0);
    expect(reports(cwd).lines.map((line) => line["score.weighted"])).toEqual(["0.75", "0.375", "0.25"]);
    expect(readFileSync(join(cwd, "out/journal.jsonl"), "utf8")).toBe(journal);
  });
});

describe("scorers of another matrix", () => {
  const files = {
    "answers.jsonl": recorded({ "a?": "Paris" }),
    "rows.jsonl": '{"id":"a","question":"a?"}\n',
    "m.yaml": `${head}
name: own
prompts: [{ id: capital, user: "{{ question }}" }]
scorers: [{ id: own, type: contains, expected: Paris }]
`,
  };
  const other = (prompt: string, scorers: string): string => `${head}
name: own
prompts: [{ id: ${prompt}, user: "{{ question }}"${scorers} }]
`;

  it("that meet no answer are refused, and the reports stay as they were", async () => {
    const stranger = other("capitol", ", scorers: [{ id: new, type: contains, expected: Rome }]");
    const { cwd } = await scored({ ...files, "new.yaml": stranger });
    const before = readFileSync(join(cwd, "out/summary.json"), "utf8");
    const { code, stderr } = await runCli(["score", "out", "--matrix", "new.yaml"], { cwd });
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining("no scorer of `new.yaml` holds for prompt `capital`"),
    ]);
    expect(readFileSync(join(cwd, "out/summary.json"), "utf8")).toBe(before);
    expect((await runCli(["report", "out"], { cwd })).code).toBe(0);
    expect(readFileSync(join(cwd, "out/summary.json"), "utf8")).toBe(before);
  });

  it("are named in the reports, and are gone when the matrix is run again", async () => {
    const judging = other("capital", ", scorers: [{ id: new, type: contains, expected: Rome }]");
    const { cwd } = await scored({ ...files, "new.yaml": judging });
    const rated = (): readonly unknown[] => {
      const { run, variants } = reports(cwd).summary;
      return [run.scored_by, Object.keys(variants[0]?.scores ?? {})];
    };
    const { stdout } = await runCli(["score", "out", "--matrix", "new.yaml"], { cwd });
    expect(stdout).toContain("scored by new.yaml, not by the run's own scorers");
    expect(rated()).toEqual(["new.yaml", ["new"]]);
    expect((await runCli(["run", "m.yaml", "--out", "out"], { cwd })).code).toBe(0);
    expect(rated()).toEqual([null, ["own"]]);
  });
});

describe("what a simulated model knows", () => {
  it("is what the first scorer expects that states a right answer, of the matrix or of the prompt", async () => {
    const cwd = tempFolder({
      "rows.csv": `id,question,word\n${Array.from({ length: 20 }, (_, i) => `r${i},what is ${i}?,word${i} of many\n`).join("")}`,
      "mine.mjs": "export default () => 1;",
      "m.yaml": `
provider: simulator
dataset: rows.csv
prompts:
  - { id: same, user: "{{ question }}", scorers: [{ id: right, type: exact, expected: "{{ word }}" }] }
  - { id: near, user: "{{ question }}!", scorers: [{ id: right, type: rouge_l, expected: ["{{ word }}", other] }] }
grid: { model: sim/strong, temperature: 0 }
scorers: [{ id: mine, type: module, file: ./mine.mjs }, { id: short, type: length, max: 500 }]
`,
    });
    expect((await runCli(["run", "m.yaml", "--out", "out"], { cwd })).code).toBe(0);
    for (const { scores } of reports(cwd).summary.variants) expect(scores.right?.value).toBeGreaterThan(0.5);
  });
});
