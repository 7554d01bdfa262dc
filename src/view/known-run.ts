import { join } from "node:path";
import { runFiles } from "../run/run-directory.ts";
import { JournalProgress, type Progress } from "./journal-progress.ts";
import { fileStamp, member, numberOf, readJson, textOf } from "./read-json.ts";
import { readSummaryFacts, type SummaryFacts } from "./summary-facts.ts";

/** What `run.json` says that a line shows. */
export interface RunFacts {
  readonly title: string;
  readonly status: string;
  readonly startedAt: string | null;
  readonly requests: number | null;
  readonly simulated: boolean;
}

/** What was read of one run, kept until its files change. */
export class KnownRun {
  #progress: JournalProgress | null = null;
  #stamp: string | null = null;
  #facts: RunFacts | string = "";
  #summaryStamp: string | null = null;
  #summary: SummaryFacts | string = "";

  /** How far the run is, or what is wrong with its journal; null where there is none. */
  progress(directory: string): Progress | null | string {
    this.#progress ??= new JournalProgress(join(directory, runFiles.journal));
    const progress = this.#progress;
    return attempt(() => progress.look());
  }

  /** Facts of `run.json`, or what is wrong with it. */
  facts(directory: string): RunFacts | string {
    const path = join(directory, runFiles.run);
    const stamp = fileStamp(path);
    if (stamp === null || stamp !== this.#stamp) this.#facts = attempt(() => readRunFacts(path));
    this.#stamp = stamp;
    return this.#facts;
  }

  /** Facts of `summary.json`, or what is wrong with it. The journal is not counted any more. */
  summary(directory: string): SummaryFacts | string {
    this.#progress = null;
    const path = join(directory, "summary.json");
    const stamp = fileStamp(path);
    if (stamp === null || stamp !== this.#summaryStamp) this.#summary = attempt(() => readSummaryFacts(path));
    this.#summaryStamp = stamp;
    return this.#summary;
  }
}

function readRunFacts(path: string): RunFacts {
  const run = readJson(path, "run.json");
  const title = textOf(member(run, "name"));
  const status = textOf(member(run, "status"));
  if (title === null || status === null) throw new Error("run.json is not that of a run");
  if (member(run, "schema_version") !== 1)
    throw new Error("run.json was written by another version of promptgrid");
  return {
    title,
    status,
    startedAt: textOf(member(run, "started_at")),
    requests: numberOf(member(run, "shard", "requests")) ?? numberOf(member(run, "plan", "requests")),
    simulated: Object.values(member(run, "providers") ?? {}).some(
      (provider) => member(provider, "simulated") === true,
    ),
  };
}

/** What is read, or the message of the error. */
function attempt<T>(read: () => T): T | string {
  try {
    return read();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
