import { resolve } from "node:path";
import type { KeptEstimate, Summary } from "../aggregate/summary-shape.ts";
import { loadMatrix } from "../config/load.ts";
import { noOverrides } from "../config/overrides.ts";
import { type Diagnostic, hasErrors } from "../diagnostics/diagnostic.ts";
import { DiskFiles } from "../system/input-files.ts";
import { DiagnosticsError } from "./diagnostics-error.ts";
import { DirectoryLock } from "./directory-lock.ts";
import { openRun } from "./open-run.ts";
import { inputsOf, keepInputs, readRunFile, replaceRunFile, writeRunFile } from "./run-directory.ts";
import type { ReportSettings, RunFile } from "./run-file.ts";
import { compileScoring } from "./scoring.ts";
import { verdictExit } from "./verdict-exit.ts";
import { writeReports } from "./write-reports.ts";

/** Reports that were made again. */
export interface Rebuilt {
  readonly summary: Summary;
  readonly notices: readonly string[];
}

/**
 * Makes all reports of a run again, and those of its base; `reports` changes how they are written, for this and later
 * times. Throws UsageError while another process works in the directory.
 */
export function rebuildReports(directory: string, reports: Partial<ReportSettings>, pid: number): Rebuilt {
  return lockedSides(directory, pid, (base) => bothReports(directory, base, reports));
}

/** The base of a run: its directory, and what it is called. */
interface Base {
  readonly directory: string;
  readonly ref: string;
}

/** The base's reports come first: the candidate's gates read it. */
function bothReports(directory: string, base: Base | null, reports: Partial<ReportSettings>): Rebuilt {
  const before = base === null ? [] : makeReports(base.directory, reports).notices;
  const { summary, notices } = makeReports(directory, reports);
  return { summary, notices: [...before.map((notice) => `${base?.ref ?? ""}: ${notice}`), ...notices] };
}

/** Keeps an estimate in `run.json`, and makes the reports again that set it beside what came. */
export function keepEstimate(directory: string, estimate: KeptEstimate, pid: number): void {
  lockedSides(directory, pid, () => {
    writeRunFile(directory, { ...readRunFile(directory), estimate });
    makeReports(directory, {});
  });
}

function makeReports(directory: string, reports: Partial<ReportSettings>): Rebuilt {
  const { run, prepared, index, notices } = openRun(directory);
  const changed: RunFile = { ...run, reports: { ...run.reports, ...reports } };
  if (Object.keys(reports).length > 0) writeRunFile(directory, changed);
  return { summary: writeReports(directory, changed, prepared, index), notices };
}

/** Does some work while no other process may work in the directory of a run or of its base. */
function lockedSides<T>(directory: string, pid: number, work: (base: Base | null) => T): T {
  const { against } = readRunFile(directory); // what is no run is not locked
  return locked(directory, pid, () => {
    if (against === null) return work(null);
    const base = { directory: resolve(directory, against.directory), ref: against.ref };
    readRunFile(base.directory);
    return locked(base.directory, pid, () => work(base));
  });
}

function locked<T>(directory: string, pid: number, work: () => T): T {
  const lock = new DirectoryLock(directory, pid);
  try {
    return work();
  } finally {
    lock.release();
  }
}

/** What scoring again said: `exitCode` is that of the verdict. */
export interface Rescored extends Rebuilt {
  readonly diagnostics: readonly Diagnostic[];
  readonly exitCode: number;
  /** Why the exit code is not 0; null when it is. */
  readonly reason: string | null;
}

/**
 * Scores the answers of a run and of its base again, by the scorers of another matrix or (null) by their own, and makes
 * the reports. A base that those scorers do not fit keeps its own. With `strict` an inconclusive verdict exits 1.
 */
export function rescore(
  directory: string,
  matrix: string | null,
  workingDirectory: string,
  pid: number,
  strict = false,
): Rescored {
  return lockedSides(directory, pid, (base) => {
    const diagnostics = chooseScoring(directory, matrix, workingDirectory);
    const kept = base === null ? [] : chooseForBase(base, matrix, workingDirectory);
    const { summary, notices } = bothReports(directory, base, {});
    return {
      summary,
      notices: [...kept, ...notices],
      diagnostics,
      ...verdictExit(summary, strict || readRunFile(directory).reports.strict === true),
    };
  });
}

function chooseForBase(base: Base, matrix: string | null, workingDirectory: string): readonly string[] {
  try {
    chooseScoring(base.directory, matrix, workingDirectory);
    return [];
  } catch (error) {
    if (!(error instanceof DiagnosticsError)) throw error;
    const [problem] = error.diagnostics;
    return [`the reports of ${base.ref} keep their own scorers: ${problem?.message ?? error.message}`];
  }
}

/** Notes in `run.json` whose scorers judge from now on. */
function chooseScoring(
  directory: string,
  matrix: string | null,
  workingDirectory: string,
): readonly Diagnostic[] {
  const run = readRunFile(directory);
  if (matrix === null) {
    replaceRunFile(directory, { ...run, scoring: null });
    return [];
  }
  const files = new DiskFiles(workingDirectory);
  const loaded = loadMatrix(matrix, files, noOverrides);
  if (loaded.config === null) throw new DiagnosticsError(loaded.diagnostics, files);
  const { dataset } = openRun(directory).prepared;
  const compiled = compileScoring(loaded.config, dataset);
  const diagnostics = [...loaded.diagnostics, ...compiled.diagnostics];
  if (hasErrors(diagnostics)) throw new DiagnosticsError(diagnostics, files);
  const scoring = { file: matrix, inputs: keepInputs(resolve(directory), files.recorded(), inputsOf(run)) };
  replaceRunFile(directory, { ...run, scoring });
  return diagnostics;
}
