import { randomBytes } from "node:crypto";
import { type Diagnostic, hasErrors } from "../diagnostics/diagnostic.ts";
import type { Endpoint } from "../provider/endpoint.ts";
import { describeProviders, refuseOtherEndpoints } from "./describe-run.ts";
import { DirectoryLock } from "./directory-lock.ts";
import { resolveEndpoints } from "./endpoints.ts";
import type { Environment } from "./environment.ts";
import type { JournalIndex } from "./journal-index.ts";
import { openJournal } from "./open-journal.ts";
import type { Prepared } from "./prepare.ts";
import type { RunContext, RunOptions } from "./run-context.ts";
import { makeDirectory } from "./run-directory.ts";
import type { RunFile, RunProvider } from "./run-file.ts";
import { type RunSource, sameInputs } from "./run-source.ts";
import { Simulators } from "./simulators.ts";
import { usedProviders } from "./used-providers.ts";

/** One side of a run before its directory is opened: what its files say, and where it would be sent. */
export interface ReadPart {
  readonly source: RunSource;
  readonly earlier: RunFile | null;
  readonly endpoints: ReadonlyMap<string, Endpoint>;
  readonly simulators: Simulators;
  readonly providers: Readonly<Record<string, RunProvider>>;
}

/** Finds the endpoints of a side. `refuse` makes an error of what the environment lacks. */
export function readPart(
  source: RunSource,
  earlier: RunFile | null,
  environment: Environment,
  refuse: (diagnostics: readonly Diagnostic[]) => Error,
): ReadPart {
  const { prepared, files } = source;
  const { endpoints, diagnostics } = resolveEndpoints(
    usedProviders(prepared),
    prepared.config,
    environment,
    files,
  );
  if (hasErrors(diagnostics)) throw refuse(diagnostics);
  const simulators = new Simulators(prepared, files);
  const providers = describeProviders(endpoints, simulators, source.prepared.config);
  if (earlier !== null) refuseOtherEndpoints(earlier, providers);
  return { source, earlier, endpoints, simulators, providers };
}

/** One side of a run whose directory is open: the candidate, or the base of `--against`. */
export interface Part extends ReadPart {
  /** Of the run. */
  readonly id: string;
  readonly directory: string;
  readonly prepared: Prepared;
  readonly index: JournalIndex;
  /** Length of the good part of the journal when a torn tail must be cut off; null otherwise. */
  readonly cutAt: number | null;
  /** Records of requests that the plan does not have. */
  readonly setAside: number;
}

/** Reads the journal of a side against its plan. Changes nothing. */
export function openPart(read: ReadPart, directory: string, options: RunOptions, context: RunContext): Part {
  const { source, earlier } = read;
  const unchanged = sameInputs(earlier, source.recorded(), options);
  const opened = openJournal(directory, source.prepared, earlier, unchanged, options, context);
  const id = earlier?.id ?? randomBytes(8).toString("hex");
  return { ...read, ...opened, id, directory, prepared: source.prepared };
}

/** Makes the directory of a side and locks it. */
export function lockDirectory(directory: string, context: RunContext): DirectoryLock {
  makeDirectory(directory);
  const lock = new DirectoryLock(directory, context.pid);
  if (lock.tookOver !== null) {
    context.listener({
      kind: "notice",
      message: `took over the lock of process ${lock.tookOver}, which is gone`,
    });
  }
  return lock;
}
