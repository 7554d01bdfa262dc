/** Version of baseline files. A reader refuses what is newer. */
export const baselineVersion = 1;

/** A file that a run was made from. */
export interface InputDigest {
  /** The name it was read by. */
  readonly file: string;
  readonly sha256: string;
}

/** What a baseline file says of its run besides the outcomes. */
export interface BaselineFacts {
  readonly runId: string;
  readonly runName: string;
  /** How the run ended, in the words of `summary.json`; only `complete` is good. */
  readonly status: string;
  readonly gitRevision: string | null;
  readonly promptgridVersion: string;
  /** Provider keys whose answers were simulated; empty for a real run. */
  readonly simulated: readonly string[];
  readonly matrix: InputDigest | null;
  /** Null where the rows stand in the matrix. */
  readonly dataset: InputDigest | null;
  /** Date of the prices that costs were reckoned with; null where there were none. */
  readonly pricesDate: string | null;
}

/** How much of the answers a baseline file keeps: nothing, the first 200 characters or so, or all. */
export type KeptAnswers = "none" | "short" | "full";

/** What a quantity is called in a row of a baseline file; scores stand under `scores`. */
export function isMeasured(name: string): boolean {
  return name === "pass" || name === "cost" || /^[a-z]+_(?:ms|tokens)$/.test(name);
}
