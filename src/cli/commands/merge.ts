import { UsageError } from "../../errors.ts";
import { mergeRuns } from "../../run/merge-runs.ts";
import type { Flags } from "../cli.ts";
import { list, reportSettings, text } from "../flags.ts";
import { printOutcome } from "../print-outcome.ts";
import type { Terminal } from "../terminal.ts";

/** `promptgrid merge DIR... --out DIR`: one run of the shards of a plan, judged. */
export function merge(flags: Flags, terminal: Terminal): Promise<number> {
  const out = text(flags, "out");
  if (out === null || out === "")
    throw new UsageError("cli/usage", "`promptgrid merge` needs `--out DIR`, the folder of the merged run", {
      hint: "`promptgrid merge shard-*/ --out merged`",
    });
  const { notices, ...outcome } = mergeRuns({
    workingDirectory: terminal.workingDirectory,
    directories: list(flags.dirs),
    out,
    reports: reportSettings(flags),
    strict: flags.strict === true,
    pid: terminal.pid,
  });
  for (const notice of notices) terminal.stderr.write(`notice: ${notice}\n`);
  printOutcome(outcome, flags, terminal);
  return Promise.resolve(outcome.exitCode);
}
