import { resolve } from "node:path";
import { exitCodes } from "../../errors.ts";
import { rebuildReports } from "../../run/rebuild.ts";
import { rescore } from "../../run/rescore.ts";
import { DiskFiles } from "../../system/input-files.ts";
import type { Flags } from "../cli.ts";
import { showDiagnostics } from "../explain.ts";
import { duration, number, reportSettings, text } from "../flags.ts";
import { withRunContext } from "../perform-run.ts";
import { printSummary } from "../print-summary.ts";
import { type Terminal, wantsColor } from "../terminal.ts";

/** `promptgrid report DIR`: the reports again, byte for byte, from what the directory holds. */
export async function report(flags: Flags, terminal: Terminal): Promise<number> {
  const directory = resolve(terminal.workingDirectory, text(flags, "dir") ?? ".");
  const { summary, notices } = rebuildReports(directory, reportSettings(flags), terminal.pid);
  for (const notice of notices) terminal.stderr.write(`notice: ${notice}\n`);
  printSummary(summary, flags, terminal);
  return exitCodes.good;
}

/** `promptgrid score DIR [--matrix NEW]`: the answers judged again, gates included; only new verdicts are asked for. */
export async function score(flags: Flags, terminal: Terminal): Promise<number> {
  const directory = resolve(terminal.workingDirectory, text(flags, "dir") ?? ".");
  const { summary, diagnostics, notices, exitCode, reason } = await withRunContext(
    flags,
    terminal,
    (context) =>
      rescore(
        directory,
        {
          matrix: text(flags, "matrix"),
          strict: flags.strict === true,
          confirmAbove: number(flags, "confirm-above") ?? 10_000,
          yes: flags.yes === true,
          graceMs: duration(flags, "grace"),
        },
        context,
      ),
  );
  const color = wantsColor(terminal.stderr, terminal.environment, flags.color as boolean | undefined);
  showDiagnostics(
    diagnostics,
    new DiskFiles(terminal.workingDirectory),
    terminal,
    color,
    flags.quiet !== true,
  );
  for (const notice of notices) terminal.stderr.write(`notice: ${notice}\n`);
  printSummary(summary, flags, terminal);
  if (reason !== null) terminal.stderr.write(`${reason}\n`);
  return exitCode;
}
