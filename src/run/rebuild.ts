import { resolve } from "node:path";
import type { KeptEstimate, Summary } from "../aggregate/summary-shape.ts";
import { DirectoryLock } from "./directory-lock.ts";
import { openRun } from "./open-run.ts";
import { readRunFile, writeRunFile } from "./run-directory.ts";
import type { ReportSettings, RunFile } from "./run-file.ts";
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
export interface Base {
  readonly directory: string;
  readonly ref: string;
}

/** The base's reports come first: the candidate's gates read it. */
export function bothReports(
  directory: string,
  base: Base | null,
  reports: Partial<ReportSettings> = {},
): Rebuilt {
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
  const { base, release } = lockSides(directory, pid);
  try {
    return work(base);
  } finally {
    release();
  }
}

/** Locks the directory of a run and of its base until it is released; what is no run is not locked. */
export function lockSides(
  directory: string,
  pid: number,
): { readonly base: Base | null; readonly release: () => void } {
  const { against } = readRunFile(directory);
  const lock = new DirectoryLock(directory, pid);
  if (against === null) return { base: null, release: () => lock.release() };
  try {
    const base = { directory: resolve(directory, against.directory), ref: against.ref };
    readRunFile(base.directory);
    const other = new DirectoryLock(base.directory, pid);
    return {
      base,
      release: () => {
        other.release();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}
