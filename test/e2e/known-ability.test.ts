import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "csv-parse/sync";
import { describe, expect, it } from "vitest";
import { asksForSteps, defaultDifficulty, probabilityRight } from "../../src/simulator/models.ts";
import { runCli } from "../support/cli.ts";
import { tempFolder } from "../support/temp-folder.ts";

const folder = resolve(import.meta.dirname, "../../../shared/datasets");
const models = ["sim/strong", "sim/medium", "sim/weak"];
const trials = 2;

interface Case {
  readonly name: string;
  /** A file beside the project, or the text of one. */
  readonly dataset: string;
  readonly matrix: string;
}

const own = Array.from({ length: 120 }, (_, i) => {
  const order = { id: 1000 + i, items: [{ sku: `A-${i}`, count: (i % 7) + 1 }], paid: i % 3 === 0 };
  return `${JSON.stringify({ id: `o${i}`, text: `Order ${i}: ${i % 7} of A-${i}`, order })}\n`;
}).join("");

const cases: readonly Case[] = [
  {
    name: "tool calls (BFCL)",
    dataset: "bfcl_tool_calls.jsonl",
    matrix: `
prompts: [{ id: p, messages: "{{ messages }}" }]
parameters: { temperature: 0.7, tools: "{{ tools }}" }
scorers: [{ type: tool_call, expected: "{{ acceptable_calls }}" }]`,
  },
  {
    name: "multiple choice (BBH)",
    dataset: "bbh_multiple_choice.csv",
    matrix: `
prompts: [{ id: p, user: "{{ question }}" }]
parameters: { temperature: 0.7 }
scorers: [{ type: choice, expected: "{{ answer }}" }]`,
  },
  {
    name: "multiple choice (Chinese maths)",
    dataset: "tal_scq5k_zh.csv",
    matrix: `
prompts:
  - id: p
    user: "{{ question }}\\nA. {{ A }}\\nB. {{ B }}\\nC. {{ C }}\\nD. {{ D }}"
parameters: { temperature: 0.7 }
scorers: [{ type: choice, expected: "{{ answer }}" }]`,
  },
  {
    name: "numeric (GSM8K)",
    dataset: "gsm8k.csv",
    matrix: `
prompts: [{ id: p, user: "{{ question }}" }]
parameters: { temperature: 0.7 }
scorers: [{ type: numeric, expected: "{{ answer }}" }]`,
  },
  ...["json, expected: ", "json_fields, expected: "].map((scorer) => ({
    name: `JSON (${scorer.split(",")[0]})`,
    dataset: own,
    matrix: `
prompts: [{ id: p, user: "{{ text }}" }]
parameters: { temperature: 0.7, response_format: { type: json_object } }
scorers: [{ type: ${scorer}"{{ order }}" }]`,
  })),
];

/** What decides of a dataset's rows how likely a right answer is, as the simulated models see them. */
function circumstances(
  dataset: string,
  csv: boolean,
): readonly { readonly difficulty: number; readonly stepByStep: boolean }[] {
  const rows: readonly Readonly<Record<string, unknown>>[] = csv
    ? parse(dataset, { columns: true })
    : dataset
        .trimEnd()
        .split("\n")
        .map((text) => JSON.parse(text) as Readonly<Record<string, unknown>>);
  return rows.map((row) => {
    const stated =
      row.difficulty === undefined || row.difficulty === "" ? Number.NaN : Number(row.difficulty);
    const prompt = String(row.question ?? row.text ?? JSON.stringify(row.messages));
    return {
      difficulty: stated >= 0 && stated <= 1 ? stated : defaultDifficulty(String(row.id)),
      stepByStep: asksForSteps(prompt),
    };
  });
}

describe("the pass rate that is found is the ability that is stated, within three standard errors", () => {
  const found = cases.filter(({ dataset }) => dataset === own || existsSync(join(folder, dataset)));
  it.each(found)("$name", async ({ dataset, matrix }) => {
    const text = dataset === own ? own : readFileSync(join(folder, dataset), "utf8");
    const file = dataset.endsWith(".csv") ? "rows.csv" : "rows.jsonl";
    const cwd = tempFolder({
      [file]: text,
      "m.yaml": `provider: simulator\ndataset: { path: ${file}, id_column: id }\ngrid: { model: [${models.join(", ")}] }\ntrials: ${trials}\n${matrix.trim()}\n`,
    });
    const { code, stdout, stderr } = await runCli(["run", "m.yaml", "--out", "out", "--format", "json"], {
      cwd,
    });
    expect([code, stderr]).toEqual([0, expect.any(String)]);
    const { variants } = JSON.parse(stdout) as {
      readonly variants: readonly {
        readonly passed: number;
        readonly scored: number;
        readonly parameters: { model: string };
      }[];
    };
    const rows = circumstances(text, file.endsWith(".csv"));
    for (const { passed, scored, parameters } of variants) {
      expect(scored).toBe(rows.length * trials);
      const chances = rows.map((row) =>
        probabilityRight({ model: parameters.model, temperature: 0.7, ...row }),
      );
      const expected = trials * chances.reduce((sum, p) => sum + p, 0);
      const error = Math.sqrt(trials * chances.reduce((sum, p) => sum + p * (1 - p), 0));
      expect(passed).toBeGreaterThan(expected - 3 * error);
      expect(passed).toBeLessThan(expected + 3 * error);
    }
  });
});
