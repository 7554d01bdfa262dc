import { closeSync, existsSync, mkdirSync, openSync, readSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { encodeBaseline } from "../compare/baseline-encoder.ts";
import type { KeptAnswers } from "../compare/baseline-facts.ts";
import { missingOf } from "../compare/baseline-missing.ts";
import { flakyRows } from "../compare/flaky-rows.ts";
import { defaultMaxMissing } from "../compare/gate.ts";
import { percentWords } from "../compare/gate-words.ts";
import type { Side } from "../compare/side.ts";
import { RunError, UsageError } from "../errors.ts";
import { shardText } from "../plan/shard.ts";
import { AtomicFile } from "../system/write-atomically.ts";
import { baselineFacts } from "./baseline-facts.ts";
import type { JournalIndex } from "./journal-index.ts";
import { openRun } from "./open-run.ts";
import type { RunFile } from "./run-file.ts";
import { quantitiesOf, sideOfRun } from "./run-side.ts";

/** How a baseline is saved. */
export interface SaveOptions {
  /** What is kept of the answers; by default `short` for up to 2 000 rows × variants, `none` for more. */
  readonly answers?: KeptAnswers;
  /** Saves a run that is not good, too. */
  readonly force?: boolean;
}

/** What was saved. */
export interface SavedBaseline {
  readonly rows: number;
  readonly variants: number;
  readonly bytes: number;
  readonly answers: KeptAnswers;
  readonly warnings: readonly string[];
}

/** Kept of every run, besides pass, scores and what its gates look at. */
const quantities = ["latency_ms", "ttft_ms", "prompt_tokens", "completion_tokens", "cost"] as const;

const mostShortAnswers = 2_000;

/**
 * Saves the outcomes of a run as a baseline file, whole or not at all; folders above it are made, and a baseline that is
 * there is replaced. Throws UsageError for a run that is not complete or of which more than 2 % are missing (unless
 * forced), and for a file that is something else.
 */
export function saveBaseline(directory: string, file: string, options: SaveOptions = {}): SavedBaseline {
  const { run, prepared, index, notices } = openRun(directory);
  const { gates } = prepared.config;
  const wanted = quantitiesOf(gates.map(({ metric }) => metric));
  const measured = new Set([...quantities, ...wanted.quantities.filter((name) => name !== "failed")]);
  const opened = { run, prepared, index, notices };
  const side = sideOfRun(directory, opened, run.name, { quantities: [...measured], singly: [] }, null);
  const status = statusOf(index);
  const doubts = [...partWords(run), ...doubtsOf(side, status)];
  if (doubts.length > 0 && options.force !== true) {
    throw new UsageError("baseline/not-good", `\`${directory}\` is no good baseline: ${doubts.join("; ")}`, {
      hint: "`promptgrid resume` asks what is missing; `promptgrid baseline save --force` saves it all the same",
    });
  }
  explaining(file, () => refuseOtherFile(file));
  const size = side.rows.length * side.variants.length;
  const answers = options.answers ?? (size <= mostShortAnswers ? "short" : "none");
  const columns = [...new Set([...gates.flatMap(({ by }) => by ?? []), ...(run.reports.by ?? [])])];
  const text = encodeBaseline(side, baselineFacts(run, prepared, status), { answers, columns });
  return {
    rows: side.rows.length,
    variants: side.variants.length,
    bytes: explaining(file, () => writeText(file, text)),
    answers,
    warnings: [...notices, ...doubts, ...simulatedWords(run.providers), ...flakyWords(side)],
  };
}

/** How the last session of a run ended; a run that was killed is incomplete. */
function statusOf({ sessions }: JournalIndex): string {
  const last = sessions.at(-1);
  return last?.event === "end" ? (last.status ?? "incomplete") : "incomplete";
}

function partWords({ shard }: RunFile): readonly string[] {
  return shard === undefined ? [] : [`it is shard ${shardText(shard)} of a plan`];
}

function doubtsOf(side: Side, status: string): readonly string[] {
  const { share, missing, requests } = missingOf(side);
  return [
    ...(status === "complete" ? [] : [`the run is ${status}`]),
    ...(share > defaultMaxMissing
      ? [
          `${missing} of ${requests} requests are missing (${percentWords(share)}, at most ${percentWords(defaultMaxMissing)})`,
        ]
      : []),
  ];
}

function simulatedWords(
  providers: Readonly<Record<string, { readonly simulated: boolean }>>,
): readonly string[] {
  return Object.values(providers).some(({ simulated }) => simulated) ? ["its answers are simulated"] : [];
}

function flakyWords(side: Side): readonly string[] {
  return side.variants.flatMap(({ label }, i) => {
    const flaky = flakyRows(side, i);
    if (flaky.length === 0) return [];
    const shown = flaky.slice(0, 10).map(({ rowId }) => rowId);
    const more = flaky.length > shown.length ? ` and ${flaky.length - shown.length} more` : "";
    const words = flaky.length === 1 ? "row is flaky" : "rows are flaky";
    return [
      `${label}: ${flaky.length} ${words} (20 to 80 % of the answers pass): ${shown.join(", ")}${more}`,
    ];
  });
}

/** Throws UsageError unless there is nothing, an empty file, or a baseline. */
export function refuseOtherFile(file: string): void {
  const found = statSync(file, { throwIfNoEntry: false });
  if (
    found === undefined ||
    (found.isFile() && (found.size === 0 || startOf(file).includes('"promptgrid_baseline"')))
  )
    return;
  const what = found.isDirectory() ? "a folder" : "a file that is no baseline";
  throw new UsageError("baseline/other-file", `\`${file}\` is ${what}`, {
    hint: "give another name, such as `baselines/main.json`: only a baseline is overwritten",
  });
}

function startOf(file: string): string {
  const fd = openSync(file, "r");
  try {
    const bytes = Buffer.alloc(4_096);
    return bytes.toString("utf8", 0, readSync(fd, bytes, 0, bytes.length, 0));
  } finally {
    closeSync(fd);
  }
}

/** What a disk says when it is full, broken or read-only; other refusals mean that the path is wrong. */
const diskFaults: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT", "EIO", "EROFS"]);

/** Does some work on the file; what the disk refuses is said in words. */
function explaining<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof UsageError || code === undefined) throw error;
    const message = `cannot write the baseline \`${file}\`: ${(error as Error).message}`;
    if (diskFaults.has(code)) throw new RunError("baseline/disk", message, { cause: error });
    throw new UsageError("baseline/write", message, { hint: "give another file", cause: error });
  }
}

function writeText(file: string, text: Iterable<string>): number {
  makeFolders(dirname(file));
  const target = new AtomicFile(file);
  let bytes = 0;
  try {
    for (const part of text) {
      target.write(part);
      bytes += Buffer.byteLength(part);
    }
    target.commit();
  } finally {
    target.discard();
  }
  return bytes;
}

/** One by one: `mkdir` with `recursive` never returns on file systems that refuse with ENOENT (`/proc`). */
function makeFolders(folder: string): void {
  if (existsSync(folder)) return;
  const above = dirname(folder);
  if (above !== folder) makeFolders(above);
  mkdirSync(folder);
}
