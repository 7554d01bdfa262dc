import type { LanePace, PaceStep, Summary } from "../aggregate/summary-shape.ts";
import { countWords, plural } from "./number-words.ts";
import type { TextColumn } from "./text-table.ts";

/** Changes that are shown of all lanes together. */
const mostShown = 20;

const eventWords: Readonly<Record<PaceStep["event"], string>> = {
  pause: "paused",
  cut: "fewer at once",
  grow: "more at once",
  limit: "limit learned",
  charge: "paced otherwise",
  stop: "stopped",
};

const columns: readonly TextColumn[] = [
  { title: "lane", align: "left" },
  { title: "at (UTC)", align: "left" },
  { title: "what", align: "left" },
  { title: "at once", align: "right" },
  { title: "why", align: "left" },
];

/** The history of the lanes' pace as a table; null where no lane was ever slowed, held or stopped. */
export function paceTable(pace: Summary["run"]["pace"]): {
  readonly title: string;
  readonly columns: readonly TextColumn[];
  readonly rows: readonly (readonly string[])[];
  readonly notes: readonly string[];
} | null {
  const isTold = pace.some(({ history }) => history.some(({ event }) => event !== "grow"));
  if (!isTold) return null;
  const each = Math.max(1, Math.floor(mostShown / pace.length));
  const shown = pace.slice(0, mostShown).flatMap((lane) => rowsOf(lane, each));
  const all = pace.reduce((sum, { changes }) => sum + changes, 0);
  const more = all - shown.length;
  return {
    title: "How fast the lanes went, and why",
    columns,
    rows: shown,
    notes: more > 0 ? [`${plural(more, "more change")}: \`lane\` records of journal.jsonl`] : [],
  };
}

function rowsOf({ lane, history }: LanePace, most: number): readonly (readonly string[])[] {
  return history
    .slice(0, most)
    .map((step) => [lane, step.at.slice(11, 19), whatOf(step), String(step.concurrency), step.reason]);
}

function whatOf({ event, pause_ms: pauseMs, axis, limit }: PaceStep): string {
  if (event === "pause" && pauseMs !== null) return `paused ${(pauseMs / 1_000).toFixed(1)} s`;
  if (event === "limit" && axis !== null && limit !== null) return `${axis} ${countWords(limit)}`;
  return eventWords[event];
}
