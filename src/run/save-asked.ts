import { resolve } from "node:path";
import { exitCodes, PromptgridError } from "../errors.ts";
import { plural } from "../report/number-words.ts";
import type { RunContext, RunOptions, RunOutcome } from "./run-context.ts";
import { saveBaseline } from "./save-baseline.ts";
import type { SessionEnd } from "./session.ts";

/** Saves a good run as the baseline that `--save-baseline` names. A run that is not good keeps the file as it is. */
export function saveAsked(
  outcome: RunOutcome,
  end: SessionEnd,
  options: RunOptions,
  context: RunContext,
): RunOutcome {
  const { saveBaseline: file } = options;
  if (file === null) return outcome;
  if (outcome.exitCode !== exitCodes.good) {
    const why = end.status === "complete" ? "the run is not good" : "the run is not complete";
    context.listener({ kind: "notice", message: `no baseline is saved: ${why}` });
    return outcome;
  }
  try {
    const path = resolve(context.workingDirectory, file);
    const { rows, variants, warnings } = saveBaseline(outcome.directory, path, {});
    context.listener({
      kind: "notice",
      message: `baseline saved: \`${file}\` (${plural(variants, "variant")}, ${plural(rows, "row")})`,
    });
    for (const message of warnings) context.listener({ kind: "notice", message });
    return outcome;
  } catch (error) {
    if (!(error instanceof PromptgridError)) throw error;
    return {
      ...outcome,
      exitCode: exitCodes.unfinished,
      reason: `no baseline is saved: ${error.message}`,
    };
  }
}
