import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../errors.ts";
import { scanOutlines } from "../journal/reader.ts";
import type { AttemptRecord } from "../journal/record.ts";
import { bodyId, type PlannedRequest } from "../plan/plan.ts";
import type { JournalIndex } from "./journal-index.ts";
import type { AnswerSource, KnownRecord } from "./known-records.ts";
import type { Prepared } from "./prepare.ts";
import { inspectDirectory, readRunFile, runFiles } from "./run-directory.ts";
import { isSameProvider, type RunFile, type RunProvider } from "./run-file.ts";

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
): readonly KnownRecord[] {
  const run = readRunFile(directory);
  const same = sameProviders(run, providers);
  const path = join(directory, runFiles.journal);
  if (same.size === 0 || !existsSync(path)) return [];
  const kept = new Set(
    run.plan.variants.filter((variant) => same.has(variant.provider)).map((variant) => variant.variant_id),
  );
  const byRequest = new Map<string, Place>();
  const byBody = new Map<string, Place[]>();
  scanOutlines(path, (record, offset, length) => {
    if (record.kind !== "attempt" || record.status !== "ok" || !kept.has(record.variant_id)) return;
    if (byRequest.has(record.request_id)) return;
    const place: Place = { offset, length, taken: false };
    byRequest.set(record.request_id, place);
    const equal = byBody.get(record.body_id);
    if (equal === undefined) byBody.set(record.body_id, [place]);
    else equal.push(place);
  });
  if (byRequest.size === 0) return [];
  const { plan } = prepared;
  const source: AnswerSource = {
    path,
    change: (record, position) => asReused(record, run.id, plan.request(position)),
  };
  const found: KnownRecord[] = [];
  const wanted = unansweredOf(prepared, index, same);
  // The very request first; then equal ones, each answer once: two draws must not become one.
  for (const position of wanted) take(position, byRequest.get(plan.request(position).requestId));
  const had = new Set(found.map(({ index: position }) => position));
  for (const position of wanted) {
    if (had.has(position)) continue;
    take(position, nextFree(byBody.get(bodyId(plan.request(position)))));
  }
  return found;

  function take(position: number, place: Place | undefined): void {
    if (place === undefined || place.taken) return;
    place.taken = true;
    found.push({ index: position, offset: place.offset, length: place.length, source });
  }
}

/** Where an answer stands in the other journal, and whether a request has it already. */
interface Place {
  readonly offset: number;
  readonly length: number;
  taken: boolean;
}

/** An answer that no request has yet, taken out of its list; what is taken already is dropped on the way. */
function nextFree(places: Place[] | undefined): Place | undefined {
  let place = places?.pop();
  while (place?.taken === true) place = places?.pop();
  return place;
}

function unansweredOf(
  { plan, shard }: Prepared,
  index: JournalIndex,
  providers: ReadonlySet<string>,
): readonly number[] {
  const positions: number[] = [];
  for (const variant of plan.variants) {
    if (!providers.has(variant.provider)) continue;
    for (let i = variant.offset; i < variant.offset + variant.requests; i++)
      if (!index.isAnswered(i) && shard?.has(i) !== false) positions.push(i);
  }
  return positions;
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
  { requestId, variant, row, trial }: PlannedRequest,
): AttemptRecord {
  return {
    ...record,
    request_id: requestId,
    variant_id: variant.id,
    row_id: row.id,
    trial,
    reused_from: record.reused_from ?? run,
  };
}
