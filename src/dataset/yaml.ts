import { isMap, isScalar, isSeq, parseDocument, visit } from "yaml";
import type { Place } from "../diagnostics/diagnostic.ts";
import type { Findings } from "./findings.ts";
import { isObject, keysOf, kindOf, type RawRow, type RawTable } from "./raw-table.ts";
import { TextLines } from "./text-lines.ts";

const unsafeNumber = /^[-+]?\d{16,}$/;

/** Rows of a YAML 1.2 file (core schema, so `yes` and dates are text): one list of maps. */
export function readYamlList(text: string, file: string, findings: Findings): RawTable {
  const lines = new TextLines(file, text);
  const document = parseDocument(text, { version: "1.2", merge: true, prettyErrors: false });
  for (const problem of document.errors) {
    findings.error("bad-yaml", sentence(problem.message), { place: lines.at(problem.pos[0]) });
  }
  const empty: RawTable = { columns: [], rows: [], place: () => lines.at(0), headerPlace: () => null };
  if (document.errors.length > 0) return empty;
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 1000 });
  } catch (error) {
    findings.error("bad-yaml", sentence(error instanceof Error ? error.message : String(error)), {
      place: lines.at(0),
    });
    return empty;
  }
  const list = document.contents;
  if (value === null || value === undefined) return empty;
  if (!isSeq(list) || !Array.isArray(value)) {
    findings.error("not-a-list", `found ${kindOf(value)}, expected a list of maps`, {
      place: lines.at(list?.range?.[0] ?? 0),
    });
    return empty;
  }
  visit(list, {
    Scalar: (_, { value: read, source, range }) => {
      if (typeof read !== "number" || Number.isSafeInteger(read) || !unsafeNumber.test(source ?? "")) return;
      findings.warning("unsafe-number", `the number \`${source}\` is read as \`${read}\``, {
        hint: "a number holds about 16 digits; quote it to keep them all",
        place: { ...lines.at(range?.[0] ?? 0), length: source?.length ?? 1 },
      });
    },
  });
  const places = list.items.map((item): Place => lines.at(startOf(item)));
  const rows: RawRow[] = [];
  value.forEach((item: unknown, index) => {
    const place = places[index] ?? lines.at(0);
    if (isObject(item)) rows.push({ index, line: place.line, values: item });
    else findings.error("not-an-object", `found ${kindOf(item)}, expected a map`, { place });
  });
  return {
    columns: keysOf(rows),
    rows,
    place: (row) => places[row.index] ?? lines.at(0),
    headerPlace: () => null,
  };
}

function startOf(node: unknown): number {
  return isMap(node) || isSeq(node) || isScalar(node) ? (node.range?.[0] ?? 0) : 0;
}

function sentence(message: string): string {
  const line = (message.split("\n")[0] ?? message).replace(/\.$/, "");
  return /^[A-Z][a-z]/.test(line) ? line.charAt(0).toLowerCase() + line.slice(1) : line;
}

/**
 * The value of a YAML 1.2 core scalar that stands alone: `0.7` a number, `true`, `null` and `~` what they say, quoted
 * text its content. Whatever is not one scalar to the last character (`a: b`, `x # y`) is the text itself.
 */
export function yamlScalar(text: string): unknown {
  const trimmed = text.trim();
  if (/[\r\n]/.test(trimmed)) return trimmed;
  const document = parseDocument(trimmed, { version: "1.2", prettyErrors: false });
  const node: unknown = document.contents;
  if (document.errors.length > 0 || document.warnings.length > 0) return trimmed;
  if (node === null) return trimmed === "" ? null : trimmed;
  if (!isScalar(node) || node.tag !== undefined || node.anchor !== undefined) return trimmed;
  const [start, end] = node.range ?? [];
  return start === 0 && end === trimmed.length ? node.value : trimmed;
}
