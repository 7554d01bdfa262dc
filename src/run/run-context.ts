import type { Summary } from "../aggregate/summary-shape.ts";
import type { Overrides } from "../config/overrides.ts";
import type { SharedLimits } from "../queue/shared-limits.ts";
import type { Clock } from "../system/clock.ts";
import type { BatchAsked } from "./batch-options.ts";
import type { Environment } from "./environment.ts";
import type { RunListener } from "./events.ts";
import type { ReportSettings } from "./run-file.ts";
import type { RunShard } from "./shard-share.ts";

/** What a run needs besides its files. Nothing is read from the process. */
export interface RunContext {
  readonly workingDirectory: string;
  readonly environment: Environment;
  readonly clock: Clock;
  readonly random: () => number;
  readonly pid: number;
  readonly nodeVersion: string;
  /** Aborted once to stop softly; the reason is the signal's name. */
  readonly stop: AbortSignal;
  /** Aborted to stop at once. */
  readonly kill: AbortSignal;
  readonly listener: RunListener;
  /** Where limits of a minute are shared with other processes; absent where they are not. */
  readonly sharedLimits?: SharedLimits | null;
}

export interface RunOptions {
  /** The matrix file; null resumes what `out` holds, from its own inputs. */
  readonly matrix: string | null;
  readonly overrides: Overrides;
  /** The run directory; null makes a fresh one in `results/`. */
  readonly out: string | null;
  /** An earlier run whose answers are taken over, or `latest`; null for none. */
  readonly reuse: string | null;
  readonly allowShrink: boolean;
  /** More requests than this need `yes`. */
  readonly confirmAbove: number;
  readonly yes: boolean;
  /** A git revision whose files are the other side of the run; null for none, or the one that the run has already. */
  readonly against: string | null;
  /** Nothing to compare with is an error. */
  readonly requireBaseline: boolean;
  /** Where a good run is saved as a baseline; null for nowhere. */
  readonly saveBaseline: string | null;
  /** An inconclusive verdict is no success. */
  readonly strict: boolean;
  /** What is not stated stays as the run directory says, or as the default. */
  readonly reports: Partial<ReportSettings>;
  readonly graceMs: number;
  /** A pilot: so many requests of each variant and no more; null for all of them. */
  readonly perVariant: number | null;
  /** A part of the plan; null for all of it, or for the part that the run has already. */
  readonly shard: RunShard | null;
  /** Through the provider's batch API; null for the way that the run has already, mostly directly. */
  readonly batch: BatchAsked | null;
  /** URL of the Redis through which workers ask for the run; null for this process. */
  readonly queue: string | null;
  /** Ask here what a queue was to bring, and leave what waits there. */
  readonly dropQueue: boolean;
  /** URL of the Redis through which limits of a minute are shared with other processes; null for not at all. */
  readonly sharedLimits: string | null;
}

/** How a run ended. */
export interface RunOutcome {
  readonly directory: string;
  readonly summary: Summary;
  readonly exitCode: number;
  /** Requests in batches that a provider still works on; absent for none. */
  readonly inBatches?: number;
  /** Why the exit code is not 0; null when it is. */
  readonly reason: string | null;
}

/** The settings of reports where nothing is said. */
export const defaultReports: ReportSettings = { csv_vars: "used", safe_csv: false };
