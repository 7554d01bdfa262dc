import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../errors.ts";
import { JournalLines, scanJournal } from "../journal/reader.ts";
import type { AttemptRecord } from "../journal/record.ts";
import { bodyId } from "../plan/plan.ts";
import type { JournalIndex } from "./journal-index.ts";
import type { Prepared } from "./prepare.ts";
import { inspectDirectory, readRunFile, runFiles } from "./run-directory.ts";
import { isSameProvider, type RunFile, type RunProvider } from "./run-file.ts";
import type { ReusedAnswer } from "./session.ts";

/** The run directory that `--reuse` names: a path, or `latest` for the newest in the results folder. */
export function reuseDirectory(wanted: string, results: string, except: string): string {
  if (wanted !== "latest") return wanted;
  const found = runsIn(results).filter((directory) => directory !== except);
  const newest = found[0];
  if (newest === undefined)
    throw new UsageError("run/nothing-to-reuse", `there is no run in \`${results}\` to reuse`, {
      hint: "leave out `--reuse`",
    });
  return newest;
}

/** Run directories of a folder, the newest first (by name: they end in a UTC stamp). */
export function runsIn(results: string): readonly string[] {
  if (!existsSync(results)) return [];
  return readdirSync(results)
    .map((name) => join(results, name))
    .filter((directory) => inspectDirectory(directory) === "run")
    .sort((a, b) => stampOf(b) - stampOf(a));
}

function stampOf(directory: string): number {
  return statSync(join(directory, runFiles.run)).mtimeMs;
}

/** The answers of an earlier run that serve requests of this plan: same provider and base URL, same body, same trial. */
export function reusableAnswers(
  directory: string,
  prepared: Prepared,
  index: JournalIndex,
  providers: Readonly<Record<string, RunProvider>>,
): readonly ReusedAnswer[] {
  const run = readRunFile(directory);
  const same = sameProviders(run, providers);
  const path = join(directory, runFiles.journal);
  if (same.size === 0 || !existsSync(path)) return [];
  const known = new Map<string, { offset: number; length: number }>();
  const kept = new Set(
    run.plan.variants.filter((variant) => same.has(variant.provider)).map((variant) => variant.variant_id),
  );
  scanJournal(path, (record, offset, length) => {
    if (
      record.kind === "attempt" &&
      record.status === "ok" &&
      kept.has(record.variant_id) &&
      !known.has(record.body_id)
    ) {
      known.set(record.body_id, { offset, length });
    }
  });
  if (known.size === 0) return [];
  const lines = new JournalLines(path);
  try {
    const { plan } = prepared;
    const found: ReusedAnswer[] = [];
    for (let i = 0; i < plan.length; i++) {
      if (index.isAnswered(i)) continue;
      const request = plan.request(i);
      if (!same.has(request.variant.provider)) continue;
      const at = known.get(bodyId(request));
      if (at === undefined) continue;
      const record = lines.read(at.offset, at.length);
      if (record.kind !== "attempt") continue;
      found.push({
        index: i,
        record: asReused(
          record,
          run.id,
          request.requestId,
          request.variant.id,
          request.row.id,
          request.trial,
        ),
      });
    }
    return found;
  } finally {
    lines.close();
  }
}

/** Keys of the providers that both runs have, with the same endpoint behind them. */
function sameProviders(run: RunFile, providers: Readonly<Record<string, RunProvider>>): ReadonlySet<string> {
  const same = Object.entries(providers).filter(([key, provider]) => {
    const other = run.providers[key];
    return other !== undefined && isSameProvider(other, provider);
  });
  return new Set(same.map(([key]) => key));
}

function asReused(
  record: AttemptRecord,
  run: string,
  requestId: string,
  variantId: string,
  rowId: string,
  trial: number,
): AttemptRecord {
  return {
    ...record,
    request_id: requestId,
    variant_id: variantId,
    row_id: rowId,
    trial,
    reused_from: record.reused_from ?? run,
  };
}
