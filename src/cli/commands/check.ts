import { hasErrors } from "../../diagnostics/diagnostic.ts";
import { countDiagnostics } from "../../diagnostics/render.ts";
import { exitCodes } from "../../errors.ts";
import { productWords } from "../../report/number-words.ts";
import { provideRunBaseline } from "../../run/baseline-of-run.ts";
import { prepare } from "../../run/prepare.ts";
import { DiskFiles } from "../../system/input-files.ts";
import type { Flags } from "../cli.ts";
import { showDiagnostics } from "../explain.ts";
import { overridesOf, text } from "../flags.ts";
import { type Terminal, wantsColor } from "../terminal.ts";

/** `promptgrid check MATRIX`: every problem of the files, and nothing sent. */
export async function check(flags: Flags, terminal: Terminal): Promise<number> {
  const files = new DiskFiles(terminal.workingDirectory);
  const overrides = overridesOf(flags);
  provideRunBaseline(files, overrides.baseline, terminal.workingDirectory);
  const { prepared, diagnostics } = prepare(text(flags, "matrix") ?? "", overrides, files);
  if (flags.format === "json") {
    terminal.stdout.write(`${JSON.stringify({ ok: prepared !== null, diagnostics }, null, 2)}\n`);
  } else {
    showDiagnostics(
      diagnostics,
      files,
      terminal,
      wantsColor(terminal.stderr, terminal.environment, flags.color as boolean | undefined),
      flags.quiet !== true,
    );
    if (prepared !== null) {
      const { plan } = prepared;
      const found = countDiagnostics(diagnostics);
      terminal.stdout.write(
        `ok: ${productWords(plan.length, plan.variants.length, plan.rows.length)}${found === "" ? "" : ` (${found})`}\n`,
      );
    }
  }
  return hasErrors(diagnostics) ? exitCodes.usage : exitCodes.good;
}
