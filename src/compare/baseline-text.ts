import type { Diagnostic, Place } from "../diagnostics/diagnostic.ts";

/** A JSON object of which nothing else is known. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** What to do about a file that is damaged. */
export const saveAnew = "save it anew: `promptgrid baseline save RUN FILE`, or take it from version control";

const mostFindings = 20;
const rowStart = /^\s*\{\s*"row"\s*:/;

/** The object that a baseline file holds, or what is wrong with its text, line by line. */
export function parseBaselineText(
  text: string,
  file: string,
): { readonly value: JsonObject | null; readonly diagnostics: readonly Diagnostic[] } {
  const json = text.replace(/^\uFEFF/, "");
  const fail = (...diagnostics: Diagnostic[]): { value: null; diagnostics: readonly Diagnostic[] } => ({
    value: null,
    diagnostics,
  });
  const conflict = json.split("\n").findIndex((line) => /^(?:<{7}|>{7})(?: |\r?$)/.test(line));
  if (conflict >= 0) {
    return fail({
      code: "baseline/merge-conflict",
      severity: "error",
      message: `\`${file}\` holds a merge conflict`,
      hint: "take the file of one side whole, or save it anew from a run of the merged branch",
      place: { file, line: conflict + 1, column: 1 },
    });
  }
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    const rows = json.includes('"promptgrid_baseline"') ? damagedRows(json, file) : [];
    return rows.length > 0 ? fail(...rows) : fail(notJson(json, file, (error as Error).message));
  }
  if (isObject(value) && "promptgrid_baseline" in value) return { value, diagnostics: [] };
  return fail({
    code: "baseline/not-a-baseline",
    severity: "error",
    message: `\`${file}\` is JSON, and no baseline: it has no \`promptgrid_baseline\``,
    hint: "a baseline is what `promptgrid baseline save RUN FILE` writes",
    place: { file, line: 0, column: 0 },
  });
}

/** Finds the place of a row's line: the n-th object with a `row`, counting from 0. No line where the file was laid out anew. */
export function rowPlaces(text: string, file: string, rows: number): (position: number) => Place {
  let lines: readonly number[] | null = null;
  return (position) => {
    lines ??= text.split("\n").flatMap((line, i) => (rowStart.test(line) ? [i + 1] : []));
    const line = lines.length === rows ? (lines[position] ?? 0) : 0;
    return { file, line, column: line === 0 ? 0 : 1 };
  };
}

/** Whether a JSON value is an object, and neither a list nor null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** No more findings than a person would read. */
export function shownFindings(found: readonly Diagnostic[]): readonly Diagnostic[] {
  return found.slice(0, mostFindings);
}

function damagedRows(json: string, file: string): readonly Diagnostic[] {
  const found = json.split("\n").flatMap((line, i): readonly Diagnostic[] => {
    if (!rowStart.test(line) || isJson(line.trim().replace(/,$/, ""))) return [];
    return [
      {
        code: "baseline/bad-row",
        severity: "error",
        message: "the line of a row is damaged: it is not JSON",
        hint: saveAnew,
        place: { file, line: i + 1, column: 1 },
      },
    ];
  });
  return shownFindings(found);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function notJson(json: string, file: string, reason: string): Diagnostic {
  const at = Number(/at position (\d+)/.exec(reason)?.[1] ?? Number.NaN);
  const before = Number.isNaN(at) ? null : json.slice(0, at).split("\n");
  const early = /Unexpected end|Unterminated/.test(reason) && json.trim() !== "";
  return {
    code: "baseline/not-json",
    severity: "error",
    message:
      json.trim() === ""
        ? `\`${file}\` is empty`
        : `\`${file}\` is not JSON${early ? ": it ends too early" : ""}`,
    hint: saveAnew,
    place: {
      file,
      line: before?.length ?? 0,
      column: before === null ? 0 : (before.at(-1)?.length ?? 0) + 1,
    },
  };
}
