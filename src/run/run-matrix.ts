import { randomBytes } from "node:crypto";
import { join, resolve } from "node:path";
import { hasErrors } from "../diagnostics/diagnostic.ts";
import { RunError, UsageError } from "../errors.ts";
import type { Plan } from "../plan/plan.ts";
import type { Endpoint } from "../provider/endpoint.ts";
import type { LaneSpec } from "../schedule/lane.ts";
import { packageVersion } from "../system/package-version.ts";
import { describeProviders, describeRun, refuseOtherEndpoints } from "./describe-run.ts";
import { DiagnosticsError } from "./diagnostics-error.ts";
import { DirectoryLock } from "./directory-lock.ts";
import { resolveEndpoints } from "./endpoints.ts";
import { type Environment, withDotEnv } from "./environment.ts";
import type { JournalIndex } from "./journal-index.ts";
import { finishRun } from "./judge-run.ts";
import { planLanes } from "./lanes.ts";
import { findReused, openJournal } from "./open-journal.ts";
import type { Prepared } from "./prepare.ts";
import { proxyFrom } from "./proxy.ts";
import type { RunContext, RunOptions, RunOutcome } from "./run-context.ts";
import { freshDirectory, makeDirectory, writeRunFile } from "./run-directory.ts";
import { earlierRun, readSource, sameInputs } from "./run-source.ts";
import { type ReusedAnswer, runSession, type SessionEnd } from "./session.ts";
import { Simulators } from "./simulators.ts";

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
      setAside: opened.setAside,
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
    return finishRun(directory, run, prepared, end, context);
  } finally {
    lock.release();
  }
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
      const answered = answeredOn(lane, plan, index);
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
      lanes: lanes.map((lane) => ({ ...lane, proven: answeredOn(lane, plan, index) > 0 })),
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

/** Requests of a lane that have an answer. */
function answeredOn(lane: LaneSpec, plan: Plan, index: JournalIndex): number {
  return lane.variants.reduce((sum, position) => {
    const { offset, requests } = plan.variant(position);
    return sum + index.answeredIn(offset, requests);
  }, 0);
}
