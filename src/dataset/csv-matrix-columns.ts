import { nearest } from "../diagnostics/nearest.ts";
import { type CsvTable, cellPlace } from "./csv-table.ts";
import type { Findings } from "./findings.ts";

const plainColumns = ["id", "prompt_id", "system", "user", "prompt", "messages", "expected"];

/** Parameters people write as a column without `param.`; for hints alone. */
const parameterNames = [
  "model",
  "temperature",
  "top_p",
  "top_k",
  "min_p",
  "max_tokens",
  "stop",
  "n",
  "seed",
  "frequency_penalty",
  "presence_penalty",
  "enable_thinking",
  "thinking_budget",
  "reasoning_effort",
  "response_format",
  "tools",
  "tool_choice",
];

/** Words that other tools use for a column of this one; for hints alone. */
const otherWords: Readonly<Record<string, string>> = {
  answer: "expected",
  target: "expected",
  __expected: "expected",
  input: "user",
  question: "user",
  system_prompt: "system",
};

/** Reports columns that a CSV matrix does not have, each with what was probably meant, and those that exclude each other. */
export function checkMatrixColumns(table: CsvTable, hasDataset: boolean, findings: Findings): void {
  const { columns } = table;
  columns.forEach((name, i) => {
    const place = { ...cellPlace(table, table.header, i), length: name.length };
    const problem = columnProblem(name, hasDataset);
    if (problem !== null) findings.error(problem.code, problem.message, { hint: problem.hint, place });
  });
  if (columns.includes("user") && columns.includes("prompt")) {
    findings.error("prompt-conflict", "`user` and `prompt` are two names of one column", {
      hint: "keep `user`",
      place: { ...cellPlace(table, table.header, columns.indexOf("prompt")), length: "prompt".length },
      related: cellPlace(table, table.header, columns.indexOf("user")),
    });
  }
  if (!["user", "prompt", "messages"].some((name) => columns.includes(name)) && !findings.failed) {
    findings.error("no-prompt", "the matrix has no column `user` (or `prompt`) or `messages`", {
      hint: "one of them holds what is asked",
      place: { ...cellPlace(table, table.header, 0) },
    });
  }
}

function columnProblem(
  name: string,
  hasDataset: boolean,
): { code: string; message: string; hint: string } | null {
  if (plainColumns.includes(name)) return null;
  const bare = name.replace(/^(var|param)\./, "");
  if (bare === "")
    return { code: "unknown-column", message: `\`${name}\` names nothing`, hint: `write \`${name}name\`` };
  if (name.startsWith("param.")) {
    if (bare !== "messages") return null;
    return {
      code: "unknown-column",
      message: "`messages` is no parameter",
      hint: "the column is named `messages`",
    };
  }
  if (name.startsWith("var.")) {
    if (hasDataset) {
      return {
        code: "variable-beside-dataset",
        message: `\`${name}\` stands beside a dataset, whose rows bring the variables`,
        hint: "write the value into the prompt, or make it a column of the dataset",
      };
    }
    if (bare !== "expected") return null;
    return {
      code: "unknown-column",
      message: "`var.expected` is another name of the column `expected`",
      hint: "name it `expected`",
    };
  }
  return { code: "unknown-column", message: `unknown column \`${name}\` in a CSV matrix`, hint: meant(name) };
}

function meant(name: string): string {
  const lower = name.trim().toLowerCase();
  const variable = `a variable's column is named \`var.${name.trim()}\``;
  const parameter = parameterNames.includes(lower) ? lower : null;
  if (parameter !== null) return `did you mean \`param.${parameter}\`?`;
  const prefix = /^(vars?|params?|parameters?)[._: ](.+)$/i.exec(name.trim());
  if (prefix !== null) return `did you mean \`${/^v/i.test(name.trim()) ? "var" : "param"}.${prefix[2]}\`?`;
  const plain = plainColumns.includes(lower) ? lower : (otherWords[lower] ?? nearest(lower, plainColumns));
  if (plain !== null) return `did you mean \`${plain}\`? ${variable}`;
  const close = nearest(lower, parameterNames);
  return close === null ? variable : `did you mean \`param.${close}\`? ${variable}`;
}
