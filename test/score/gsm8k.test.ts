import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parse } from "csv-parse/sync";
import { expect, test } from "vitest";
import { scoreOf } from "./scored.ts";

const folder = resolve(import.meta.dirname, "../../../shared/datasets");
const solutions = resolve(folder, "gsm8k-published-solutions.jsonl");

interface Solution {
  readonly model: string;
  readonly prompt: string;
  readonly content: string;
}

test.skipIf(!existsSync(solutions))(
  "four published models are found as right as their authors flagged them",
  () => {
    const rows: readonly { question: string; answer: string }[] = parse(
      readFileSync(resolve(folder, "gsm8k-test.csv")),
      {
        columns: true,
      },
    );
    const answers = new Map(rows.map((row) => [row.question, row.answer]));
    const right: Record<string, number> = {};
    for (const line of readFileSync(solutions, "utf8").trimEnd().split("\n")) {
      const { model, prompt, content } = JSON.parse(line) as Solution;
      const score = scoreOf(content, "numeric", { expected: answers.get(prompt) });
      right[model] = (right[model] ?? 0) + (score?.value ?? Number.NaN);
    }
    expect(rows).toHaveLength(1319);
    expect(right).toEqual({
      "gsm8k/6b-finetuning": 286,
      "gsm8k/6b-verification": 515,
      "gsm8k/175b-finetuning": 458,
      "gsm8k/175b-verification": 742,
    });
  },
);
