import { join } from "node:path";
import { workerOf } from "../run/directory-lock.ts";
import { type FoundRun, findRuns } from "./find-runs.ts";
import { KnownRun, type RunFacts } from "./known-run.ts";
import { fileStamp } from "./read-json.ts";
import type { RunLine, RunState } from "./run-line.ts";
import type { SummaryFacts } from "./summary-facts.ts";

/** A journal that grew so lately is being written, by whatever process. */
const freshMs = 10_000;

const endStates: readonly RunState[] = ["complete", "incomplete", "interrupted", "failed"];
const nothing: SummaryFacts = {
  requests: null,
  answered: null,
  failed: null,
  best: null,
  cost: null,
  verdict: null,
};

/** The runs of a results folder, looked at anew each time; what did not change is not read again. */
export class RunList {
  readonly #root: string;
  #known = new Map<string, KnownRun>();

  constructor(root: string) {
    this.#root = root;
  }

  /** All runs, the newest first; those that cannot be read come last. */
  lines(): readonly RunLine[] {
    const found = findRuns(this.#root);
    this.#known = new Map(found.map(({ directory }) => [directory, this.#knownOf(directory)]));
    return found.map((run) => this.#line(run)).sort(newestFirst);
  }

  /** A run by its name; null for a name that no run has. */
  find(name: string): { readonly directory: string; readonly line: RunLine } | null {
    const found = findRuns(this.#root).find((run) => run.name === name);
    return found === undefined ? null : { directory: found.directory, line: this.#line(found) };
  }

  #knownOf(directory: string): KnownRun {
    const known = this.#known.get(directory) ?? new KnownRun();
    this.#known.set(directory, known);
    return known;
  }

  #line({ name, directory, problem }: FoundRun): RunLine {
    const known = this.#knownOf(directory);
    const facts = problem ?? known.facts(directory);
    const common = {
      name,
      href: `/run/${name.split("/").map(encodeURIComponent).join("/")}/`,
      has_report: fileStamp(join(directory, "report.html")) !== null,
    };
    if (typeof facts === "string") {
      const unknown = { title: null, started_at: null, simulated: false, ...nothing };
      return { ...common, ...unknown, state: "unreadable", problem: facts };
    }
    const about = { title: facts.title, started_at: facts.startedAt, simulated: facts.simulated };
    if (facts.status === "running") return { ...common, ...about, ...unfinished(directory, known, facts) };
    const summary = known.summary(directory);
    const state = endStates.find((one) => one === facts.status) ?? "unreadable";
    const told = state === "unreadable" ? "run.json has a status that is not known" : null;
    if (typeof summary !== "string") return { ...common, ...about, ...summary, state, problem: told };
    const missing = `${summary}; \`promptgrid report DIR\` makes it again`;
    return { ...common, ...about, ...nothing, requests: facts.requests, state, problem: told ?? missing };
  }
}

/** What is known of a run before its reports stand. */
function unfinished(
  directory: string,
  known: KnownRun,
  facts: RunFacts,
): SummaryFacts & Pick<RunLine, "state" | "problem"> {
  const progress = known.progress(directory) ?? { answered: 0, failed: 0, changedAt: 0 };
  const { answered = null, failed = null, changedAt = 0 } = typeof progress === "string" ? {} : progress;
  const fresh = Date.now() - changedAt < freshMs;
  const running = workerOf(directory) !== null || fresh;
  const stopped = "its process is gone; `promptgrid resume DIR` goes on with it";
  return {
    ...nothing,
    requests: facts.requests,
    answered,
    failed,
    state: running ? "running" : "stopped",
    problem: typeof progress === "string" ? progress : running ? null : stopped,
  };
}

function newestFirst(one: RunLine, other: RunLine): number {
  const [a, b] = [one.started_at ?? "", other.started_at ?? ""];
  if (a !== b) return a < b ? 1 : -1;
  return one.name < other.name ? -1 : 1;
}
