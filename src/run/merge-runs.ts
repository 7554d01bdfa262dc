import { copyFileSync, existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { UsageError } from "../errors.ts";
import { textId } from "../plan/canonical-json.ts";
import type { Plan } from "../plan/plan.ts";
import { type Shard, shardOf, shardText } from "../plan/shard.ts";
import { plural } from "../report/number-words.ts";
import { resolvedFacts } from "./describe-run.ts";
import { DirectoryLock, workerOf } from "./directory-lock.ts";
import { indexJournal } from "./journal-index.ts";
import { hasJudges } from "./judge-calls.ts";
import { judgeRun } from "./judge-run.ts";
import { type MergedEnd, type MergedJournal, type MergeSource, mergeJournals } from "./merged-journal.ts";
import { moduleSpecs } from "./module-files.ts";
import { missingJournal } from "./open-journal.ts";
import { prepareKept, withScoring } from "./open-run.ts";
import type { Prepared } from "./prepare.ts";
import type { RunOutcome } from "./run-context.ts";
import {
  inputsOf,
  inspectDirectory,
  makeDirectory,
  readRunFile,
  runFiles,
  writeRunFile,
} from "./run-directory.ts";
import { asksTheSame, type ReportSettings, type RunFile, type RunInput } from "./run-file.ts";
import { planOverrides } from "./run-source.ts";
import { writeReports } from "./write-reports.ts";

/** What is merged, and into what. */
export interface MergeOptions {
  readonly workingDirectory: string;
  /** Run directories of one plan, as the user named them; at least one. */
  readonly directories: readonly string[];
  /** A folder that is empty or does not exist. */
  readonly out: string;
  readonly reports: Partial<ReportSettings>;
  readonly strict: boolean;
  readonly pid: number;
}

/** A merged run, judged. */
export interface MergedRun extends RunOutcome {
  readonly notices: readonly string[];
}

type Source = MergeSource & { readonly run: RunFile };

/**
 * Makes one run of several of the same plan, mostly its shards: journals joined, every report computed anew, gates judged.
 * The sources are only read. Throws UsageError for runs of different plans, with what differs.
 */
export function mergeRuns(options: MergeOptions): MergedRun {
  const sources = options.directories.map((name) => readSource(name, options.workingDirectory));
  const [first] = sources;
  if (first === undefined) throw new Error("nothing to merge");
  for (const source of sources) refuseOtherPlan(first, source);
  const target = resolve(options.workingDirectory, options.out);
  refuseTaken(target, options.out);
  const { shard: _part, queue: _queue, ...whole } = first.run;
  const kept = prepareKept(first.directory, whole);
  const prepared = withScoring(first.directory, whole, kept);
  makeDirectory(target);
  const lock = new DirectoryLock(target, options.pid);
  try {
    for (const { file } of inputsOf(first.run)) copyFileSync(join(first.directory, file), join(target, file));
    const journal = join(target, runFiles.journal);
    const merged = mergeJournals(sources, journal, prepared.plan, (found) => endOf(sources, prepared, found));
    const run: RunFile = {
      ...whole,
      ...mergedFacts(sources),
      // A part has said what it took of limits.
      resolved: resolvedFacts(kept.config),
      status: merged.status,
      reason: merged.reason,
      reports: { ...whole.reports, ...options.reports },
      set_aside: merged.strangers,
    };
    writeRunFile(target, run);
    const { index } = indexJournal(journal, prepared.plan, false);
    const summary = writeReports(target, run, prepared, index);
    const end = { ...merged, interruptedBy: null, diskError: null, lost: 0 };
    return {
      directory: target,
      summary,
      notices: noticesOf(merged),
      ...judgeRun(summary, prepared, end, options.strict || run.reports.strict === true),
    };
  } finally {
    lock.release();
  }
}

function readSource(name: string, workingDirectory: string): Source {
  const directory = resolve(workingDirectory, name);
  const run = readRunFile(directory);
  const worker = workerOf(directory);
  if (worker !== null)
    throw new UsageError("run/locked", `another promptgrid (process ${worker}) works in \`${name}\``, {
      hint: "wait until it has ended, then merge",
    });
  if (!existsSync(join(directory, runFiles.journal))) throw missingJournal(name);
  if (run.role === "against" || run.against !== null)
    throw new UsageError(
      "run/merge-against",
      `\`${name}\` was run against a git revision: such runs are not merged`,
      {
        hint: "compare merged runs instead: `promptgrid compare BASE CANDIDATE`, or gates with a `--baseline`",
      },
    );
  return { name, directory, run };
}

function refuseTaken(target: string, out: string): void {
  const state = inspectDirectory(target);
  if (state === "empty") return;
  throw new UsageError(
    "run/not-empty",
    `\`${out}\` holds ${state === "run" ? "a run" : "other files"} already`,
    {
      hint: "merge into a folder that is empty, or does not exist yet",
    },
  );
}

/** What of a run makes answers comparable, with its name for people. */
function refuseOtherPlan(first: Source, other: Source): void {
  const found = differences(first.run, other.run);
  if (found.length === 0) return;
  throw new UsageError(
    "run/merge-plan",
    `\`${other.name}\` is a run of another plan than \`${first.name}\`: ${found.join("; ")}`,
    {
      hint: "only runs of one matrix, dataset and version are one run; others are compared: `promptgrid compare`",
    },
  );
}

function differences(one: RunFile, other: RunFile): readonly string[] {
  const found: string[] = [];
  if (one.promptgrid_version !== other.promptgrid_version)
    found.push(`promptgrid ${other.promptgrid_version}, not ${one.promptgrid_version}`);
  found.push(...inputDifferences(one.inputs, other.inputs));
  if (planOverrides(one.matrix.overrides) !== planOverrides(other.matrix.overrides))
    found.push("other flags (`--grid`, `--set`, `--limit` and the like)");
  const names = new Set([...Object.keys(one.providers), ...Object.keys(other.providers)]);
  for (const name of names) {
    const [mine, theirs] = [one.providers[name], other.providers[name]];
    if (mine === undefined || theirs === undefined || !asksTheSame(mine, theirs))
      found.push(`provider \`${name}\` is another endpoint`);
  }
  if (found.length === 0 && !isDeepStrictEqual(one.plan, other.plan)) found.push("its requests are others");
  if (!isDeepStrictEqual(one.confirmation, other.confirmation)) found.push("other confirming trials");
  const scoring = ({ scoring }: RunFile): readonly unknown[] =>
    scoring === null ? [] : [scoring.file, ...scoring.inputs.map(({ name, sha256 }) => [name, sha256])];
  if (!isDeepStrictEqual(scoring(one), scoring(other))) found.push("it was scored by another matrix since");
  return found;
}

function inputDifferences(one: readonly RunInput[], other: readonly RunInput[]): readonly string[] {
  const digests = new Map(other.map(({ name, sha256 }) => [name, sha256]));
  const known = new Set(one.map(({ name }) => name));
  return [
    ...one.flatMap(({ name, sha256 }) => {
      const theirs = digests.get(name);
      if (theirs === undefined) return [`it does not read \`${name}\``];
      return theirs === sha256 ? [] : [`\`${name}\` differs`];
    }),
    ...other.flatMap(({ name }) => (known.has(name) ? [] : [`it reads \`${name}\`, too`])),
  ];
}

/** What `run.json` says of a merged run in place of its parts. The same parts in the same order make the same bytes. */
function mergedFacts(
  sources: readonly Source[],
): Pick<RunFile, "id" | "git_revision" | "started_at" | "ended_at" | "merged_from"> {
  const runs = sources.map(({ run }) => run);
  const ids = [...new Set(runs.map(({ id }) => id))];
  const revisions = new Set(runs.map(({ git_revision }) => git_revision));
  return {
    id: textId(ids.join("\n"), 16),
    git_revision: revisions.size === 1 ? (runs[0]?.git_revision ?? null) : null,
    started_at: runs.map(({ started_at }) => started_at).sort()[0] ?? "",
    ended_at:
      runs
        .flatMap(({ ended_at }) => ended_at ?? [])
        .sort()
        .at(-1) ?? null,
    merged_from: ids,
  };
}

/** Complete where nothing is left to ask; else what is missing, shard by shard where all are parts of one kind. */
function endOf(sources: readonly Source[], prepared: Prepared, { isDecided }: MergedJournal): MergedEnd {
  const missing: number[] = [];
  for (let i = 0; i < prepared.plan.length; i++) if (!isDecided(i)) missing.push(i);
  if (missing.length > 0)
    return { status: "incomplete", reason: missingWords(sources, prepared.plan, missing) };
  const unfinished = sources.find(({ run }) => run.status !== "complete");
  // What was not scored outside could only be told by asking.
  const isExternal = moduleSpecs(prepared).length > 0 || hasJudges(prepared);
  if (unfinished === undefined || !isExternal) return { status: "complete", reason: null };
  return { status: "incomplete", reason: `\`${unfinished.name}\` did not end: scores may be missing` };
}

const mostShown = 5;

function missingWords(sources: readonly Source[], plan: Plan, missing: readonly number[]): string {
  const shards = sources.map(({ run }) => run.shard);
  const count = shards[0]?.count;
  if (count === undefined || shards.some((shard) => shard?.count !== count))
    return `${plural(missing.length, "request")} ${missing.length === 1 ? "was" : "were"} not asked`;
  const lacking = new Map<number, number>();
  for (const position of missing) {
    const index = shardOf(plan.request(position).requestId, count);
    lacking.set(index, (lacking.get(index) ?? 0) + 1);
  }
  const words = [...lacking]
    .sort(([one], [other]) => one - other)
    .map(([index, left]) => shardWords({ index, count }, left, shards));
  const more = words.length > mostShown ? [`${words.length - mostShown} more`] : [];
  return [...words.slice(0, mostShown), ...more].join(", ");
}

function shardWords(shard: Shard, left: number, given: readonly (Shard | undefined)[]): string {
  const isGiven = given.some((one) => one?.index === shard.index);
  const requests = plural(left, "request");
  return isGiven
    ? `shard ${shardText(shard)} has ${requests} without an answer`
    : `shard ${shardText(shard)} is missing (${requests})`;
}

function noticesOf({ notices, answeredTwice }: MergedJournal): readonly string[] {
  if (answeredTwice === 0) return notices;
  const what = answeredTwice === 1 ? "1 request was" : `${answeredTwice} requests were`;
  return [
    ...notices,
    `${what} answered in more than one run: the first answer is kept, the others were paid for too`,
  ];
}
