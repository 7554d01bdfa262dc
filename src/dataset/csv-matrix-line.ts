import { isDeepStrictEqual } from "node:util";
import type { Place } from "../diagnostics/diagnostic.ts";
import { type CsvRecord, type CsvTable, cellPlace } from "./csv-table.ts";
import { parseScalar, splitValues } from "./csv-values.ts";
import type { Findings } from "./findings.ts";
import { readJson, reportUnsafe } from "./json-rows.ts";
import { isObject, kindOf } from "./raw-table.ts";

/** What one line of a CSV matrix says, before it is known which prompt and row it is. */
export interface MatrixLine {
  readonly line: number;
  readonly place: Place;
  readonly messages: readonly unknown[];
  readonly expected: string | null;
  readonly variables: Readonly<Record<string, string>>;
  readonly parameters: Readonly<Record<string, readonly unknown[]>>;
}

/** Reads a line of a CSV matrix whose columns are known to be right. */
export function readMatrixLine(table: CsvTable, record: CsvRecord, findings: Findings): MatrixLine {
  const { file, columns } = table;
  const { line, cells } = record;
  const variables: [string, string][] = [];
  const parameters: [string, readonly unknown[]][] = [];
  columns.forEach((column, i) => {
    const cell = cells[i] ?? "";
    if (cell === "") return;
    const place = (): Place => cellPlace(table, record, i);
    if (column.startsWith("var.")) variables.push([column.slice("var.".length), cell]);
    if (column.startsWith("param.")) {
      const name = column.slice("param.".length);
      parameters.push([name, readParameter(cell, name, place, findings)]);
    }
  });
  return {
    line,
    place: { file, line, column: 1 },
    messages: readMessages(table, record, findings),
    expected: cellOf(table, record, "expected"),
    variables: Object.fromEntries(variables),
    parameters: Object.fromEntries(parameters),
  };
}

function cellOf({ columns }: CsvTable, { cells }: CsvRecord, column: string): string | null {
  return cells[columns.indexOf(column)] || null;
}

function readParameter(
  cell: string,
  name: string,
  place: () => Place,
  findings: Findings,
): readonly unknown[] {
  const texts = splitValues(cell, "|");
  const values: unknown[] = [];
  for (const text of texts) {
    if (texts.length > 1 && text.trim() === "" && (name !== "stop" || text === "")) {
      findings.error("empty-value", `one of the values of \`${name}\` is empty`, {
        hint: "`null` stands for: do not send; `\\|` for the character itself",
        place: place(),
      });
      continue;
    }
    const parsed = parseScalar(text, name);
    if (!parsed.ok) {
      findings.error("bad-json", parsed.problem, {
        hint: "what begins with `[` or `{` is JSON; in quotes it is text",
        place: place(),
      });
    } else if (values.some((value) => isDeepStrictEqual(value, parsed.value))) {
      findings.error("repeated-value", `\`${name}\` has the value \`${text.trim()}\` twice`, {
        hint: "for several answers to the same request use `trials`",
        place: place(),
      });
    } else {
      if (typeof parsed.value === "number" && /^\s*[-+]?\d{16,}\s*$/.test(text)) {
        const unsafe = Number.isSafeInteger(parsed.value) ? [] : [{ offset: 0, text: text.trim() }];
        reportUnsafe(unsafe, place, findings);
      }
      values.push(parsed.value);
    }
  }
  return values;
}

function readMessages(table: CsvTable, record: CsvRecord, findings: Findings): readonly unknown[] {
  const system = cellOf(table, record, "system");
  const user = cellOf(table, record, "user") ?? cellOf(table, record, "prompt");
  const json = cellOf(table, record, "messages");
  const place = (column: string): Place =>
    cellPlace(table, record, Math.max(0, table.columns.indexOf(column)));
  if (json === null) {
    if (user === null) {
      findings.error("no-prompt", "the line has no prompt: `user` and `messages` are empty", {
        place: place("user"),
      });
    }
    return [
      ...(system === null ? [] : [{ role: "system", content: system }]),
      ...(user === null ? [] : [{ role: "user", content: user }]),
    ];
  }
  if (system !== null || user !== null) {
    findings.error("prompt-conflict", "the line has `messages` and also `system` or `user`", {
      hint: "`messages` is the whole conversation, the system message included",
      place: place("messages"),
    });
  }
  const { value, fault, unsafe } = readJson(json);
  reportUnsafe(unsafe, () => place("messages"), findings);
  const problem =
    fault !== null
      ? `\`messages\` is not JSON: ${fault.message}, at character ${fault.offset + 1} of the cell`
      : messagesProblem(value);
  if (problem === null) return value as readonly unknown[];
  findings.error(fault === null ? "bad-messages" : "bad-json", problem, {
    hint: 'a list such as `[{"role": "user", "content": "…"}]`, with the cell in quotes and every quote in it written twice',
    place: place("messages"),
  });
  return [];
}

function messagesProblem(value: unknown): string | null {
  if (!Array.isArray(value)) return `\`messages\` is ${kindOf(value)}, expected a list of messages`;
  if (value.length === 0) return "`messages` is an empty list";
  for (const [i, message] of value.entries()) {
    if (typeof message === "string" && /^\s*\{\{.*\}\}\s*$/s.test(message)) continue;
    if (!isObject(message))
      return `message ${i + 1} is ${kindOf(message)}, expected \`{role, content}\` or a placeholder`;
    if (typeof message.role !== "string" || message.role === "") return `message ${i + 1} has no \`role\``;
  }
  return null;
}
