import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Summary } from "../aggregate/summary-shape.ts";
import type { Overrides } from "../config/overrides.ts";
import { hasErrors } from "../diagnostics/diagnostic.ts";
import { exitCodes, RunError, UsageError } from "../errors.ts";
import type { Endpoint } from "../provider/endpoint.ts";
import type { Clock } from "../system/clock.ts";
import { gitRevision } from "../system/git-revision.ts";
import { DiskFiles, type RecordedInput } from "../system/input-files.ts";
import { packageVersion } from "../system/package-version.ts";
import { DiagnosticsError } from "./diagnostics-error.ts";
import { resolveEndpoints, shownUrl } from "./endpoints.ts";
import { type Environment, withDotEnv } from "./environment.ts";
import type { RunListener } from "./events.ts";
import { indexJournal, JournalIndex } from "./journal-index.ts";
import { planLanes } from "./lanes.ts";
import { type Prepared, prepare } from "./prepare.ts";
import { proxyFrom } from "./proxy.ts";
import { reusableAnswers, reuseDirectory, runsIn } from "./reuse.ts";
import {
  DirectoryLock,
  freshDirectory,
  inspectDirectory,
  KeptFiles,
  keepInputs,
  makeDirectory,
  readRunFile,
  runFiles,
  writeRunFile,
} from "./run-directory.ts";
import type { ReportSettings, RunFile, RunInput, RunProvider } from "./run-file.ts";
import { type ReusedAnswer, runSession, type SessionEnd } from "./session.ts";
import { Simulators } from "./simulators.ts";
import { writeReports } from "./write-reports.ts";

/** What a run needs besides its files. Nothing is read from the process. */
export interface RunContext {
  readonly workingDirectory: string;
  readonly environment: Environment;
  readonly clock: Clock;
  readonly random: () => number;
  readonly pid: number;
  readonly nodeVersion: string;
  /** Aborted once to stop softly; the reason is the signal's name. */
  readonly stop: AbortSignal;
  /** Aborted to stop at once. */
  readonly kill: AbortSignal;
  readonly listener: RunListener;
}

export interface RunOptions {
  /** The matrix file; null resumes what `out` holds, from its own inputs. */
  readonly matrix: string | null;
  readonly overrides: Overrides;
  /** The run directory; null makes a fresh one in `results/`. */
  readonly out: string | null;
  /** An earlier run whose answers are taken over, or `latest`; null for none. */
  readonly reuse: string | null;
  readonly allowShrink: boolean;
  /** More requests than this need `yes`. */
  readonly confirmAbove: number;
  readonly yes: boolean;
  /** null keeps what the run directory says, or the default. */
  readonly reports: ReportSettings | null;
  readonly graceMs: number;
}

/** How a run ended. */
export interface RunOutcome {
  readonly directory: string;
  readonly summary: Summary;
  readonly exitCode: number;
  /** Why the exit code is not 0; null when it is. */
  readonly reason: string | null;
}

/** The settings of reports where nothing is said. */
export const defaultReports: ReportSettings = { csv_vars: "used", safe_csv: false };

/**
 * Runs a matrix, or goes on with a run: reads and checks everything, opens the run directory, sends what has no answer,
 * journals, and writes the reports. Throws DiagnosticsError, UsageError or RunError; requests that fail are values.
 */
export async function runMatrix(options: RunOptions, context: RunContext): Promise<RunOutcome> {
  const results = join(context.workingDirectory, "results");
  const target = options.out === null ? null : resolve(context.workingDirectory, options.out);
  const earlier = target === null ? null : earlierRun(target, options.matrix === null);
  const source = readSource(options, context, target, earlier);
  const { prepared, files } = source;
  confirmSize(prepared, options);
  const environment = withDotEnv(context.environment, context.workingDirectory, source.matrix);
  const resolved = resolveEndpoints(prepared.plan, prepared.config, environment, files);
  if (hasErrors(resolved.diagnostics))
    throw new DiagnosticsError([...source.diagnostics, ...resolved.diagnostics], files);
  context.listener({ kind: "checked", diagnostics: source.diagnostics });
  const simulators = new Simulators(prepared, files);
  const providers = describeProviders(resolved.endpoints, simulators);
  const recorded = source.recorded();
  if (earlier !== null) refuseOtherEndpoints(earlier, providers);

  const directory = target ?? freshDirectory(results, prepared.config.name, context.clock.wall());
  makeDirectory(directory);
  const lock = new DirectoryLock(directory, context.pid);
  try {
    if (lock.tookOver !== null) {
      context.listener({
        kind: "notice",
        message: `took over the lock of process ${lock.tookOver}, which is gone`,
      });
    }
    const opened = openJournal(
      directory,
      prepared,
      earlier,
      sameInputs(earlier, recorded, options),
      options,
      context,
    );
    const reused = findReused(options, prepared, opened.index, providers, results, directory, context);
    const run = describeRun({
      options,
      context,
      prepared,
      providers,
      directory,
      earlier,
      recorded,
      source,
      shrunk: opened.shrunk,
    });
    writeRunFile(directory, run);

    const endpoints = await simulators.start(resolved.endpoints, (error) =>
      context.listener({ kind: "notice", message: `the simulator crashed: ${error.message}` }),
    );
    let end: SessionEnd;
    try {
      end = await send({
        options,
        context,
        prepared,
        directory,
        index: opened.index,
        cutAt: opened.cutAt,
        endpoints,
        simulators,
        reused,
        environment,
      });
    } finally {
      await simulators.close();
    }
    if (end.diskError !== null) {
      throw new RunError(
        "run/disk",
        `the journal in \`${directory}\` cannot be written: ${end.diskError.message}`,
        {
          hint: `every answer up to this is kept; make room, then \`promptgrid resume ${directory}\``,
          cause: end.diskError,
        },
      );
    }
    return finish(directory, run, prepared, end, context);
  } finally {
    lock.release();
  }
}

/** Everything the files say, from the disk or from the run directory's own copies. */
interface Source {
  readonly matrix: string;
  readonly overrides: Overrides;
  readonly prepared: Prepared;
  readonly files: DiskFiles | KeptFiles;
  readonly diagnostics: DiagnosticsError["diagnostics"];
  /** What was read from the disk; null where the copies in the directory stay as they are. */
  readonly recorded: () => readonly RecordedInput[] | null;
}

function readSource(
  options: RunOptions,
  context: RunContext,
  target: string | null,
  earlier: RunFile | null,
): Source {
  if (options.matrix === null) {
    if (target === null || earlier === null) throw new Error("a resume needs a directory");
    const files = new KeptFiles(target, earlier.inputs);
    const read = prepare(earlier.matrix.file, earlier.matrix.overrides, files);
    if (read.prepared === null) throw new DiagnosticsError(read.diagnostics, files);
    return {
      matrix: earlier.matrix.file,
      overrides: earlier.matrix.overrides,
      prepared: read.prepared,
      files,
      diagnostics: [],
      recorded: () => null,
    };
  }
  const files = new DiskFiles(context.workingDirectory);
  const read = prepare(options.matrix, options.overrides, files);
  if (read.prepared === null) throw new DiagnosticsError(read.diagnostics, files);
  return {
    matrix: options.matrix,
    overrides: options.overrides,
    prepared: read.prepared,
    files,
    diagnostics: read.diagnostics,
    recorded: () => files.recorded(),
  };
}

function earlierRun(directory: string, needed: boolean): RunFile | null {
  const state = inspectDirectory(directory);
  if (state === "run" || needed) return readRunFile(directory);
  if (state === "other") {
    throw new UsageError("run/not-empty", `\`${directory}\` holds other files and no run`, {
      hint: "choose an empty folder, or one that does not exist, for `--out`",
    });
  }
  return null;
}

function confirmSize(prepared: Prepared, options: RunOptions): void {
  const { length } = prepared.plan;
  if (length <= options.confirmAbove || options.yes || options.matrix === null) return;
  throw new UsageError(
    "run/confirm",
    `the matrix makes ${length} requests, more than ${options.confirmAbove}`,
    {
      hint: "look at `promptgrid plan`; then add `--yes`, or shorten it with `--limit`",
    },
  );
}

function describeProviders(
  endpoints: ReadonlyMap<string, Endpoint>,
  simulators: Simulators,
): Readonly<Record<string, RunProvider>> {
  return Object.fromEntries(
    [...endpoints].map(([key, endpoint]) => [
      key,
      {
        preset: endpoint.preset,
        base_url: simulators.describe(key) ?? shownUrl(endpoint.baseUrl),
        api_key_env: endpoint.apiKeyEnv,
        simulated: endpoint.preset === "simulator",
      },
    ]),
  );
}

function refuseOtherEndpoints(earlier: RunFile, providers: Readonly<Record<string, RunProvider>>): void {
  for (const [key, provider] of Object.entries(providers)) {
    const before = earlier.providers[key];
    if (before !== undefined && before.base_url !== provider.base_url) {
      throw new UsageError(
        "run/other-endpoint",
        `provider \`${key}\` was \`${before.base_url}\` in this run and is \`${provider.base_url}\` now`,
        {
          hint: "answers of two endpoints do not belong into one run: choose another `--out`",
        },
      );
    }
  }
}

/** Whether a run goes on with exactly what it was started with, so that its ids need not be computed again. */
function sameInputs(
  earlier: RunFile | null,
  recorded: readonly RecordedInput[] | null,
  options: RunOptions,
): boolean {
  if (earlier === null) return false;
  if (recorded === null) return !earlier.shrunk;
  const digest = (inputs: readonly { readonly name: string; readonly sha256: string }[]): string =>
    inputs
      .map((input) => `${input.name} ${input.sha256}`)
      .sort()
      .join("\n");
  return (
    !earlier.shrunk &&
    digest(earlier.inputs) === digest(recorded) &&
    JSON.stringify(earlier.matrix.overrides) === JSON.stringify(options.overrides)
  );
}

interface OpenedJournal {
  readonly index: JournalIndex;
  readonly cutAt: number | null;
  readonly shrunk: boolean;
}

function openJournal(
  directory: string,
  prepared: Prepared,
  earlier: RunFile | null,
  unchanged: boolean,
  options: RunOptions,
  context: RunContext,
): OpenedJournal {
  const path = join(directory, runFiles.journal);
  if (!existsSync(path)) return { index: new JournalIndex(prepared.plan.length), cutAt: null, shrunk: false };
  const { index, scan } = indexJournal(path, prepared.plan, !unchanged);
  if (scan.tornBytes > 0) {
    context.listener({
      kind: "notice",
      message: `the journal's last line was torn (${scan.tornBytes} bytes): it is cut off, its request is sent again`,
    });
  }
  for (const { line, reason } of scan.corrupt) {
    context.listener({ kind: "notice", message: `journal line ${line} is skipped: ${reason}` });
  }
  if (index.strangers > 0 && !options.allowShrink && earlier?.shrunk !== true) {
    const stranger = index.firstStranger;
    const example =
      stranger === null ? "" : `, for example row \`${stranger.row_id}\` of variant ${stranger.variant_id}`;
    throw new UsageError(
      "run/other-plan",
      `\`${directory}\` holds ${index.strangers} answers to requests that this plan does not have${example}`,
      {
        hint: "a changed prompt or parameter makes other requests: use another `--out` (with `--reuse` to keep what is equal), or `--allow-shrink` to leave the old answers aside",
      },
    );
  }
  return { index, cutAt: scan.tornBytes > 0 ? scan.goodBytes : null, shrunk: index.strangers > 0 };
}

function findReused(
  options: RunOptions,
  prepared: Prepared,
  index: JournalIndex,
  providers: Readonly<Record<string, RunProvider>>,
  results: string,
  directory: string,
  context: RunContext,
): readonly ReusedAnswer[] {
  if (options.reuse !== null) {
    const from = resolve(context.workingDirectory, reuseDirectory(options.reuse, results, directory));
    return reusableAnswers(from, prepared, index, providers);
  }
  if (options.matrix === null || index.answeredCount > 0) return [];
  const newest = runsIn(results).find(
    (candidate) => candidate !== directory && readRunFile(candidate).name === prepared.config.name,
  );
  if (newest === undefined) return [];
  const could = reusableAnswers(newest, prepared, index, providers).length;
  if (could > 0) {
    context.listener({
      kind: "notice",
      message: `${could} of ${prepared.plan.length} answers are in the newest run of this name already: \`--reuse latest\` would take them`,
    });
  }
  return [];
}

function describeRun(facts: {
  readonly options: RunOptions;
  readonly context: RunContext;
  readonly prepared: Prepared;
  readonly providers: Readonly<Record<string, RunProvider>>;
  readonly directory: string;
  readonly earlier: RunFile | null;
  readonly recorded: readonly RecordedInput[] | null;
  readonly source: Source;
  readonly shrunk: boolean;
}): RunFile {
  const { options, context, prepared, directory, earlier, recorded, source } = facts;
  const { plan, config } = prepared;
  const inputs: readonly RunInput[] =
    recorded === null ? (earlier?.inputs ?? []) : keepInputs(directory, recorded);
  return {
    schema_version: 1,
    id: earlier?.id ?? randomBytes(8).toString("hex"),
    name: config.name,
    promptgrid_version: packageVersion(),
    node_version: context.nodeVersion,
    git_revision: gitRevision(resolve(context.workingDirectory, dirname(source.matrix))),
    status: "running",
    reason: null,
    started_at: earlier?.started_at ?? context.clock.wall(),
    ended_at: null,
    matrix: { file: source.matrix, overrides: source.overrides },
    inputs,
    providers: facts.providers,
    plan: {
      requests: plan.length,
      rows: plan.rows.length,
      variants: plan.variants.map((variant) => ({
        variant_id: variant.id,
        variant: variant.label,
        prompt_id: variant.promptId,
        provider: variant.provider,
        parameters: variant.parameters,
        requests: variant.requests,
      })),
    },
    resolved: {
      prompts: [...new Set(config.prompts.map((prompt) => prompt.id))],
      dataset: config.dataset,
      parameters: config.parameters,
      stream: config.stream,
      trials: config.trials,
      limits: config.limits,
      timeouts: config.timeouts,
      retry: { attempts: config.retryAttempts },
      max_failed: config.maxFailed,
      scorers: config.scorers,
    },
    reports: options.reports ?? earlier?.reports ?? defaultReports,
    scoring: earlier?.scoring ?? null,
    shrunk: facts.shrunk || earlier?.shrunk === true,
  };
}

async function send(facts: {
  readonly options: RunOptions;
  readonly context: RunContext;
  readonly prepared: Prepared;
  readonly directory: string;
  readonly index: JournalIndex;
  readonly cutAt: number | null;
  readonly endpoints: ReadonlyMap<string, Endpoint>;
  readonly simulators: Simulators;
  readonly reused: readonly ReusedAnswer[];
  readonly environment: Environment;
}): Promise<SessionEnd> {
  const { context, prepared, index, reused, endpoints } = facts;
  const { plan } = prepared;
  const { lanes, concurrency } = planLanes(plan, endpoints, prepared.config.limits);
  for (const { index: position } of reused) index.markAnswered(position);
  context.listener({
    kind: "planned",
    directory: facts.directory,
    requests: plan.length,
    variants: plan.variants.length,
    rows: plan.rows.length,
    answered: index.answeredCount - reused.length,
    reused: reused.length,
    lanes: lanes.map((lane) => {
      const of = lane.variants.map((variant) => plan.variant(variant));
      const answered = of.reduce(
        (sum, variant) => sum + index.answeredIn(variant.offset, variant.requests),
        0,
      );
      return { ...lane, requests: of.reduce((sum, variant) => sum + variant.requests, 0), answered };
    }),
  });
  return runSession(
    {
      prepared,
      directory: facts.directory,
      index,
      cutAt: facts.cutAt,
      endpoints,
      lanes,
      concurrency,
      simulators: facts.simulators,
      session: randomBytes(8).toString("hex"),
      version: packageVersion(),
      nodeVersion: context.nodeVersion,
      proxyFor: (baseUrl) => proxyFrom(facts.environment, baseUrl),
      graceMs: facts.options.graceMs,
      stop: context.stop,
      kill: context.kill,
      clock: context.clock,
      random: context.random,
      listener: context.listener,
    },
    reused,
  );
}

function finish(
  directory: string,
  run: RunFile,
  prepared: Prepared,
  end: SessionEnd,
  context: RunContext,
): RunOutcome {
  context.listener({ kind: "reporting" });
  const { index } = indexJournal(join(directory, runFiles.journal), prepared.plan, run.shrunk);
  const ended: RunFile = { ...run, status: end.status, reason: end.reason, ended_at: context.clock.wall() };
  const summary = writeReports(directory, ended, prepared, index);
  writeRunFile(directory, ended);
  return { directory, summary, ...judge(summary, prepared, end) };
}

/** The exit code of a run that ended, and why it is not 0. */
function judge(
  summary: Summary,
  prepared: Prepared,
  end: SessionEnd,
): { readonly exitCode: number; readonly reason: string | null } {
  if (end.interruptedBy !== null) {
    return {
      exitCode: end.interruptedBy === "SIGTERM" ? exitCodes.terminated : exitCodes.interrupted,
      reason: end.reason,
    };
  }
  if (end.status === "failed") return { exitCode: exitCodes.unfinished, reason: end.reason };
  const { failed, requests } = summary.totals;
  const { maxFailed } = prepared.config;
  const allowed = "share" in maxFailed ? Math.floor(maxFailed.share * requests) : maxFailed.count;
  if (failed <= allowed) return { exitCode: exitCodes.good, reason: null };
  const stated =
    "share" in maxFailed ? `${Math.round(maxFailed.share * 1e6) / 1e4}%` : String(maxFailed.count);
  return {
    exitCode: exitCodes.unfinished,
    reason: `${failed} of ${requests} requests failed, more than \`max_failed\` (${stated})`,
  };
}
