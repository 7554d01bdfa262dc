import { withLimits } from "../config/budget.ts";
import type { Overrides } from "../config/overrides.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { UsageError } from "../errors.ts";
import { shardText } from "../plan/shard.ts";
import { DiskFiles, type InputFiles, type RecordedInput } from "../system/input-files.ts";
import { provideRunBaseline } from "./baseline-of-run.ts";
import { extraTrials } from "./confirmation.ts";
import { DiagnosticsError } from "./diagnostics-error.ts";
import { prepareKept } from "./open-run.ts";
import { type Prepared, prepare } from "./prepare.ts";
import type { RunContext, RunOptions } from "./run-context.ts";
import { inspectDirectory, KeptFiles, readRunFile } from "./run-directory.ts";
import type { RunFile } from "./run-file.ts";
import type { RunShard } from "./shard-share.ts";

/** Everything the files say, from the disk, from a git revision, or from the run directory's own copies. */
export interface RunSource {
  readonly matrix: string;
  readonly overrides: Overrides;
  readonly prepared: Prepared;
  readonly files: InputFiles;
  readonly diagnostics: readonly Diagnostic[];
  /** What was read anew; null where the copies in the directory stay as they are. */
  readonly recorded: () => readonly RecordedInput[] | null;
}

/** Reads what a run is about: the matrix on disk, or the copies in the directory it goes on with. */
export function readSource(
  options: RunOptions,
  context: RunContext,
  target: string | null,
  earlier: RunFile | null,
): RunSource {
  if (options.matrix === null) {
    if (target === null || earlier === null) throw new Error("a resume needs a directory");
    return keptSource(target, withBudget(earlier, options.overrides.budget));
  }
  if (earlier !== null) refuseOtherShard(earlier, options.shard);
  const files = new DiskFiles(context.workingDirectory);
  provideRunBaseline(files, options.overrides.baseline, context.workingDirectory);
  const read = prepare(options.matrix, options.overrides, files, {
    extraTrials: extraTrials(earlier?.confirmation ?? null),
    side: options.against === null && (earlier?.against ?? null) === null ? "alone" : "candidate",
    shard: options.shard ?? undefined,
  });
  if (read.prepared === null) throw new DiagnosticsError(read.diagnostics, files);
  return {
    matrix: options.matrix,
    overrides: options.overrides,
    prepared: read.prepared,
    files,
    diagnostics: read.diagnostics,
    recorded: () => files.recorded(),
  };
}

/** A directory keeps to its part of the plan: what another part wants is asked in a folder of its own. */
function refuseOtherShard({ shard: before }: RunFile, now: RunShard | null): void {
  const words = (shard: RunShard | null | undefined): string =>
    shard === undefined || shard === null ? "the whole plan" : `shard ${shardText(shard)}`;
  if (words(before) === words(now)) return;
  throw new UsageError(
    "run/other-shard",
    `the directory holds ${words(before)}, and ${words(now)} is asked for`,
    {
      hint: "give each shard an `--out` of its own; `promptgrid resume` goes on with the one that is there",
    },
  );
}

/** What a run directory's own copies say. */
export function keptSource(directory: string, run: RunFile): RunSource {
  return {
    matrix: run.matrix.file,
    overrides: run.matrix.overrides,
    prepared: prepareKept(directory, run),
    files: new KeptFiles(directory, run.inputs),
    diagnostics: [],
    recorded: () => null,
  };
}

/** The run with what `resume --budget` states in place of those limits that it had. */
function withBudget(run: RunFile, budget: Overrides["budget"]): RunFile {
  if (budget === null) return run;
  const before = run.matrix.overrides.budget ?? {};
  const overrides = { ...run.matrix.overrides, budget: withLimits(before, budget) };
  return { ...run, matrix: { ...run.matrix, overrides } };
}

/** The run that a directory holds; null for an empty one. Throws UsageError for what is neither. */
export function earlierRun(directory: string, needed: boolean): RunFile | null {
  const state = inspectDirectory(directory);
  if (state === "run" || needed) {
    const run = readRunFile(directory);
    if (run.role !== "against") return run;
    throw new UsageError("run/is-base", `\`${directory}\` is the base that another run is compared with`, {
      hint: "it goes on together with that run: name the folder above",
    });
  }
  if (state === "other") {
    throw new UsageError("run/not-empty", `\`${directory}\` holds other files and no run`, {
      hint: "choose an empty folder, or one that does not exist, for `--out`",
    });
  }
  return null;
}

/** What of the overrides shapes plan and verdict; a budget and how fast it may go do not. */
export function planOverrides(overrides: Overrides): string {
  return JSON.stringify({ ...overrides, budget: null, concurrency: null, rpm: null, tpm: null });
}

/** Whether a run goes on with exactly what it was started with, so that its ids need not be computed again. */
export function sameInputs(
  earlier: RunFile | null,
  recorded: readonly RecordedInput[] | null,
  options: RunOptions,
): boolean {
  if (earlier === null) return false;
  if (recorded === null) return earlier.set_aside === 0;
  const digest = (inputs: readonly { readonly name: string; readonly sha256: string }[]): string =>
    inputs
      .map((input) => `${input.name} ${input.sha256}`)
      .sort()
      .join("\n");
  return (
    earlier.set_aside === 0 &&
    digest(earlier.inputs) === digest(recorded) &&
    planOverrides(earlier.matrix.overrides) === planOverrides(options.overrides)
  );
}
