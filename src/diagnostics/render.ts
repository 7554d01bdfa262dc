import { styleText } from "node:util";
import { type Diagnostic, type Place, sortDiagnostics } from "./diagnostic.ts";

export interface RenderOptions {
  /** Text of a file that a place names; null where it cannot be had, and then no frame is drawn. */
  readonly source: (file: string) => string | null;
  readonly color: boolean;
}

const tone = { error: "red", warning: "yellow", notice: "cyan" } as const;
const widestLine = 160;

/** All findings as text, sorted, each with its code frame and hint, separated by blank lines; no trailing newline. */
export function renderDiagnostics(diagnostics: readonly Diagnostic[], options: RenderOptions): string {
  return sortDiagnostics(diagnostics)
    .map((diagnostic) => renderOne(diagnostic, options))
    .join("\n\n");
}

/** `2 errors, 1 warning`; empty for none. Notices are not counted. */
export function countDiagnostics(diagnostics: readonly Diagnostic[]): string {
  const count = (severity: string, word: string): string | null => {
    const n = diagnostics.filter((diagnostic) => diagnostic.severity === severity).length;
    return n === 0 ? null : `${n} ${word}${n === 1 ? "" : "s"}`;
  };
  return [count("error", "error"), count("warning", "warning")].filter((part) => part !== null).join(", ");
}

function renderOne(diagnostic: Diagnostic, options: RenderOptions): string {
  const paint = (style: Parameters<typeof styleText>[0], text: string): string =>
    options.color ? styleText(style, text, { validateStream: false }) : text;
  const { place } = diagnostic;
  const where = place === undefined ? "" : `${place.file}:${place.line}:${place.column}: `;
  const word = diagnostic.severity === "error" ? "" : `${diagnostic.severity}: `;
  const lines = [
    `${paint("bold", where)}${paint(tone[diagnostic.severity], word + diagnostic.message)} ${paint("dim", `[${diagnostic.code}]`)}`,
  ];
  if (place !== undefined)
    lines.push(...frame(place, options, (text) => paint(tone[diagnostic.severity], text)));
  if (diagnostic.related !== undefined) {
    const { file, line, column } = diagnostic.related;
    lines.push(`   and: ${file}:${line}:${column}`);
  }
  if (diagnostic.hint !== undefined) lines.push(`   ${paint("bold", "hint:")} ${diagnostic.hint}`);
  return lines.join("\n");
}

function frame(place: Place, options: RenderOptions, paint: (text: string) => string): readonly string[] {
  const text = options.source(place.file)?.split(/\r\n|\r|\n/)[place.line - 1];
  if (text === undefined) return [];
  const start = Math.max(0, place.column - 1 - widestLine / 2);
  const shown = text.slice(start, start + widestLine).replace(/[\t\p{Cc}]/gu, " ");
  const gutter = String(place.line).padStart(5);
  const at = place.column - 1 - start;
  const length = Math.max(1, Math.min(place.length ?? 1, shown.length - at));
  return [`${gutter} | ${shown}`, `${" ".repeat(5)} | ${" ".repeat(at)}${paint("^".repeat(length))}`];
}
