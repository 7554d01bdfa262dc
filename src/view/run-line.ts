/** `running`: a process works on it. `stopped`: its process went before the run was done. */
export type RunState =
  | "running"
  | "stopped"
  | "complete"
  | "incomplete"
  | "interrupted"
  | "failed"
  | "unreadable";

/** A run as the list shows it. Counts and words are null where nothing is known. */
export interface RunLine {
  /** Its folder, relative to the results folder, with `/`. */
  readonly name: string;
  /** Path of its report on this server. */
  readonly href: string;
  /** What its matrix calls it. */
  readonly title: string | null;
  readonly state: RunState;
  /** ISO 8601, UTC. */
  readonly started_at: string | null;
  readonly requests: number | null;
  readonly answered: number | null;
  /** Requests without an answer whose last attempt failed. */
  readonly failed: number | null;
  /** The best pass rate with its interval, and the variant that has it. */
  readonly best: { readonly words: string; readonly variant: string } | null;
  readonly cost: string | null;
  readonly verdict: string | null;
  /** Providers whose answers were simulated. */
  readonly simulated: boolean;
  readonly has_report: boolean;
  /** Why something is missing, and what helps. */
  readonly problem: string | null;
}

/** What `/runs.json` answers. */
export interface RunsAnswer {
  readonly runs: readonly RunLine[];
}
