import type { PromptChange } from "../compare/comparison.ts";
import type { Paint } from "./compare-answers.ts";
import { type DiffLine, differingPart, diffLines } from "./compare-diff.ts";
import { harmless } from "./compare-words.ts";
import { excerpt } from "./compare-wrap.ts";

/** Lines of a changed prompt that are shown, and lines that one long line of it may take. */
const mostDiffLines = 30;
const mostLinesOfOne = 4;

/** How lines of a diff begin. */
export const diffSigns = { same: " ", removed: "-", added: "+" } as const;

/** A line of a diff that is shown, made harmless; with `skipped`, the words for what is left out. */
export interface ShownDiffLine {
  readonly kind: "same" | "removed" | "added" | "skipped";
  readonly text: string;
}

/** A changed prompt: what was removed and added, line by line. Each line begins with `│`. */
export function renderPromptChange(change: PromptChange, width: number, paint: Paint): string {
  const heading = paint("bold", `prompt ${harmless(change.prompt_id)} changed`);
  const body = promptDiff(change, width - 6).map(({ kind, text }) => {
    if (kind === "skipped") return paint("dim", `  │ ${text}`);
    const line = `  │ ${diffSigns[kind]} ${text}`.trimEnd();
    return kind === "same" ? line : paint(kind === "removed" ? "red" : "green", line);
  });
  return [heading, ...body].map((line) => `${line}\n`).join("");
}

/** The lines of a changed prompt, wrapped; of a long line that changed, what is around the change. */
export function promptDiff(change: PromptChange, width: number): readonly ShownDiffLine[] {
  const diff = diffLines(change.base, change.candidate);
  const shown = diff.slice(0, mostDiffLines).flatMap((line, i): readonly ShownDiffLine[] => {
    if (line.kind === "skipped") return [{ kind: "skipped", text: `⋯ ${count(line.lines)} as before` }];
    const pieces = excerpt(line.text, changeIn(diff, i), width, mostLinesOfOne);
    return pieces.map(({ text }) => ({ kind: line.kind, text }));
  });
  const left = diff.length - mostDiffLines;
  return left > 0 ? [...shown, { kind: "skipped", text: `⋯ ${count(left)} more` }] : shown;
}

/** Where the change in a line begins: compared with its counterpart in the neighbouring removed or added lines. */
function changeIn(diff: readonly DiffLine[], position: number): number {
  const line = diff[position];
  if (line?.kind !== "removed" && line?.kind !== "added") return 0;
  const other = line.kind === "removed" ? "added" : "removed";
  const step = line.kind === "removed" ? 1 : -1;
  let [start, before] = [position, position];
  while (diff[start - 1]?.kind === line.kind) start--;
  while (diff[before + step]?.kind === line.kind) before += step;
  let first = before + step;
  if (step < 0) while (diff[first - 1]?.kind === other) first--;
  const counterpart = diff[first + (position - start)];
  return counterpart?.kind === other ? differingPart(line.text, counterpart.text).start : 0;
}

function count(lines: number): string {
  return `${lines} line${lines === 1 ? "" : "s"}`;
}
