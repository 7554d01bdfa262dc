import { appendFileSync, statSync } from "node:fs";
import type { Summary } from "../aggregate/summary-shape.ts";
import { stepSummary } from "../report/step-summary.ts";

/** Bytes of a step's summary: a longer file is refused as a whole. */
const mostBytes = 1_024 * 1_024;

/**
 * Appends the summary of a run to the file that `GITHUB_STEP_SUMMARY` names, within the size that GitHub takes, whatever
 * other commands of the step wrote there. Gives what stopped it, in words; null where all went well. Never throws: a
 * summary that cannot be shown is no reason to fail a run.
 */
export function appendStepSummary(summary: Summary, file: string): string | null {
  try {
    const size = sizeOf(file);
    // What stands there may end in the middle of a line.
    const gap = size > 0 ? "\n\n" : "";
    const text = stepSummary(summary, mostBytes - size - gap.length);
    if (text === "") return "no step summary is written: the file is full already";
    appendFileSync(file, `${gap}${text}`);
    return null;
  } catch (error) {
    return `no step summary is written: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Bytes of a file; 0 for one that is not there yet. */
function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
