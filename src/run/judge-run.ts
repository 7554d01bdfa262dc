import { join } from "node:path";
import type { Summary } from "../aggregate/summary-shape.ts";
import { exitCodes } from "../errors.ts";
import { indexJournal } from "./journal-index.ts";
import { withScoring } from "./open-run.ts";
import type { Part } from "./part.ts";
import type { Prepared } from "./prepare.ts";
import type { RunContext, RunOutcome } from "./run-context.ts";
import { runFiles, writeRunFile } from "./run-directory.ts";
import type { RunFile } from "./run-file.ts";
import type { SessionEnd } from "./session.ts";
import { tooManyFailed } from "./too-many-failed.ts";
import { verdictExit } from "./verdict-exit.ts";
import { writeReports } from "./write-reports.ts";

/** A side with its `run.json`. */
export interface DescribedPart extends Part {
  readonly run: RunFile;
}

/** Writes the reports and `run.json` of both sides after a session (the candidate's gates read the base), and judges the run. */
export function finishRun(
  candidate: DescribedPart,
  base: DescribedPart | null,
  end: SessionEnd,
  strict: boolean,
  context: RunContext,
): RunOutcome {
  context.listener({ kind: "reporting" });
  if (base !== null) finishPart(base, end, context);
  const summary = finishPart(candidate, end, context);
  return {
    directory: candidate.directory,
    summary,
    ...(end.inBatches === undefined || end.inBatches === 0 ? {} : { inBatches: end.inBatches }),
    ...judgeRun(summary, candidate.prepared, end, strict || candidate.run.reports.strict === true),
  };
}

function finishPart(
  { directory, prepared, run }: DescribedPart,
  end: SessionEnd,
  context: RunContext,
): Summary {
  const { index } = indexJournal(join(directory, runFiles.journal), prepared.plan, run.set_aside > 0);
  const ended: RunFile = { ...run, status: end.status, reason: end.reason, ended_at: context.clock.wall() };
  const summary = writeReports(directory, ended, withScoring(directory, ended, prepared), index);
  writeRunFile(directory, ended);
  return summary;
}

/** The exit code of a run that ended, and why it is not 0: a signal, then what could not be finished, then the verdict. */
export function judgeRun(
  summary: Summary,
  prepared: Prepared,
  end: SessionEnd,
  strict: boolean,
): { readonly exitCode: number; readonly reason: string | null } {
  if (end.interruptedBy !== null) {
    return {
      exitCode: end.interruptedBy === "SIGTERM" ? exitCodes.terminated : exitCodes.interrupted,
      reason: end.reason,
    };
  }
  if (end.pilot === true) return judgePilot(summary, prepared);
  if (end.status === "failed" || end.status === "incomplete")
    return { exitCode: exitCodes.unfinished, reason: end.reason };
  const reason = tooManyFailed(summary.totals, prepared.config.maxFailed);
  return reason === null ? verdictExit(summary, strict) : { exitCode: exitCodes.unfinished, reason };
}

/** A pilot has no verdict; it is good where not too many of the requests that it asked failed. */
function judgePilot(
  { totals }: Summary,
  { config }: Prepared,
): { readonly exitCode: number; readonly reason: string | null } {
  const asked = { ...totals, requests: totals.answered + totals.failed };
  const reason = tooManyFailed(asked, config.maxFailed);
  return { exitCode: reason === null ? exitCodes.good : exitCodes.unfinished, reason };
}
