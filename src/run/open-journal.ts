import { existsSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { UsageError } from "../errors.ts";
import type { JournalScan } from "../journal/reader.ts";
import { plural } from "../report/number-words.ts";
import { indexJournal, JournalIndex } from "./journal-index.ts";
import type { KnownRecord } from "./known-records.ts";
import type { Prepared } from "./prepare.ts";
import { reusableAnswers, reuseDirectory, runsIn } from "./reuse.ts";
import type { RunContext, RunOptions } from "./run-context.ts";
import { readRunFile, runFiles } from "./run-directory.ts";
import type { RunFile, RunProvider } from "./run-file.ts";

/** The journal of a run that goes on: what it answers already, and where it is cut. */
export interface OpenedJournal {
  readonly index: JournalIndex;
  readonly cutAt: number | null;
  /** Records of requests that the plan does not have. */
  readonly setAside: number;
}

/** Reads the journal against the plan; says what was torn or damaged, refuses one of another plan. */
export function openJournal(
  directory: string,
  prepared: Prepared,
  earlier: RunFile | null,
  unchanged: boolean,
  options: RunOptions,
  context: RunContext,
): OpenedJournal {
  const path = join(directory, runFiles.journal);
  // A run's journal is there before its `run.json`.
  if (!existsSync(path) && earlier !== null) throw missingJournal(directory);
  if (!existsSync(path)) return { index: new JournalIndex(prepared.plan.length), cutAt: null, setAside: 0 };
  const { index, scan } = indexJournal(path, prepared.plan, !unchanged);
  if (scan.records === 0 && scan.corrupt.length > 0) throw unreadableJournal(directory, scan);
  if (scan.tornBytes > 0) {
    context.listener({
      kind: "notice",
      message: `the journal's last line was torn (${scan.tornBytes} bytes): it is cut off, its request is sent again`,
    });
  }
  for (const { line, reason } of scan.corrupt) {
    context.listener({ kind: "notice", message: `journal line ${line} is skipped: ${reason}` });
  }
  if (index.strangers > (earlier?.set_aside ?? 0) && !options.allowShrink) {
    const stranger = index.firstStranger;
    const example =
      stranger === null ? "" : `, for example row \`${stranger.row_id}\` of variant ${stranger.variant_id}`;
    throw new UsageError(
      "run/other-plan",
      `\`${directory}\` holds ${plural(index.strangers, "record")} of requests that this plan does not have${example}`,
      {
        hint: "a changed prompt or parameter makes other requests: use another `--out` (with `--reuse` to keep what is equal), or `--allow-shrink` to leave the old answers aside",
      },
    );
  }
  if (index.strangers > 0) {
    context.listener({
      kind: "notice",
      message: `${index.strangers} records of requests that the plan no longer has are left aside`,
    });
  }
  return { index, cutAt: scan.tornBytes > 0 ? scan.goodBytes : null, setAside: index.strangers };
}

/** A side of a run that may take over answers. */
export interface Taker {
  readonly prepared: Prepared;
  readonly index: JournalIndex;
  readonly providers: Readonly<Record<string, RunProvider>>;
}

/** Answers of an earlier run that serve this one, where that is asked for; else says how many there would be. */
export function findReused(
  options: RunOptions,
  { prepared, index, providers }: Taker,
  results: string,
  directory: string,
  context: RunContext,
): readonly KnownRecord[] {
  if (options.reuse !== null) {
    const from = resolve(context.workingDirectory, reuseDirectory(options.reuse, results, directory));
    const found = reusableAnswers(from, prepared, index, providers);
    if (found.length === 0)
      context.listener({
        kind: "notice",
        message: `no answer of \`${relative(context.workingDirectory, from)}\` serves this plan`,
      });
    return found;
  }
  if (options.matrix === null || index.answeredCount > 0) return [];
  const newest = runsIn(results).find(
    (candidate) => candidate !== directory && nameOf(candidate) === prepared.config.name,
  );
  if (newest === undefined || journalBytes(newest) > largestHint) return [];
  const could = reusableAnswers(newest, prepared, index, providers).length;
  if (could > 0) {
    const shown = relative(context.workingDirectory, newest);
    context.listener({
      kind: "notice",
      message: `${could} of ${prepared.plan.length} answers are in an earlier run already: \`--reuse ${shown}\` would take them`,
    });
  }
  return [];
}

/** The same for a base: from the base of the run that is reused, else from that run itself. */
export function findReusedForBase(
  options: RunOptions,
  { prepared, index, providers }: Taker,
  results: string,
  directory: string,
  context: RunContext,
): readonly KnownRecord[] {
  if (options.reuse === null) return [];
  const from = resolve(context.workingDirectory, reuseDirectory(options.reuse, results, directory));
  const { against } = readRunFile(from);
  const source = against === null ? from : join(from, against.directory);
  return reusableAnswers(source, prepared, index, providers);
}

/** Every answer of a run stands in its journal: without it there is nothing to go on with, and nothing to report. */
export function missingJournal(directory: string): UsageError {
  return new UsageError(
    "run/no-journal",
    `the journal of \`${directory}\` is gone: \`${runFiles.journal}\` held every answer`,
    {
      hint: "put it back; what is left of the answers stands in completions.jsonl. To ask anew, use another `--out`",
    },
  );
}

/** Asking everything again would be paid for twice. */
function unreadableJournal(directory: string, { corrupt }: JournalScan): UsageError {
  const [first] = corrupt;
  return new UsageError(
    "run/damaged-journal",
    `no line of the journal of \`${directory}\` can be read (line ${first?.line}: ${first?.reason})`,
    { hint: "put a copy back that nothing has changed; to ask anew, use another `--out`" },
  );
}

/** A journal larger than this is not read for a mere hint. */
const largestHint = 64 * 1024 * 1024;

function journalBytes(directory: string): number {
  return statSync(join(directory, runFiles.journal), { throwIfNoEntry: false })?.size ?? 0;
}

/** Name of a run; null where its `run.json` cannot be read, which is no reason to stop another run. */
function nameOf(directory: string): string | null {
  try {
    return readRunFile(directory).name;
  } catch {
    return null;
  }
}
