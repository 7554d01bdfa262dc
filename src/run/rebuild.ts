import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Summary } from "../aggregate/summary-shape.ts";
import { loadMatrix } from "../config/load.ts";
import { noOverrides } from "../config/overrides.ts";
import { type Diagnostic, hasErrors } from "../diagnostics/diagnostic.ts";
import { DiskFiles } from "../system/input-files.ts";
import { DiagnosticsError } from "./diagnostics-error.ts";
import { DirectoryLock } from "./directory-lock.ts";
import { indexJournal, type JournalIndex } from "./journal-index.ts";
import { missingJournal } from "./open-journal.ts";
import { type Prepared, prepare } from "./prepare.ts";
import { KeptFiles, keepInputs, readRunFile, runFiles, writeRunFile } from "./run-directory.ts";
import type { ReportSettings, RunFile } from "./run-file.ts";
import { compileScoring } from "./scoring.ts";
import { usedColumns } from "./used-columns.ts";
import { writeReports } from "./write-reports.ts";

/** What was read of a run directory: plan, scorers and journal, from its own copies alone. */
export interface OpenedRun {
  readonly run: RunFile;
  readonly prepared: Prepared;
  readonly index: JournalIndex;
  /** What was skipped or cut off in the journal, in words. */
  readonly notices: readonly string[];
}

/** Opens a run directory for reading. Throws UsageError when it is none, or when its inputs were changed. */
export function openRun(directory: string): OpenedRun {
  const run = readRunFile(directory);
  const files = new KeptFiles(directory, run.inputs);
  const read = prepare(run.matrix.file, run.matrix.overrides, files);
  if (read.prepared === null) throw new DiagnosticsError(read.diagnostics, files);
  const prepared = withScoring(directory, run, read.prepared);
  const journal = join(directory, runFiles.journal);
  if (!existsSync(journal)) throw missingJournal(directory);
  const { index, scan } = indexJournal(journal, prepared.plan, run.set_aside > 0);
  const torn =
    scan.tornBytes > 0 ? [`the journal's last line is torn (${scan.tornBytes} bytes) and is left out`] : [];
  return {
    run,
    prepared,
    index,
    notices: [
      ...torn,
      ...scan.corrupt.map(({ line, reason }) => `journal line ${line} is skipped: ${reason}`),
    ],
  };
}

/**
 * Makes all reports of a run again; `reports` changes how they are written, for this and later times. Throws UsageError
 * while another process works in the directory.
 */
export function rebuildReports(
  directory: string,
  reports: ReportSettings | null,
  pid: number,
): { readonly summary: Summary; readonly notices: readonly string[] } {
  return locked(directory, pid, () => makeReports(directory, reports));
}

function makeReports(
  directory: string,
  reports: ReportSettings | null,
): { readonly summary: Summary; readonly notices: readonly string[] } {
  const { run, prepared, index, notices } = openRun(directory);
  const changed: RunFile = reports === null ? run : { ...run, reports };
  if (reports !== null) writeRunFile(directory, changed);
  return { summary: writeReports(directory, changed, prepared, index), notices };
}

function locked<T>(directory: string, pid: number, work: () => T): T {
  readRunFile(directory); // what is no run is not locked
  const lock = new DirectoryLock(directory, pid);
  try {
    return work();
  } finally {
    lock.release();
  }
}

/** Scores the answers of a run again, by the scorers of another matrix or (null) by its own, and makes its reports. */
export function rescore(
  directory: string,
  matrix: string | null,
  workingDirectory: string,
  pid: number,
): {
  readonly summary: Summary;
  readonly diagnostics: readonly Diagnostic[];
  readonly notices: readonly string[];
} {
  return locked(directory, pid, () => scoreAgain(directory, matrix, workingDirectory));
}

function scoreAgain(
  directory: string,
  matrix: string | null,
  workingDirectory: string,
): {
  readonly summary: Summary;
  readonly diagnostics: readonly Diagnostic[];
  readonly notices: readonly string[];
} {
  const run = readRunFile(directory);
  let diagnostics: readonly Diagnostic[] = [];
  let scoring: RunFile["scoring"] = null;
  if (matrix !== null) {
    const files = new DiskFiles(workingDirectory);
    const loaded = loadMatrix(matrix, files, noOverrides);
    diagnostics = loaded.diagnostics;
    if (loaded.config === null) throw new DiagnosticsError(diagnostics, files);
    const { dataset } = openRun(directory).prepared;
    const compiled = compileScoring(loaded.config.scorers, dataset, loaded.config.scorersImplied);
    diagnostics = [...diagnostics, ...compiled.diagnostics];
    if (hasErrors(diagnostics)) throw new DiagnosticsError(diagnostics, files);
    scoring = { file: matrix, inputs: keepInputs(resolve(directory), files.recorded(), run.inputs) };
  }
  writeRunFile(directory, { ...run, scoring });
  const { summary, notices } = makeReports(directory, null);
  return { summary, diagnostics, notices };
}

/** The prepared run with the scorers of `score --matrix`, where there was one. */
export function withScoring(directory: string, run: RunFile, prepared: Prepared): Prepared {
  if (run.scoring === null) return prepared;
  const files = new KeptFiles(directory, run.scoring.inputs);
  const loaded = loadMatrix(run.scoring.file, files, noOverrides);
  if (loaded.config === null) throw new DiagnosticsError(loaded.diagnostics, files);
  const { scoring, diagnostics } = compileScoring(
    loaded.config.scorers,
    prepared.dataset,
    loaded.config.scorersImplied,
  );
  if (hasErrors(diagnostics)) throw new DiagnosticsError(diagnostics, files);
  return { ...prepared, scoring, usedVariables: usedColumns(prepared.plan, scoring, prepared.dataset) };
}
