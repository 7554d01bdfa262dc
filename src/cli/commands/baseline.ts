import { resolve } from "node:path";
import type { KeptAnswers } from "../../compare/baseline-facts.ts";
import { exitCodes, UsageError } from "../../errors.ts";
import { saveBaseline } from "../../run/save-baseline.ts";
import type { Flags } from "../cli.ts";
import { text } from "../flags.ts";
import type { Terminal } from "../terminal.ts";

/** `promptgrid baseline save RUN FILE`: the outcomes of a run as a small file to commit. */
export async function baselineSave(flags: Flags, terminal: Terminal): Promise<number> {
  const run = text(flags, "run") ?? "";
  const file = text(flags, "file") ?? "";
  const answers = answersOf(text(flags, "answers"));
  const saved = saveBaseline(
    resolve(terminal.workingDirectory, run),
    resolve(terminal.workingDirectory, file),
    { ...(answers === null ? {} : { answers }), force: flags.force === true },
  );
  for (const warning of saved.warnings) terminal.stderr.write(`warning: ${warning}\n`);
  const { rows, variants, bytes } = saved;
  if (flags.format === "json") {
    terminal.stdout.write(`${JSON.stringify({ file, ...saved }, null, 2)}\n`);
    return exitCodes.good;
  }
  terminal.stdout.write(
    `saved ${file}: ${count(variants, "variant")}, ${count(rows, "row")}, ${sizeWords(bytes)}, ${answerWords[saved.answers]}\n`,
  );
  if (flags.quiet !== true)
    terminal.stderr.write(`next: commit it, then promptgrid run MATRIX --baseline ${file}\n`);
  return exitCodes.good;
}

const answerWords: Readonly<Record<KeptAnswers, string>> = {
  none: "no answers",
  short: "answers shortened",
  full: "whole answers",
};

function answersOf(written: string | null): KeptAnswers | null {
  if (written === null || written === "none" || written === "short" || written === "full") return written;
  throw new UsageError("baseline/answers", `\`--answers\` cannot be \`${written}\``, {
    hint: "one of `short`, `none`, `full`",
  });
}

function count(n: number, word: string): string {
  return `${n} ${word}${n === 1 ? "" : "s"}`;
}

function sizeWords(bytes: number): string {
  return bytes < 10_000 ? `${bytes} bytes` : `${Math.round(bytes / 1_000)} kB`;
}
