import { resolve } from "node:path";
import type { CostSum } from "../aggregate/summary-shape.ts";
import { loadMatrix } from "../config/load.ts";
import { noOverrides } from "../config/overrides.ts";
import { priceBook } from "../cost/price-book.ts";
import { type Diagnostic, hasErrors } from "../diagnostics/diagnostic.ts";
import { exitCodes, RunError, UsageError } from "../errors.ts";
import { costWords, countWords, plural } from "../report/number-words.ts";
import { DiskFiles } from "../system/input-files.ts";
import { checkScoredPrompts } from "./check-scored-prompts.ts";
import { describeProviders, refuseOtherEndpoints } from "./describe-run.ts";
import { DiagnosticsError } from "./diagnostics-error.ts";
import { checkProviders, resolveEndpoints } from "./endpoints.ts";
import { type Environment, withDotEnv } from "./environment.ts";
import { type ScoredPart, type WantedOf, wantedOfJudges } from "./judge-answers.ts";
import { judgeModels } from "./judge-calls.ts";
import { keptPrices } from "./kept-prices.ts";
import { demandModules } from "./module-files.ts";
import { openRun } from "./open-run.ts";
import { type Base, bothReports, lockSides, type Rebuilt } from "./rebuild.ts";
import type { RunContext } from "./run-context.ts";
import {
  inputsOf,
  KeptFiles,
  keepInputs,
  readRunFile,
  replaceRunFile,
  writeRunFile,
} from "./run-directory.ts";
import type { RunFile } from "./run-file.ts";
import { type ExternalPart, scoreExternally } from "./score-externally.ts";
import { compileScoring } from "./scoring.ts";
import type { SessionEnd } from "./session.ts";
import { Simulators } from "./simulators.ts";
import { verdictExit } from "./verdict-exit.ts";

/** What scoring again said: `exitCode` is that of the verdict. */
export interface Rescored extends Rebuilt {
  readonly diagnostics: readonly Diagnostic[];
  readonly exitCode: number;
  /** Why the exit code is not 0; null when it is. */
  readonly reason: string | null;
}

/** How answers are scored again. */
export interface RescoreOptions {
  /** The matrix whose scorers judge; null for the run's own. */
  readonly matrix: string | null;
  /** An inconclusive verdict exits 1. */
  readonly strict: boolean;
  /** More verdicts than this need `yes`. */
  readonly confirmAbove: number;
  readonly yes: boolean;
  readonly graceMs: number;
}

/**
 * Scores the answers of a run and of its base again, by the scorers of another matrix or by their own, and makes the
 * reports. A base that those scorers do not fit keeps its own. Sends nothing but what judges have not been asked yet, which
 * is announced with what it may cost.
 */
export async function rescore(
  directory: string,
  options: RescoreOptions,
  context: RunContext,
): Promise<Rescored> {
  const { base, release } = lockSides(directory, context.pid);
  try {
    const before = [directory, ...(base === null ? [] : [base.directory])].map(
      (folder) => [folder, readRunFile(folder)] as const,
    );
    const diagnostics = chooseScoring(directory, options.matrix, context.workingDirectory);
    const kept = base === null ? [] : chooseForBase(base, options.matrix, context.workingDirectory);
    let end: SessionEnd | null;
    try {
      end = await askJudges([directory, ...(base === null ? [] : [base.directory])], options, context);
    } catch (error) {
      // Nothing was asked: the run is judged as it was.
      if (error instanceof UsageError || error instanceof DiagnosticsError)
        for (const [folder, run] of before) writeRunFile(folder, run);
      throw error;
    }
    if (end !== null && end.diskError !== null)
      throw new RunError(
        "run/disk",
        `the journal in \`${directory}\` cannot be written: ${end.diskError.message}`,
        {
          hint: "make room, then score again: what came is kept as far as it could be",
          cause: end.diskError,
        },
      );
    context.listener({ kind: "reporting" });
    const { summary, notices } = bothReports(directory, base);
    const strict = options.strict || readRunFile(directory).reports.strict === true;
    return {
      summary,
      notices: [...kept, ...notices],
      diagnostics,
      ...(end === null || end.status === "complete" ? verdictExit(summary, strict) : unfinished(end)),
    };
  } finally {
    release();
  }
}

function unfinished({ interruptedBy, reason }: SessionEnd): { exitCode: number; reason: string | null } {
  if (interruptedBy === null) return { exitCode: exitCodes.unfinished, reason };
  const exitCode = interruptedBy === "SIGTERM" ? exitCodes.terminated : exitCodes.interrupted;
  return { exitCode, reason };
}

/** Asks the judges of the sides that have some for what they have not said yet. */
async function askJudges(
  directories: readonly string[],
  options: RescoreOptions,
  context: RunContext,
): Promise<SessionEnd | null> {
  const opened = directories
    .map((directory) => ({ directory, ...openRun(directory) }))
    .filter(({ prepared }) => prepared.scoring.external);
  const [first] = opened;
  if (first === undefined) return null;
  const environment = withDotEnv(context.environment, context.workingDirectory, first.run.matrix.file);
  const silent = opened.map((one) => ({
    ...one,
    setAside: one.run.set_aside,
    endpoints: new Map(),
    simulators: simulatorsOf(one),
  }));
  for (const { prepared, directory, run } of silent)
    await demandModules(prepared, {
      workingDirectory: context.workingDirectory,
      directory,
      inputs: [...run.inputs, ...(run.scoring?.inputs ?? [])],
    });
  const wanted = wantedOfJudges(silent);
  if (wanted.length === 0) return scoreExternally(silent, environment, options.graceMs, context);
  announce(wanted, options, context);
  const parts = silent.map((part) => ({ ...part, endpoints: endpointsOf(part, environment) }));
  try {
    const started: ExternalPart[] = [];
    for (const part of parts)
      started.push({
        ...part,
        endpoints: await part.simulators.start(part.endpoints, (error) =>
          context.listener({ kind: "notice", message: `the simulator crashed: ${error.message}` }),
        ),
      });
    return await scoreExternally(started, environment, options.graceMs, context);
  } finally {
    await Promise.all(parts.map(({ simulators }) => simulators.close()));
  }
}

type OpenedSide = { readonly directory: string } & ReturnType<typeof openRun>;

function filesOf({ directory, run }: OpenedSide): KeptFiles {
  return new KeptFiles(directory, [...run.inputs, ...(run.scoring?.inputs ?? [])]);
}

function simulatorsOf(side: OpenedSide): Simulators {
  return new Simulators(side.prepared, filesOf(side));
}

/** Where the judges of a side are asked. A provider that the run has already must still be the same. */
function endpointsOf(
  side: OpenedSide & { readonly simulators: Simulators },
  environment: Environment,
): ScoredPart["endpoints"] {
  const files = filesOf(side);
  const { prepared, run } = side;
  const used = new Set(judgeModels(prepared).map(({ provider }) => provider));
  const unknown = checkProviders(used, prepared.config);
  if (hasErrors(unknown)) throw new DiagnosticsError(unknown, files);
  const { endpoints, diagnostics } = resolveEndpoints(used, prepared.config, environment, files);
  if (hasErrors(diagnostics)) throw new DiagnosticsError(diagnostics, files);
  const providers = describeProviders(endpoints, side.simulators, prepared.config);
  refuseOtherEndpoints(run, providers);
  writeRunFile(side.directory, { ...run, providers: { ...providers, ...run.providers } });
  return endpoints;
}

function announce(wanted: readonly WantedOf[], options: RescoreOptions, context: RunContext): void {
  const votes = wanted.reduce((sum, one) => sum + one.votes, 0);
  const words = wanted.map(({ provider, model, votes: count, promptTokens, cost }) => {
    const known: CostSum | null = cost === null ? null : { ...cost, complete: true };
    const price = known === null ? "at an unknown price" : `about ${costWords(known)}`;
    return `${plural(count, "verdict")} by ${provider}/${model}: about ${countWords(promptTokens)} prompt tokens, ${price}`;
  });
  if (votes > options.confirmAbove && !options.yes)
    throw new UsageError("run/confirm", `${words.join("; ")}: more than ${options.confirmAbove} requests`, {
      hint: "add `--yes`, or score by fewer judges",
    });
  for (const message of words) context.listener({ kind: "notice", message });
}

function chooseForBase(base: Base, matrix: string | null, workingDirectory: string): readonly string[] {
  try {
    chooseScoring(base.directory, matrix, workingDirectory);
    return [];
  } catch (error) {
    if (!(error instanceof DiagnosticsError)) throw error;
    const [problem] = error.diagnostics;
    return [`the reports of ${base.ref} keep their own scorers: ${problem?.message ?? error.message}`];
  }
}

/** Notes in `run.json` whose scorers judge from now on, and the prices of judges that it does not have. */
function chooseScoring(
  directory: string,
  matrix: string | null,
  workingDirectory: string,
): readonly Diagnostic[] {
  const run = readRunFile(directory);
  if (matrix === null) {
    replaceRunFile(directory, { ...run, scoring: null });
    return [];
  }
  const files = new DiskFiles(workingDirectory);
  const loaded = loadMatrix(matrix, files, noOverrides);
  if (loaded.config === null) throw new DiagnosticsError(loaded.diagnostics, files);
  const { prepared } = openRun(directory);
  const compiled = compileScoring(loaded.config, prepared.dataset, loaded.config.sources);
  const providers = { ...loaded.config.providers, ...prepared.config.providers };
  const config = { ...prepared.config, providers };
  const judged = { ...prepared, config, scoring: compiled.scoring };
  const unknown = checkProviders(new Set(judgeModels(judged).map(({ provider }) => provider)), config);
  const diagnostics = [
    ...loaded.diagnostics,
    ...compiled.diagnostics,
    ...unknown,
    ...checkScoredPrompts(compiled.scoring, loaded.config, prepared, matrix),
  ];
  if (hasErrors(diagnostics)) throw new DiagnosticsError(diagnostics, files);
  const prices = priceBook(loaded.config.prices, { exported: loaded.config.exportedPrices });
  const scoring = { file: matrix, inputs: keepInputs(resolve(directory), files.recorded(), inputsOf(run)) };
  replaceRunFile(directory, { ...run, scoring, ...withPrices(run, keptPrices({ ...judged, prices })) });
  return diagnostics;
}

/** What the run keeps stays; models that it did not ask get a price. */
function withPrices(run: RunFile, prices: NonNullable<RunFile["prices"]>): Pick<RunFile, "prices"> {
  if (run.prices === undefined) return {};
  const known = new Set(run.prices.map(({ provider, model }) => `${provider}\n${model}`));
  return {
    prices: [...run.prices, ...prices.filter(({ provider, model }) => !known.has(`${provider}\n${model}`))],
  };
}
