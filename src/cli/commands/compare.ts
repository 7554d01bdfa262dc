import { resolve } from "node:path";
import { compareFormats } from "../../report/compare-formats.ts";
import { compareRuns } from "../../run/compare-runs.ts";
import { comparisonHtml } from "../../run/comparison-html.ts";
import { writeAtomically } from "../../system/write-atomically.ts";
import type { Flags } from "../cli.ts";
import { compareExit, compareOptions, flipsWanted } from "../compare-options.ts";
import { type Terminal, tableWidth, wantsColor } from "../terminal.ts";

/** `promptgrid compare BASE [CANDIDATE]`: two runs, a run and a baseline, or variants of one run. */
export async function compare(flags: Flags, terminal: Terminal): Promise<number> {
  const options = compareOptions(flags, terminal.workingDirectory);
  const flips = flipsWanted(flags);
  const { report, sides } = compareRuns(options);
  const format = compareFormats[String(flags.format)] ?? compareFormats.table;
  terminal.stdout.write(
    format?.(report, {
      width: tableWidth(terminal.stdout, terminal.environment),
      color: wantsColor(terminal.stdout, terminal.environment, flags.color as boolean | undefined),
      flips,
    }) ?? "",
  );
  const html = htmlFile(flags);
  if (html !== null) {
    writeAtomically(resolve(terminal.workingDirectory, html), comparisonHtml(report, sides));
    terminal.stderr.write(`comparison: ${html}\n`);
  }
  return compareExit(report.verdict, flags.strict === true);
}

/** Where `--html` writes to; the flag alone writes `comparison.html`. */
function htmlFile({ html }: Flags): string | null {
  if (typeof html !== "string") return null;
  return html === "" ? "comparison.html" : html;
}
