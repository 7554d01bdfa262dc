import { dirname, resolve } from "node:path";
import type { Diagnostic, Place } from "../diagnostics/diagnostic.ts";
import { UsageError } from "../errors.ts";
import { GitFiles } from "../system/git-files.ts";
import type { InputFiles } from "../system/input-files.ts";
import { extraTrials } from "./confirmation.ts";
import { DiagnosticsError } from "./diagnostics-error.ts";
import { prepare } from "./prepare.ts";
import type { RunContext, RunOptions } from "./run-context.ts";
import { readRunFile, runFiles } from "./run-directory.ts";
import type { RunAgainst, RunFile } from "./run-file.ts";
import { keptSource, type RunSource } from "./run-source.ts";

/** The other side of a run: what its files said at a git revision. */
export interface AgainstSource extends RunSource {
  readonly against: RunAgainst;
  /** Its `run.json` when the run goes on; null for a new one. */
  readonly earlier: RunFile | null;
}

/**
 * Reads the base of `--against`, or the one that a run has already; null where there is nothing to compare with, which is
 * said. `target` is the run directory (null for a new one), `earlier` its run. Throws DiagnosticsError for what is wrong
 * with the files of the revision, UsageError where there is no such revision or another one than before.
 */
export function readAgainst(
  options: RunOptions,
  context: RunContext,
  target: string | null,
  earlier: RunFile | null,
): AgainstSource | null {
  const known = earlier?.against ?? null;
  const before = target === null || known === null ? null : readRunFile(resolve(target, known.directory));
  if (options.matrix === null) {
    if (target === null || known === null || before === null) return null;
    return { ...keptSource(resolve(target, known.directory), before), against: known, earlier: before };
  }
  // A run that has a base keeps it, whatever its branch points to by now.
  const ref = options.against ?? known?.revision ?? null;
  if (ref === null) return null;
  const { matrix } = options;
  const files = new GitFiles({
    workingDirectory: context.workingDirectory,
    folder: resolve(context.workingDirectory, dirname(matrix)),
    ref,
  });
  const against: RunAgainst = {
    ref: options.against ?? known?.ref ?? ref,
    revision: files.revision,
    directory: runFiles.against,
  };
  if (known !== null && known.revision !== against.revision) throw otherAgainst(target ?? "", known, against);
  if (!files.has(matrix)) return nothingThere(matrix, against.ref, options, context);
  const read = prepare(matrix, options.overrides, files, {
    extraTrials: extraTrials(before?.confirmation ?? null),
    side: "base",
  });
  if (read.prepared === null)
    throw new DiagnosticsError(
      read.diagnostics.map((one) => named(one, against.ref)),
      filesOf(against.ref, files),
    );
  for (const name of files.fromDisk) {
    context.listener({
      kind: "notice",
      message: `\`${name}\` is not in ${against.ref} and git does not track it: both sides read it from the disk`,
    });
  }
  return {
    matrix,
    overrides: options.overrides,
    prepared: read.prepared,
    files,
    diagnostics: read.diagnostics,
    recorded: () => files.recorded(),
    against,
    earlier: before,
  };
}

function nothingThere(matrix: string, ref: string, options: RunOptions, context: RunContext): null {
  const message = `\`${matrix}\` does not exist in ${ref}: nothing to compare with`;
  if (options.requireBaseline)
    throw new UsageError("against/no-matrix", message, { hint: "leave out `--require-baseline`" });
  context.listener({ kind: "notice", message });
  return null;
}

function otherAgainst(directory: string, before: RunAgainst, now: RunAgainst): UsageError {
  return new UsageError(
    "run/other-against",
    `\`${directory}\` is compared with ${before.ref} at ${before.revision.slice(0, 12)}; \`${now.ref}\` is ${now.revision.slice(0, 12)} now`,
    {
      hint: `\`--against ${before.revision.slice(0, 12)}\` goes on with it; for the other revision choose another \`--out\``,
    },
  );
}

/** A finding whose places are those of the revision: `origin/main:m.yaml:3:1`. */
export function named(finding: Diagnostic, ref: string): Diagnostic {
  const { place, related } = finding;
  return {
    ...finding,
    ...(place === undefined ? { message: `in ${ref}: ${finding.message}` } : { place: at(place, ref) }),
    ...(related === undefined ? {} : { related: at(related, ref) }),
  };
}

/** Places without a line are flags. */
function at(place: Place, ref: string): Place {
  return place.line === 0 ? place : { ...place, file: `${ref}:${place.file}` };
}

/** The files under the names that `named` gives them. */
export function filesOf(ref: string, files: InputFiles): InputFiles {
  const prefix = `${ref}:`;
  return {
    read: (name) => files.read(name.startsWith(prefix) ? name.slice(prefix.length) : name),
    list: (folder) => files.list(folder),
  };
}
