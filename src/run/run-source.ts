import type { Overrides } from "../config/overrides.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { UsageError } from "../errors.ts";
import { DiskFiles, type RecordedInput } from "../system/input-files.ts";
import { DiagnosticsError } from "./diagnostics-error.ts";
import { type Prepared, prepare } from "./prepare.ts";
import type { RunContext, RunOptions } from "./run-context.ts";
import { inspectDirectory, KeptFiles, readRunFile } from "./run-directory.ts";
import type { RunFile } from "./run-file.ts";

/** Everything the files say, from the disk or from the run directory's own copies. */
export interface RunSource {
  readonly matrix: string;
  readonly overrides: Overrides;
  readonly prepared: Prepared;
  readonly files: DiskFiles | KeptFiles;
  readonly diagnostics: readonly Diagnostic[];
  /** What was read from the disk; null where the copies in the directory stay as they are. */
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
    const files = new KeptFiles(target, earlier.inputs);
    const read = prepare(earlier.matrix.file, earlier.matrix.overrides, files);
    if (read.prepared === null) throw new DiagnosticsError(read.diagnostics, files);
    return {
      matrix: earlier.matrix.file,
      overrides: earlier.matrix.overrides,
      prepared: read.prepared,
      files,
      diagnostics: [],
      recorded: () => null,
    };
  }
  const files = new DiskFiles(context.workingDirectory);
  const read = prepare(options.matrix, options.overrides, files);
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

/** The run that a directory holds; null for an empty one. Throws UsageError for what is neither. */
export function earlierRun(directory: string, needed: boolean): RunFile | null {
  const state = inspectDirectory(directory);
  if (state === "run" || needed) return readRunFile(directory);
  if (state === "other") {
    throw new UsageError("run/not-empty", `\`${directory}\` holds other files and no run`, {
      hint: "choose an empty folder, or one that does not exist, for `--out`",
    });
  }
  return null;
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
    JSON.stringify(earlier.matrix.overrides) === JSON.stringify(options.overrides)
  );
}
