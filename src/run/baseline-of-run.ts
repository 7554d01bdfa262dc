import { existsSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { encodeBaseline } from "../compare/baseline-encoder.ts";
import { UsageError } from "../errors.ts";
import type { DiskFiles } from "../system/input-files.ts";
import { baselineFacts } from "./baseline-facts.ts";
import { openRun } from "./open-run.ts";
import { runFiles } from "./run-directory.ts";
import { sideOfRun } from "./run-side.ts";

/** Everything that a gate may look at. */
const quantities: readonly string[] = [
  "latency_ms",
  "ttft_ms",
  "tpot_ms",
  "queued_ms",
  "total_ms",
  "prompt_tokens",
  "completion_tokens",
  "reasoning_tokens",
  "cached_tokens",
  "total_tokens",
  "cost",
];

/**
 * Where `--baseline` names a run directory: its outcomes as a baseline file, under the directory's name among the inputs,
 * so that the new run keeps a copy and never looks there again.
 */
export function provideRunBaseline(files: DiskFiles, name: string | null, workingDirectory: string): void {
  if (name === null) return;
  const directory = resolve(workingDirectory, name);
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() !== true) return;
  if (!existsSync(join(directory, runFiles.run)))
    throw new UsageError("baseline/not-a-run", `\`${name}\` is a folder, but no run directory`, {
      hint: "`--baseline` takes a run directory, or a file that `promptgrid baseline save` wrote",
    });
  const opened = openRun(directory);
  const side = sideOfRun(directory, opened, name, { quantities, singly: [] }, null);
  const last = opened.index.sessions.at(-1);
  const status = last?.event === "end" ? (last.status ?? "incomplete") : "incomplete";
  const facts = baselineFacts(opened.run, opened.prepared, status);
  const columns = opened.prepared.dataset.columns;
  const text = [...encodeBaseline(side, facts, { answers: "short", columns })].join("");
  files.provide(name, new TextEncoder().encode(text));
}
