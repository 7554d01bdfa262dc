import { styleText } from "node:util";
import { type Diagnostic, type Place, sortDiagnostics } from "./diagnostic.ts";
import { hideSecrets } from "./hide-secrets.ts";

export interface RenderOptions {
  /** Text of a file that a place names; null where it cannot be had, and then no frame is drawn. */
  readonly source: (file: string) => string | null;
  readonly color: boolean;
  /** Columns that the line of a code frame may take; null or absent is 170. */
  readonly width?: number | null;
}

const tone = { error: "red", warning: "yellow", notice: "cyan" } as const;
const usualWidth = 170;
/** What stands before a line of a code frame, and `…` at both of its ends. */
const besideLine = 10;
const narrowestLine = 20;

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
  const where = place === undefined ? "" : `${placeText(place)}: `;
  const word = diagnostic.severity === "error" ? "" : `${diagnostic.severity}: `;
  const lines = [
    `${paint("bold", where)}${paint(tone[diagnostic.severity], word + clean(diagnostic.message))} ${paint("dim", `[${diagnostic.code}]`)}`,
  ];
  if (place !== undefined)
    lines.push(...frame(place, options, (text) => paint(tone[diagnostic.severity], text)));
  if (diagnostic.related !== undefined) {
    lines.push(`   and: ${placeText(diagnostic.related)}`);
  }
  if (diagnostic.hint !== undefined) lines.push(`   ${paint("bold", "hint:")} ${clean(diagnostic.hint)}`);
  return lines.join("\n");
}

function placeText({ file, line, column }: Place): string {
  return line === 0 ? clean(file) : `${clean(file)}:${line}:${column}`;
}

/** The line of a place with carets under it; a long line is cut around the place, which the carets follow in width. */
function frame(place: Place, options: RenderOptions, paint: (text: string) => string): readonly string[] {
  const text = options.source(place.file)?.split(/\r\n|\r|\n/)[place.line - 1];
  if (text === undefined) return [];
  const widestLine = Math.max(narrowestLine, (options.width ?? usualWidth) - besideLine);
  const start = Math.max(0, place.column - 1 - Math.floor(widestLine / 2));
  const cut = [start > 0 ? "…" : "", start + widestLine < text.length ? "…" : ""] as const;
  const line = clean(hideSecrets(text).slice(start, start + widestLine));
  const at = Math.min(line.length, place.column - 1 - start);
  const marked = line.slice(at, at + (place.length ?? 1));
  const gutter = String(place.line).padStart(5);
  const indent = " ".repeat(cut[0].length + displayWidth(line.slice(0, at)));
  return [
    `${gutter} | ${cut[0]}${line}${cut[1]}`,
    `${" ".repeat(5)} | ${indent}${paint("^".repeat(Math.max(1, displayWidth(marked))))}`,
  ];
}

/** Text that cannot move the cursor or turn the direction of writing: one space for each such character. */
function clean(text: string): string {
  return text.replace(/\p{Cc}|[\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, " ");
}

const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|[\u{20000}-\u{3fffd}]/u;

/** Columns that a terminal gives to a text: two for a Chinese character or an emoji, none for a combining mark. */
function displayWidth(text: string): number {
  return [...text].reduce(
    (sum, one) => sum + (wide.test(one) ? 2 : /[\p{Mn}\u200b-\u200d]/u.test(one) ? 0 : 1),
    0,
  );
}
