import { existsSync } from "node:fs";
import { join } from "node:path";
import { loadMatrix } from "../config/load.ts";
import { noOverrides } from "../config/overrides.ts";
import { hasErrors } from "../diagnostics/diagnostic.ts";
import { extraTrials } from "./confirmation.ts";
import { DiagnosticsError } from "./diagnostics-error.ts";
import { indexJournal, type JournalIndex } from "./journal-index.ts";
import { keptBook } from "./kept-prices.ts";
import { missingJournal } from "./open-journal.ts";
import { type Prepared, prepare } from "./prepare.ts";
import { KeptFiles, readRunFile, runFiles } from "./run-directory.ts";
import type { RunFile } from "./run-file.ts";
import { compileScoring } from "./scoring.ts";
import { usedColumns } from "./used-columns.ts";

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
  const prepared = withScoring(directory, run, prepareKept(directory, run));
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

/** What the inputs say that a run directory keeps, with the further trials of `run`. */
export function prepareKept(directory: string, run: RunFile): Prepared {
  const files = new KeptFiles(directory, run.inputs);
  const { prepared, diagnostics } = prepare(run.matrix.file, run.matrix.overrides, files, {
    extraTrials: extraTrials(run.confirmation),
    prices: run.prices === undefined ? undefined : keptBook(run.prices),
    shard: run.shard,
    side: run.role === "against" ? "base" : run.against === null ? "alone" : "candidate",
  });
  if (prepared === null) throw new DiagnosticsError(diagnostics, files);
  return prepared;
}

/** The prepared run with the scorers of `score --matrix`, where there was one. */
export function withScoring(directory: string, run: RunFile, prepared: Prepared): Prepared {
  if (run.scoring === null) return prepared;
  const files = new KeptFiles(directory, run.scoring.inputs);
  const loaded = loadMatrix(run.scoring.file, files, noOverrides);
  if (loaded.config === null) throw new DiagnosticsError(loaded.diagnostics, files);
  const { scoring, diagnostics } = compileScoring(loaded.config, prepared.dataset, loaded.config.sources);
  if (hasErrors(diagnostics)) throw new DiagnosticsError(diagnostics, files);
  // A matrix with gates of its own judges by them; one without leaves those of the run.
  const { gates } = loaded.config.gates.length > 0 ? loaded.config : prepared.config;
  const usedVariables = usedColumns(prepared.plan, scoring, prepared.dataset);
  // Its judges may be asked elsewhere; what the run has keeps its meaning.
  const providers = { ...loaded.config.providers, ...prepared.config.providers };
  return { ...prepared, config: { ...prepared.config, gates, providers }, scoring, usedVariables };
}
