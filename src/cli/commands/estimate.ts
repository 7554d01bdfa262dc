import { relative, resolve } from "node:path";
import { loadTokenCounter } from "../../cost/token-counter.ts";
import { exitCodes, UsageError } from "../../errors.ts";
import { estimateFormats } from "../../report/estimate-formats.ts";
import { costWords, countWords, durationWords, plural } from "../../report/number-words.ts";
import { estimateRun, keptEstimate } from "../../run/estimate-run.ts";
import { keepEstimate } from "../../run/rebuild.ts";
import { systemClock } from "../../system/clock.ts";
import { DiskFiles } from "../../system/input-files.ts";
import type { Flags } from "../cli.ts";
import { type Excess, estimateBudgets, excesses, limitsOf, tellable, unlimited } from "../estimate-flags.ts";
import { showDiagnostics } from "../explain.ts";
import { budgetOf, overridesOf, text, wholeNumber } from "../flags.ts";
import { performRun } from "../perform-run.ts";
import { type Terminal, tableWidth, wantsColor } from "../terminal.ts";

/**
 * `promptgrid estimate MATRIX`: tokens, cost and time before a cent is spent; with `--pilot` after some requests of each
 * variant, which the later run keeps. Exit 1 when `--budget` is exceeded.
 */
export async function estimate(flags: Flags, terminal: Terminal): Promise<number> {
  refuseMix(flags);
  const budgets = estimateBudgets(flags);
  const counter = await loadTokenCounter();
  const files = new DiskFiles(terminal.workingDirectory);
  const options = {
    matrix: text(flags, "matrix") ?? "",
    overrides: overridesOf(flags),
    from: text(flags, "from"),
    batch: flags.batch === true,
    workingDirectory: terminal.workingDirectory,
    environment: terminal.environment,
  };
  // What a budget cannot be held against is said before a pilot is paid for.
  if (flags.pilot !== undefined) excesses(estimateRun(options, files, counter).estimate, budgets);
  const pilot = await runPilot(flags, terminal);
  if (pilot !== null && !pilot.isDone) {
    terminal.stderr.write(
      `stopped: ${pilot.reason ?? ""}; the pilot is in ${pilot.shown}/ (\`--from\` uses what it has)\n`,
    );
    return pilot.exitCode;
  }
  const from = pilot?.shown ?? options.from;
  const { estimate: estimated, diagnostics, budget } = estimateRun({ ...options, from }, files, counter);
  // Of a run that is complete already it would be hindsight.
  if (pilot !== null && pilot.left > 0)
    keepEstimate(pilot.directory, keptEstimate(estimated, systemClock.wall()), terminal.pid);
  const asked = flags.color as boolean | undefined;
  const color = wantsColor(terminal.stderr, terminal.environment, asked);
  // The pilot has shown them.
  if (pilot === null) showDiagnostics(diagnostics, files, terminal, color, flags.quiet !== true);
  const format = estimateFormats[String(flags.format)] ?? estimateFormats.table;
  terminal.stdout.write(
    format?.(estimated, {
      width: tableWidth(terminal.stdout, terminal.environment),
      color: wantsColor(terminal.stdout, terminal.environment, asked),
    }) ?? "",
  );
  if (pilot !== null && flags.quiet !== true) tellPilot(pilot, terminal);
  const above = excesses(estimated, budgets);
  for (const excess of above) terminal.stderr.write(`above the budget: ${excessWords(excess)}\n`);
  for (const currency of unlimited(estimated, budgets))
    terminal.stderr.write(`warning: the budget says nothing of the cost in ${currency}\n`);
  if (budgets.length === 0)
    for (const excess of excesses(estimated, tellable(estimated, limitsOf(budget))))
      terminal.stderr.write(`warning: above the budget of the matrix: ${excessWords(excess)}\n`);
  return above.length > 0 ? exitCodes.gate : exitCodes.good;
}

/** A pilot that was sent. */
interface Pilot {
  readonly directory: string;
  /** The directory as a user would name it. */
  readonly shown: string;
  readonly exitCode: number;
  readonly reason: string | null;
  /** All its requests were asked, and not too many failed. A pilot that is the whole run may yet have a bad verdict. */
  readonly isDone: boolean;
  readonly asked: number;
  readonly answered: number;
  readonly left: number;
}

/** Throws UsageError for flags that do not go together. */
function refuseMix(flags: Flags): void {
  const pilot = wholeNumber(flags, "pilot");
  if (pilot === null && text(flags, "out") !== null)
    throw new UsageError("cli/usage", "`--out` is where a pilot is kept, and there is no `--pilot`", {
      hint: "add `--pilot 20`",
    });
  if (pilot !== null && text(flags, "from") !== null)
    throw new UsageError("cli/usage", "`--from` and `--pilot` both say where the numbers come from", {
      hint: "a second pilot with the same `--out` asks only for what is missing",
    });
}

/** Sends the pilot that is asked for; null without. */
async function runPilot(flags: Flags, terminal: Terminal): Promise<Pilot | null> {
  const perVariant = wholeNumber(flags, "pilot");
  if (perVariant === null) return null;
  const { directory, summary, exitCode, reason } = await performRun(flags, terminal, {
    matrix: text(flags, "matrix"),
    // What the whole run may use holds for its pilot, too.
    overrides: { ...overridesOf(flags), budget: budgetOf(flags) },
    out: text(flags, "out"),
    reuse: null,
    allowShrink: false,
    confirmAbove: 10_000,
    yes: flags.yes === true,
    against: null,
    requireBaseline: false,
    shard: null,
    batch: null,
    queue: null,
    dropQueue: false,
    sharedLimits: null,
    saveBaseline: null,
    strict: false,
    reports: {},
    perVariant,
  });
  const { answered, failed, pending } = summary.totals;
  const shown = relative(terminal.workingDirectory, resolve(directory));
  return {
    directory,
    shown: shown.startsWith("..") || shown === "" ? directory : shown,
    exitCode,
    reason,
    isDone: exitCode === exitCodes.good || summary.run.status === "complete",
    asked: answered + failed,
    answered,
    left: pending,
  };
}

function tellPilot({ shown, asked, answered, left }: Pilot, { stderr }: Terminal): void {
  stderr.write(`pilot: ${countWords(answered)} of ${plural(asked, "request")} answered, kept in ${shown}/\n`);
  if (left > 0)
    stderr.write(`${plural(left, "request")} left; go on with: promptgrid resume ${quoted(shown)}\n`);
}

function quoted(path: string): string {
  return /^[\w./@%+:-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

function excessWords({ budget, expected, currency }: Excess): string {
  const { kind } = budget.limit;
  if (kind === "cost")
    return `${costWords({ amount: expected, currency: currency ?? "", complete: true })} expected, ${budget.written}`;
  if (kind === "time") return `${durationWords(expected)} expected, ${budget.written}`;
  return `${countWords(expected)} ${kind} expected, ${budget.written}`;
}
