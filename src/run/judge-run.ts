import { join } from "node:path";
import type { Summary } from "../aggregate/summary-shape.ts";
import { exitCodes } from "../errors.ts";
import { indexJournal } from "./journal-index.ts";
import type { Prepared } from "./prepare.ts";
import { withScoring } from "./rebuild.ts";
import type { RunContext, RunOutcome } from "./run-context.ts";
import { runFiles, writeRunFile } from "./run-directory.ts";
import type { RunFile } from "./run-file.ts";
import type { SessionEnd } from "./session.ts";
import { writeReports } from "./write-reports.ts";

/** Writes the reports and `run.json` after a session, and judges the run. */
export function finishRun(
  directory: string,
  run: RunFile,
  prepared: Prepared,
  end: SessionEnd,
  context: RunContext,
): RunOutcome {
  context.listener({ kind: "reporting" });
  const { index } = indexJournal(join(directory, runFiles.journal), prepared.plan, run.set_aside > 0);
  const ended: RunFile = { ...run, status: end.status, reason: end.reason, ended_at: context.clock.wall() };
  const summary = writeReports(directory, ended, withScoring(directory, ended, prepared), index);
  writeRunFile(directory, ended);
  return { directory, summary, ...judge(summary, prepared, end) };
}

/** The exit code of a run that ended, and why it is not 0. */
function judge(
  summary: Summary,
  prepared: Prepared,
  end: SessionEnd,
): { readonly exitCode: number; readonly reason: string | null } {
  if (end.interruptedBy !== null) {
    return {
      exitCode: end.interruptedBy === "SIGTERM" ? exitCodes.terminated : exitCodes.interrupted,
      reason: end.reason,
    };
  }
  if (end.status === "failed") return { exitCode: exitCodes.unfinished, reason: end.reason };
  const { failed, requests } = summary.totals;
  const { maxFailed } = prepared.config;
  const allowed = "share" in maxFailed ? Math.floor(maxFailed.share * requests) : maxFailed.count;
  if (failed <= allowed) return { exitCode: exitCodes.good, reason: null };
  const stated =
    "share" in maxFailed ? `${Math.round(maxFailed.share * 1e6) / 1e4}%` : String(maxFailed.count);
  return {
    exitCode: exitCodes.unfinished,
    reason: `${failed} of ${requests} requests failed, more than \`max_failed\` (${stated})`,
  };
}
