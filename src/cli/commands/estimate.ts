import { loadTokenCounter } from "../../cost/token-counter.ts";
import { exitCodes } from "../../errors.ts";
import { estimateFormats } from "../../report/estimate-formats.ts";
import { costWords, countWords, durationWords } from "../../report/number-words.ts";
import { estimateRun } from "../../run/estimate-run.ts";
import { DiskFiles } from "../../system/input-files.ts";
import type { Flags } from "../cli.ts";
import { type Excess, estimateBudgets, excesses } from "../estimate-flags.ts";
import { showDiagnostics } from "../explain.ts";
import { overridesOf, text } from "../flags.ts";
import { type Terminal, tableWidth, wantsColor } from "../terminal.ts";

/** `promptgrid estimate MATRIX`: tokens, cost and time before a cent is spent. Exit 1 when `--budget` is exceeded. */
export async function estimate(flags: Flags, terminal: Terminal): Promise<number> {
  const budgets = estimateBudgets(flags);
  const files = new DiskFiles(terminal.workingDirectory);
  const options = {
    matrix: text(flags, "matrix") ?? "",
    overrides: overridesOf(flags),
    from: text(flags, "from"),
    workingDirectory: terminal.workingDirectory,
    environment: terminal.environment,
  };
  const { estimate: estimated, diagnostics } = estimateRun(options, files, await loadTokenCounter());
  const asked = flags.color as boolean | undefined;
  const color = wantsColor(terminal.stderr, terminal.environment, asked);
  showDiagnostics(diagnostics, files, terminal, color, flags.quiet !== true);
  const format = estimateFormats[String(flags.format)] ?? estimateFormats.table;
  terminal.stdout.write(
    format?.(estimated, {
      width: tableWidth(terminal.stdout, terminal.environment),
      color: wantsColor(terminal.stdout, terminal.environment, asked),
    }) ?? "",
  );
  const above = excesses(estimated, budgets);
  for (const excess of above) terminal.stderr.write(`above the budget: ${excessWords(excess)}\n`);
  return above.length > 0 ? exitCodes.gate : exitCodes.good;
}

function excessWords({ budget, expected, currency }: Excess): string {
  const { kind } = budget.limit;
  if (kind === "cost")
    return `${costWords({ amount: expected, currency: currency ?? "", complete: true })} expected, ${budget.written}`;
  if (kind === "time") return `${durationWords(expected)} expected, ${budget.written}`;
  return `${countWords(expected)} ${kind} expected, ${budget.written}`;
}
