import { relative, resolve } from "node:path";
import type { Summary } from "../aggregate/summary-shape.ts";
import { shownRedisUrl } from "../queue/redis-connection.ts";
import { annotations } from "../report/github.ts";
import { plural } from "../report/number-words.ts";
import type { RunOutcome } from "../run/run-context.ts";
import { appendStepSummary } from "../run/step-summary.ts";
import type { Flags } from "./cli.ts";
import { text } from "./flags.ts";
import { printSummary } from "./print-summary.ts";
import type { Terminal } from "./terminal.ts";

/**
 * Prints how a run ended: its summary on stdout; on stderr why it is not good, how to go on, and where the reports are; in a
 * GitHub workflow annotations and the page, too.
 */
export function printOutcome(outcome: RunOutcome, flags: Flags, terminal: Terminal): void {
  const shown = relative(terminal.workingDirectory, outcome.directory);
  const directory = shown === "" ? "." : shown.startsWith("..") ? outcome.directory : shown;
  printSummary(outcome.summary, flags, terminal);
  const { pending, failed } = outcome.summary.totals;
  const complete = outcome.summary.run.status === "complete";
  // The table ends with the verdict already.
  const told = flags.format === "table" && outcome.reason?.startsWith("verdict ") === true;
  if (outcome.reason !== null && !told)
    terminal.stderr.write(`${complete ? "" : "stopped: "}${outcome.reason}\n`);
  // What is used up stays used up: the budget is one for the run.
  const usedUp = outcome.reason?.startsWith("the budget is ") === true;
  const how = usedUp ? "go on with a larger budget" : "go on with";
  if (pending > 0 || usedUp || (failed > 0 && !complete))
    terminal.stderr.write(
      `${leftWords(pending, failed, outcome.inBatches ?? 0)}; ${how}: promptgrid resume ${quoted(directory)}${queueFlag(flags)}${usedUp ? " --budget …" : ""}\n`,
    );
  if (flags.quiet !== true)
    terminal.stderr.write(`reports: ${directory}/ (completions.csv, summary.json, report.md …)\n`);
  tellGitHub(outcome.summary, terminal);
}

/** What a resume will ask: requests that were not asked, and those that failed, else verdicts. */
function leftWords(pending: number, failed: number, inBatches: number): string {
  if (pending + failed === 0) return "not all answers are judged";
  if (inBatches > 0) {
    const out = `${plural(inBatches, "request")} ${inBatches === 1 ? "is" : "are"} in batches`;
    return inBatches >= pending + failed ? out : `${out}, and ${leftWords(pending - inBatches, failed, 0)}`;
  }
  const verb = pending === 1 ? "was" : "were";
  if (failed === 0) return `${plural(pending, "request")} ${verb} not asked`;
  const all = pending + failed;
  return `${plural(all, "request")} ${all === 1 ? "has" : "have"} no answer (${pending} not asked, ${failed} failed)`;
}

/** In a GitHub workflow: annotations at the prompts' lines, and the summary on the workflow's page. */
function tellGitHub(summary: Summary, { environment, workingDirectory, stderr }: Terminal): void {
  if (environment.GITHUB_ACTIONS !== "true") return;
  const root = environment.GITHUB_WORKSPACE ?? workingDirectory;
  const fromRoot = (file: string): string => relative(root, resolve(workingDirectory, file));
  for (const line of annotations(summary, fromRoot)) stderr.write(`${line}\n`);
  const page = environment.GITHUB_STEP_SUMMARY ?? "";
  const problem = page === "" ? null : appendStepSummary(summary, page);
  if (problem !== null) stderr.write(`notice: ${problem}\n`);
}

/** How the queue was named, without a password. */
function queueFlag(flags: Flags): string {
  const named = text(flags, "queue");
  if (named === null) return "";
  return ` --queue ${URL.canParse(named) ? shownRedisUrl(named) : named}`;
}

function quoted(path: string): string {
  return /^[\w./@%+:-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
