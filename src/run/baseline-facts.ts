import type { BaselineFacts, InputDigest } from "../compare/baseline-facts.ts";
import { inputName } from "../system/input-files.ts";
import type { Prepared } from "./prepare.ts";
import type { RunFile } from "./run-file.ts";

/** What a baseline says of a run; `status` is how its last session ended. */
export function baselineFacts(run: RunFile, prepared: Prepared, status: string): BaselineFacts {
  const { dataset } = prepared.config;
  return {
    runId: run.id,
    runName: run.name,
    status,
    gitRevision: run.git_revision,
    promptgridVersion: run.promptgrid_version,
    simulated: Object.entries(run.providers).flatMap(([key, { simulated }]) => (simulated ? [key] : [])),
    matrix: inputDigest(run, run.matrix.file),
    dataset: dataset === null ? null : inputDigest(run, dataset.path),
    pricesDate: null,
  };
}

function inputDigest(run: RunFile, file: string): InputDigest | null {
  const input = run.inputs.find(({ name }) => name === inputName(file));
  return input === undefined ? null : { file: input.name, sha256: input.sha256 };
}
