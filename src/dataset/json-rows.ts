import type { Place } from "../diagnostics/diagnostic.ts";
import type { Findings } from "./findings.ts";
import { scanJson } from "./json-scan.ts";
import { isObject, keysOf, kindOf, type RawRow, type RawTable } from "./raw-table.ts";
import { TextLines } from "./text-lines.ts";

/** A JSON value with what is to be said about its text; `value` is undefined when the text is not JSON. */
export interface JsonText {
  readonly value: unknown;
  readonly fault: { readonly offset: number; readonly message: string } | null;
  /** Numbers that lose digits, by offset. */
  readonly unsafe: readonly { readonly offset: number; readonly text: string }[];
}

/** Reads a JSON text; a fault is located, which `JSON.parse` alone does not do. */
export function readJson(text: string): JsonText {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const offset = scanJson(text).fault ?? 0;
    const found = [...text.slice(offset, offset + 2)][0];
    const message =
      found === undefined
        ? "the JSON text ends too early"
        : `found ${quoted(found)} where JSON does not allow it`;
    return { value: undefined, fault: { offset, message }, unsafe: [] };
  }
  return { value, fault: null, unsafe: /\d{16}|[eE]\+?\d{3}/.test(text) ? scanJson(text).unsafe : [] };
}

function quoted(character: string): string {
  return character < " " ? "a control character" : `\`${character}\``;
}

/** Reports numbers of a JSON text that are changed by being read. */
export function reportUnsafe(
  unsafe: JsonText["unsafe"],
  place: (offset: number) => Place,
  findings: Findings,
): void {
  for (const { offset, text } of unsafe) {
    findings.warning("unsafe-number", `the number \`${text}\` is read as \`${Number(text)}\``, {
      hint: "a number holds about 16 digits; write it as text to keep them all",
      place: { ...place(offset), length: text.length },
    });
  }
}

/** Rows of a JSON Lines file: an object a line; lines without any text are skipped. */
export function readJsonLines(text: string, file: string, findings: Findings): RawTable {
  const rows: RawRow[] = [];
  const lines = text.split(/\r\n|\r|\n/);
  for (const [i, line] of lines.entries()) {
    if (line.trim() === "") continue;
    const place = (offset: number): Place => ({ file, line: i + 1, column: offset + 1 });
    const { value, fault, unsafe } = readJson(line);
    reportUnsafe(unsafe, place, findings);
    if (isObject(value)) {
      rows.push({ index: rows.length, line: i + 1, values: value });
    } else if (looksLikeOneList(line, lines)) {
      findings.error("bad-json", "found a JSON list, expected an object on each line", {
        hint: "name the file `.json` to read it as one list",
        place: place(line.indexOf("[")),
      });
      break;
    } else if (fault !== null) {
      findings.error("bad-json", fault.message, { place: place(fault.offset) });
    } else {
      findings.error("not-an-object", `found ${kindOf(value)}, expected an object`, {
        place: place(line.search(/\S/)),
      });
    }
  }
  return jsonTable(rows, (row) => ({ file, line: row.line, column: 1 }));
}

/** Whether the file is one JSON list over several lines: its first text opens one and its last closes it. */
function looksLikeOneList(line: string, lines: readonly string[]): boolean {
  const last = lines.findLast((other) => other.trim() !== "") ?? "";
  const first = lines.find((other) => other.trim() !== "");
  return line === first && line.trim().startsWith("[") && last.trim().endsWith("]");
}

/** Rows of a JSON file: one list of objects. */
export function readJsonList(text: string, file: string, findings: Findings): RawTable {
  const lines = new TextLines(file, text);
  const { value, fault, unsafe } = readJson(text);
  reportUnsafe(unsafe, (offset) => lines.at(offset), findings);
  if (fault !== null) {
    const manyObjects = /^\s*\{/.test(text) && /^\s*\{.*\}\s*$/.test(text.split("\n")[0] ?? "");
    const hint = manyObjects ? { hint: "a file with an object on each line is named `.jsonl`" } : {};
    findings.error("bad-json", fault.message, { ...hint, place: lines.at(fault.offset) });
    return jsonTable([], () => lines.at(0));
  }
  if (!Array.isArray(value)) {
    findings.error("not-a-list", `found ${kindOf(value)}, expected a list of objects`, {
      place: lines.at(text.search(/\S/)),
    });
    return jsonTable([], () => lines.at(0));
  }
  const offsets = scanJson(text).items;
  const rows: RawRow[] = [];
  value.forEach((item: unknown, index) => {
    const place = lines.at(offsets[index] ?? 0);
    if (isObject(item)) rows.push({ index, line: place.line, values: item });
    else findings.error("not-an-object", `found ${kindOf(item)}, expected an object`, { place });
  });
  return jsonTable(rows, (row) => lines.at(offsets[row.index] ?? 0));
}

function jsonTable(rows: readonly RawRow[], place: (row: RawRow) => Place): RawTable {
  return { columns: keysOf(rows), rows, place, headerPlace: () => null };
}
