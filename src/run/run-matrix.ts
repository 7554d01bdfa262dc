import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { KeptEstimate } from "../aggregate/summary-shape.ts";
import { hasBudget } from "../config/budget.ts";
import { loadTokenCounter } from "../cost/token-counter.ts";
import { hasErrors } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/nearest.ts";
import { RunError, UsageError } from "../errors.ts";
import { shardText } from "../plan/shard.ts";
import { costWords, plural } from "../report/number-words.ts";
import { type AgainstSource, filesOf, named, readAgainst } from "./against-source.ts";
import type { BatchOptions } from "./batch-options.ts";
import { budgetCurrency, checkBudget } from "./check-budget.ts";
import { confirmSuspicions } from "./confirm-run.ts";
import { describeRun } from "./describe-run.ts";
import { DiagnosticsError } from "./diagnostics-error.ts";
import type { DirectoryLock } from "./directory-lock.ts";
import { type Environment, withDotEnv } from "./environment.ts";
import { estimatePrepared, keptEstimate } from "./estimate-run.ts";
import { type DescribedPart, finishRun } from "./judge-run.ts";
import { knownAnswers } from "./known-answers.ts";
import { demandModules } from "./module-files.ts";
import { lockDirectory, openPart, type Part, type ReadPart, readPart } from "./part.ts";
import type { Prepared } from "./prepare.ts";
import type { RunContext, RunOptions, RunOutcome } from "./run-context.ts";
import {
  beginJournal,
  freshDirectory,
  makeDirectory,
  replaceRunFile,
  runFiles,
  writeRunFile,
} from "./run-directory.ts";
import type { RunFile } from "./run-file.ts";
import { earlierRun, type RunSource, readSource } from "./run-source.ts";
import { saveAsked } from "./save-asked.ts";
import { refuseOtherFile } from "./save-baseline.ts";
import { scoreExternally } from "./score-externally.ts";
import { send, type Work } from "./send.ts";
import type { SessionEnd } from "./session.ts";
import { statesLimits } from "./shard-share.ts";
import { openSharedLimits } from "./shared-lanes.ts";
import { findShared, type SharedRequests } from "./shared-requests.ts";

/**
 * Runs a matrix, or goes on with a run: reads and checks everything, opens the run directory, sends what has no answer,
 * journals, and writes the reports; with `against` the same for the other side, in the same session. Throws
 * DiagnosticsError, UsageError or RunError; requests that fail are values.
 */
export async function runMatrix(options: RunOptions, context: RunContext): Promise<RunOutcome> {
  const target = options.out === null ? null : resolve(context.workingDirectory, options.out);
  const earlier = target === null ? null : earlierRun(target, options.matrix === null);
  const source = readSource(options, context, target, earlier);
  refusePartial(options);
  const batch = batchMode(options, earlier);
  refuseQueue(options, earlier, batch);
  refuseOpenQueue(options, earlier);
  if (options.saveBaseline !== null) refuseOtherFile(resolve(context.workingDirectory, options.saveBaseline));
  refuseUnknownColumns(source, options);
  const environment = withDotEnv(context.environment, context.workingDirectory, source.matrix);
  const limited = hasBudget(source.prepared.config.budget);
  confirmSize(requestsOf(source.prepared, options) + verdictsOf(source.prepared, options), limited, options);
  const candidate = readPart(source, earlier, environment, (found) => {
    return new DiagnosticsError([...source.diagnostics, ...found], source.files);
  });
  context.listener({ kind: "checked", diagnostics: source.diagnostics });
  const other = readAgainst(options, context, target, earlier);
  const base = other === null ? null : readBase(withPrices(other, source.prepared), environment);
  if (base === null) demandBaseline(source, options);
  else refuseBudget(source.prepared, base, other);
  const shared = base === null ? null : sharedBy(candidate, base);
  const beside = base === null ? 0 : requestsOf(base.source.prepared, options) - (shared?.count ?? 0);
  confirmSize(requestsOf(source.prepared, options) + Math.max(0, beside), limited, options);

  await demandModules(source.prepared, {
    workingDirectory: context.workingDirectory,
    directory: target,
    inputs: earlier?.inputs ?? [],
  });
  const results = join(context.workingDirectory, "results");
  const directory =
    target ?? freshDirectory(results, runName(source.prepared, options), context.clock.wall());
  const locks: DirectoryLock[] = [];
  const redis = options.sharedLimits ?? options.queue;
  const sharing = redis === null ? null : await openSharedLimits(redis, context);
  try {
    locks.push(lockDirectory(directory, context));
    const candidatePart = openPart(candidate, directory, options, context);
    if (batch === null) refuseOpenBatches(candidatePart);
    let basePart: Part | null = null;
    if (base !== null) {
      const folder = join(directory, runFiles.against);
      locks.push(lockDirectory(folder, context));
      basePart = openPart(base, folder, options, context);
    }
    const known = knownAnswers(candidatePart, basePart, shared, options, results, context);
    tellShard(source.prepared, options, earlier, context);
    const estimate = await estimateAhead(candidatePart, batch !== null, environment, context);
    const described = describe({ ...candidatePart, estimate, batch }, basePart, other, options, context);
    const ref = other?.against.ref ?? null;
    const sharedLimits = sharing?.limits ?? null;
    return await work({ ...described, ref, shared, known, environment, batch }, options, {
      ...context,
      sharedLimits,
    });
  } finally {
    await sharing?.close();
    for (const lock of locks.reverse()) lock.release();
  }
}

/** What looks at a whole run cannot be had of a part of it. */
function refusePartial({ shard, against, saveBaseline }: RunOptions): void {
  const flag = against !== null ? "against" : saveBaseline !== null ? "save-baseline" : null;
  if (shard === null || flag === null) return;
  throw new UsageError(
    "run/shard-whole",
    `\`--${flag}\` needs the whole plan, and \`--shard\` asks a part of it`,
    {
      hint:
        flag === "against"
          ? "run the revision's matrix in shards of its own and compare the merged runs, or compare with a `--baseline`"
          : "merge the shards, then `promptgrid baseline save DIR FILE`",
    },
  );
}

/** How the requests go through the batch API; null for directly. */
function batchMode({ batch, against, matrix }: RunOptions, earlier: RunFile | null): BatchOptions | null {
  const before = matrix === null ? earlier?.batch : undefined;
  const window = batch?.window ?? before?.window;
  if (window === undefined) return null;
  if (against !== null || (earlier?.against ?? null) !== null)
    throw new UsageError(
      "run/batch-against",
      "`--batch` cannot be used with `--against`: both sides are meant to be asked at the same time",
      {
        hint: "run the revision in a batch of its own and `promptgrid compare` the two, or use a `--baseline`",
      },
    );
  return { window, detach: batch?.detach === true, drop: batch?.drop === true };
}

/** What cannot go through a queue. */
function refuseQueue(
  { queue, against }: RunOptions,
  earlier: RunFile | null,
  batch: BatchOptions | null,
): void {
  const other =
    batch !== null ? "batch" : against !== null || (earlier?.against ?? null) !== null ? "against" : null;
  if (queue === null || other === null) return;
  throw new UsageError("run/queue-alone", `\`--queue\` cannot be used with \`--${other}\``, {
    hint:
      other === "batch"
        ? "a batch is the provider's own queue: leave `--queue` out"
        : "run the revision by itself and `promptgrid compare` the two, or use a `--baseline`",
  });
}

/** What workers still do, and what waits in Redis, would be bought once more. */
function refuseOpenQueue({ queue, dropQueue, out }: RunOptions, earlier: RunFile | null): void {
  if (earlier?.queue === undefined || earlier.status === "complete" || queue !== null || dropQueue) return;
  throw new UsageError(
    "run/open-queue",
    `\`${out ?? ""}\` was dealt out through ${earlier.queue}: workers may still ask it, and answers wait there`,
    { hint: "add `--queue` with that address; `--drop-queue` leaves them there and asks from here" },
  );
}

/** What a provider still works on would be bought once more. */
function refuseOpenBatches({ directory, index }: Part): void {
  const open = [...index.openBatches.values()];
  if (open.length === 0) return;
  const requests = open.reduce((sum, one) => sum + one.requests, 0);
  throw new UsageError(
    "run/open-batches",
    `${open.length === 1 ? "a batch" : plural(open.length, "batch")} with ${plural(requests, "request")} of \`${directory}\` may still be under way`,
    {
      hint: `\`promptgrid resume ${directory}\` fetches what came of it; \`--drop-batches\` gives it up`,
    },
  );
}

/** Shards of one matrix that end in one folder of results must not have one name. */
function runName({ config }: Prepared, { shard }: RunOptions): string {
  return shard === null ? config.name : `${config.name}-${shard.index}-of-${shard.count}`;
}

function tellShard(
  { plan, shard, config }: Prepared,
  options: RunOptions,
  earlier: RunFile | null,
  context: RunContext,
): void {
  const taken = options.shard ?? earlier?.shard;
  if (shard === null || taken === undefined) return;
  const part = `shard ${shardText(taken)}: ${shard.count} of ${plural(plan.length, "request")}`;
  const share = taken.limit_share === 1 ? "the whole" : `${Math.round(1_000 * taken.limit_share) / 10} %`;
  const limits =
    options.sharedLimits === null
      ? `${share} of the stated limits`
      : `the limits of a minute that all shards share, ${share} of the others`;
  const takes = [
    ...(statesLimits(config.limits) ? [limits] : []),
    ...(hasBudget(config.budget) ? [`1/${taken.count} of the budget`] : []),
  ];
  const what = takes.length === 0 ? "" : `, with ${takes.join(" and ")}`;
  context.listener({ kind: "notice", message: `${part}${what}` });
}

/** A column that does not exist is found before the run is paid for. */
function refuseUnknownColumns({ prepared }: RunSource, { reports }: RunOptions): void {
  const { columns } = prepared.dataset;
  const unknown = reports.by?.find((name) => !columns.includes(name));
  if (unknown === undefined) return;
  const close = nearest(unknown, columns);
  throw new UsageError("run/no-column", `the dataset has no column \`${unknown}\` to sum up by`, {
    hint: close === null ? `columns: ${columns.join(", ")}` : `did you mean \`${close}\`?`,
  });
}

function demandBaseline({ prepared }: RunSource, options: RunOptions): void {
  if (!options.requireBaseline || prepared.baseline !== null) return;
  const { baseline: file } = prepared.config;
  throw new UsageError(
    "baseline/required",
    file === null ? "the matrix names no baseline" : `there is no baseline \`${file}\``,
    {
      hint: "save one: `promptgrid run MATRIX --save-baseline FILE`, or compare with a revision: `--against origin/main`",
    },
  );
}

function confirmSize(requests: number, limited: boolean, options: RunOptions): void {
  if (requests <= options.confirmAbove || limited || options.yes || options.matrix === null) return;
  throw new UsageError(
    "run/confirm",
    `the matrix makes ${requests} requests, more than ${options.confirmAbove}`,
    {
      hint: "look at `promptgrid plan`; then add `--yes` or a `--budget`, or shorten it with `--limit`",
    },
  );
}

/** Verdicts that judges may be asked for, one for each answer and vote; none of a pilot. */
function verdictsOf({ plan, scoring, shard }: Prepared, { perVariant }: RunOptions): number {
  if (perVariant !== null) return 0;
  const judges = scoring.specs.filter(({ type }) => type === "judge");
  const answers = shard?.count ?? plan.length;
  return judges.reduce((sum, { options }) => sum + answers * Number(options.votes ?? 1), 0);
}

/** Requests that are wanted: of a pilot some of each variant, of a shard its own, else all. */
function requestsOf({ plan, shard }: Prepared, { perVariant }: RunOptions): number {
  if (perVariant === null) return shard?.count ?? plan.length;
  return plan.variants.reduce((sum, { requests }) => sum + Math.min(requests, perVariant), 0);
}

/** The budget holds for both sides: what it needs of one, it needs of the other. */
function refuseBudget(candidate: Prepared, base: ReadPart, other: AgainstSource | null): void {
  const found = checkBudget(candidate.config.budget, base.source.prepared, [candidate]);
  const ref = other?.against.ref ?? "";
  if (hasErrors(found))
    throw new DiagnosticsError(
      found.map((one) => named(one, ref)),
      filesOf(ref, base.source.files),
    );
}

/** Both sides are reckoned at the same prices, those of today: what is compared is the prompts. */
function withPrices(other: AgainstSource, { prices }: Prepared): AgainstSource {
  return { ...other, prepared: { ...other.prepared, prices } };
}

function readBase(other: AgainstSource, environment: Environment): ReadPart {
  const { ref } = other.against;
  return readPart(other, other.earlier, environment, (found) => {
    return new DiagnosticsError(
      found.map((one) => named(one, ref)),
      filesOf(ref, other.files),
    );
  });
}

function sharedBy(candidate: ReadPart, base: ReadPart): SharedRequests {
  const asked = ({ source, providers }: ReadPart) => ({ plan: source.prepared.plan, providers });
  return findShared(asked(candidate), asked(base));
}

/**
 * What the run is expected to use, where a budget needs its tokens counted anyway; null for others, and for a run that was
 * begun before.
 */
async function estimateAhead(
  { source, earlier }: Part,
  batch: boolean,
  environment: Environment,
  context: RunContext,
): Promise<KeptEstimate | null> {
  const { cost, tokens } = source.prepared.config.budget;
  // What is expected is reckoned for a whole plan.
  if (earlier !== null || source.prepared.shard !== null || (cost.length === 0 && tokens === null))
    return null;
  const counter = await loadTokenCounter();
  const sample = { most: 2_000, least: 20 };
  const estimate = estimatePrepared(source.prepared, null, source.files, environment, counter, sample, batch);
  const kept = keptEstimate(estimate, context.clock.wall());
  for (const message of aboveBudget(kept, source.prepared)) context.listener({ kind: "notice", message });
  return kept;
}

/** What is expected to cost more than the budget, in words: the run will end early. */
function aboveBudget({ cost }: KeptEstimate, prepared: Prepared): readonly string[] {
  return prepared.config.budget.cost.flatMap(({ amount, currency: stated }) => {
    const currency = stated ?? budgetCurrency([prepared]);
    const sum = cost.find((one) => one.currency === currency);
    if (sum === undefined || currency === null || sum.expected <= amount) return [];
    const [expected, limit] = [sum.expected, amount].map((value) =>
      costWords({ amount: value, currency, complete: true }),
    );
    return [`about ${expected} is expected, and the budget is ${limit}: the run will end early`];
  });
}

/** Writes `run.json` of both sides, the base's first: a run that names a base has one. */
function describe(
  candidate: Part & { readonly estimate: KeptEstimate | null; readonly batch: BatchOptions | null },
  base: Part | null,
  other: AgainstSource | null,
  options: RunOptions,
  context: RunContext,
): { readonly candidate: DescribedPart; readonly base: DescribedPart | null } {
  const against = other?.against ?? null;
  const written = (part: Part, role: "run" | "against"): DescribedPart => {
    const facts =
      role === "run" ? { against, revision: null } : { against: null, revision: against?.revision ?? null };
    const estimate = role === "run" ? candidate.estimate : null;
    const run = describeRun(
      { ...part, role, estimate, shard: shardFacts(part, options), batch: candidate.batch, ...facts },
      options,
      context,
    );
    if (part.earlier === null) beginJournal(part.directory);
    replaceRunFile(part.directory, run);
    return { ...part, run };
  };
  const described = base === null ? null : written(base, "against");
  return { base: described, candidate: written(candidate, "run") };
}

/** What `run.json` says of the part of the plan; null for all of it. */
function shardFacts({ prepared, earlier }: Part, options: RunOptions): RunFile["shard"] | null {
  const taken = options.shard ?? earlier?.shard;
  if (prepared.shard === null || taken === undefined) return null;
  const { index, count, limit_share } = taken;
  return { index, count, limit_share, requests: prepared.shard.count };
}

/** A session's work, with the sides' `run.json`. */
type DescribedWork = Work & { readonly candidate: DescribedPart; readonly base: DescribedPart | null };

/** Sends and reports, then once more where regressions are suspected and the matrix wants them confirmed. */
async function work(given: DescribedWork, options: RunOptions, context: RunContext): Promise<RunOutcome> {
  const parts = given.base === null ? [given.candidate] : [given.candidate, given.base];
  const started = async <T extends Part>(part: T): Promise<T> => {
    const endpoints = await part.simulators.start(part.endpoints, (error) =>
      context.listener({ kind: "notice", message: `the simulator crashed: ${error.message}` }),
    );
    return { ...part, endpoints };
  };
  try {
    const candidate = await started(given.candidate);
    const base = given.base === null ? null : await started(given.base);
    const first = { ...given, candidate, base };
    const end = await sent(first, options, context);
    const outcome = finishRun(candidate, base, end, options.strict, context);
    const second = end.status === "complete" ? confirmSuspicions(first, outcome.summary, context) : null;
    if (second === null) return saveAsked(outcome, end, options, context);
    const confirmed = await sent(second, options, context);
    const judged = finishRun(second.candidate, second.base, confirmed, options.strict, context);
    return saveAsked(judged, confirmed, options, context);
  } finally {
    await Promise.all(parts.map(({ simulators }) => simulators.close()));
  }
}

/** The whole folder was removed: its journal is back, and `run` finds a run there again. */
function restore({ directory, run }: DescribedPart): void {
  try {
    makeDirectory(directory);
    writeRunFile(directory, run);
  } catch {
    // What is wrong with the disk is told with the journal's error.
  }
}

/** Answers first; then, where all of them came, modules and judges are asked about them. A pilot is not. */
async function sendAndScore(
  given: DescribedWork,
  options: RunOptions,
  context: RunContext,
): Promise<SessionEnd> {
  const end = await send(given, options, context);
  if (end.status !== "complete" || end.diskError !== null) return end;
  const parts = given.base === null ? [given.candidate] : [given.candidate, given.base];
  return (await scoreExternally(parts, given.environment, options.graceMs, context)) ?? end;
}

async function sent(given: DescribedWork, options: RunOptions, context: RunContext): Promise<SessionEnd> {
  const end = await sendAndScore(given, options, context);
  if (end.diskError === null) return end;
  const { directory } = given.candidate;
  const isGone = !existsSync(join(directory, runFiles.run));
  for (const part of [given.candidate, given.base]) if (part !== null && isGone) restore(part);
  const { message, code } = end.diskError as NodeJS.ErrnoException;
  const kept =
    end.lost === 0
      ? "every answer that came is kept"
      : `${plural(end.lost, "answer")} that had come could not be kept`;
  const room = code === "ENOSPC" || code === "EDQUOT" ? "make room, then " : "";
  throw new RunError("run/disk", `the journal in \`${directory}\` cannot be written: ${message}`, {
    hint: `${kept}; ${room}\`promptgrid ${isGone ? `run MATRIX --out ${directory}` : `resume ${directory}`}\` goes on`,
    cause: end.diskError,
  });
}
