import { join } from "node:path";
import { createSummary } from "../aggregate/summary.ts";
import type { Summary, SummaryRun } from "../aggregate/summary-shape.ts";
import { completionsCsv } from "../report/completions-csv.ts";
import { completionsJsonl } from "../report/completions-jsonl.ts";
import { HtmlTally } from "../report/html-tally.ts";
import { renderJunit } from "../report/junit.ts";
import { junitRows } from "../report/junit-rows.ts";
import { renderMarkdown } from "../report/markdown.ts";
import { renderSummaryCsv } from "../report/summary-csv.ts";
import { renderSummaryJson } from "../report/summary-json.ts";
import { AtomicFile, writeAtomically } from "../system/write-atomically.ts";
import { writeComparison } from "./comparison-html.ts";
import { findingsOf, gateQuantities, gatesOf } from "./findings.ts";
import { writeHtml } from "./html-report.ts";
import type { JournalIndex } from "./journal-index.ts";
import { lostAttempts } from "./lost-attempts.ts";
import type { Prepared } from "./prepare.ts";
import { runResults } from "./results.ts";
import { runFiles } from "./run-directory.ts";
import type { RunFile } from "./run-file.ts";
import { sideBuilder } from "./run-side.ts";
import { tooManyFailed } from "./too-many-failed.ts";
import { wallSeconds } from "./wall-seconds.ts";

/** Makes every report of a run from plan and journal, and gives the summary. The same inputs make the same bytes. */
export function writeReports(
  directory: string,
  run: RunFile,
  prepared: Prepared,
  index: JournalIndex,
): Summary {
  const { plan, dataset, config } = prepared;
  const summary = createSummary({
    run: runFacts(run, index),
    wallSeconds: wallSeconds(index),
    answeringSeconds: wallSeconds(index, "answers"),
    variants: plan.variants,
    clustered: config.dataset?.clusterColumn !== null && config.dataset !== null,
    scorers: prepared.scoring.columns,
    lost: lostAttempts(prepared, index),
    estimate: run.estimate ?? null,
  });
  const gates = gatesOf(prepared, run);
  const side = sideBuilder({ run, prepared, index, directory }, run.name, gateQuantities(gates));
  const html = new HtmlTally(plan.rows.length);
  const settings = run.reports;
  const style = { safe: settings.safe_csv, bom: settings.csv_bom === true };
  const writers = [
    completionsCsv({
      variants: plan.variants,
      variables: csvVariables(settings.csv_vars, prepared.usedVariables, dataset.columns),
      scorers: prepared.scoring.columns,
      style,
    }),
    completionsJsonl({ variants: plan.variants }),
  ];
  const files = writers.map((writer) => ({ writer, file: new AtomicFile(join(directory, writer.fileName)) }));
  try {
    for (const { writer, file } of files) file.write(writer.begin());
    for (const result of runResults(prepared, index, join(directory, runFiles.journal))) {
      summary.add(result);
      side.add(result);
      html.add(result);
      for (const { writer, file } of files) file.write(writer.row(result));
    }
    for (const { writer, file } of files) file.write(writer.end());
    for (const { file } of files) file.commit();
  } finally {
    for (const { file } of files) file.discard();
  }
  const candidate = side.finish();
  const whole = summary.finish(findingsOf(directory, run, prepared, candidate, gates));
  writeAtomically(join(directory, "summary.csv"), renderSummaryCsv(whole, style));
  writeAtomically(join(directory, "summary.json"), renderSummaryJson(whole));
  writeAtomically(join(directory, "report.md"), renderMarkdown(whole));
  writeHtml(directory, prepared, index, whole, html);
  writeComparison(directory, run);
  writeJunit(directory, run, prepared, index, whole);
  return whole;
}

/** `junit.xml`: the gates, or with `--junit rows` every row as well, in a second pass over the results. */
function writeJunit(
  directory: string,
  run: RunFile,
  prepared: Prepared,
  index: JournalIndex,
  summary: Summary,
): void {
  const path = join(directory, "junit.xml");
  const unfinished = tooManyFailed(summary.totals, prepared.config.maxFailed);
  const options = { strict: run.reports.strict === true, unfinished };
  if (run.reports.junit !== "rows") {
    writeAtomically(path, renderJunit(summary, options));
    return;
  }
  const writer = junitRows(summary, options);
  const file = new AtomicFile(path);
  try {
    file.write(writer.begin());
    for (const result of runResults(prepared, index, join(directory, runFiles.journal)))
      file.write(writer.row(result));
    file.write(writer.end());
    file.commit();
  } finally {
    file.discard();
  }
}

function csvVariables(
  wanted: RunFile["reports"]["csv_vars"],
  used: readonly string[],
  all: readonly string[],
): readonly string[] {
  if (wanted === "used") return used;
  if (wanted === "all") return all;
  return wanted === "none" ? [] : wanted;
}

/** What the journal says of the run as a whole: times and status come from its sessions, never from the clock. */
function runFacts(run: RunFile, index: JournalIndex): SummaryRun {
  const starts = index.sessions.filter(({ event, work }) => event === "start" && work !== "merge");
  const last = index.sessions.at(-1);
  const ended = last?.event === "end" ? last : null;
  const delays = index.sessions.flatMap((session) => session.event_loop_delay_p99_ms ?? []);
  return {
    id: run.id,
    name: run.name,
    status: ended?.status ?? "incomplete",
    reason: ended === null ? "the process ended before the run did" : (ended.reason ?? null),
    notes: index.sessions.flatMap(({ notes }) => notes ?? []),
    // Shards that were merged stand one after the other, whichever began first.
    started_at: starts.map(({ at }) => at).sort()[0] ?? null,
    ended_at: ended?.at ?? null,
    sessions: starts.length,
    promptgrid_version: run.promptgrid_version,
    git_revision: run.git_revision,
    scored_by: run.scoring?.file ?? null,
    simulated: Object.entries(run.providers).flatMap(([key, provider]) => (provider.simulated ? [key] : [])),
    event_loop_delay_p99_ms: delays.length === 0 ? null : Math.max(...delays),
    pace: index.pace.lanes,
  };
}
