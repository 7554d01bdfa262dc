import { countWords } from "../report/number-words.ts";
import { alignedLines, cut, paint, type TextColumn } from "../report/text-table.ts";
import type { RunEvent } from "../run/events.ts";
import type { LaneTally, RunTally } from "./run-tally.ts";
import { secondsWords } from "./tally-words.ts";

type Status = (RunEvent & { kind: "lanes" })["lanes"][number];

interface LaneView extends LaneTally {
  /** Null before it is first told of, and where nothing of the lane is left to send. */
  readonly status: Status | null;
  /** Milliseconds; null is not known. */
  readonly leftMs: number | null;
}

interface LaneColumn extends TextColumn {
  readonly cell: (lane: LaneView) => string;
}

const mostLanes = 8;
const narrow = 20;

/** How lanes are shown. */
export interface LaneLinesOptions {
  /** Columns, and lines in all. */
  readonly width: number;
  readonly height: number;
  readonly color: boolean;
}

/** A line for each lane, those that take the longest first, and how many more there are. */
export function laneLines(tally: RunTally, now: number, options: LaneLinesOptions): readonly string[] {
  const lanes = slowestFirst(tally, now);
  const most = Math.min(mostLanes, options.height);
  const isAll = lanes.length <= most;
  const shown = lanes.slice(0, isAll || most < options.height ? most : most - 1);
  if (shown.length === 0) return [];
  const columns = laneColumns(shown);
  const rows = shown.map((lane) => columns.map(({ cell }) => cell(lane)));
  const indent = options.width < narrow ? "" : "  ";
  const width = options.width - indent.length;
  const { lines } = alignedLines(columns, rows, { width, color: options.color }, false);
  const count = cut(`… and ${countWords(lanes.length - shown.length)} more`, width);
  return [...lines, ...(isAll ? [] : [paint("dim", count, options)])].map((line) => `${indent}${line}`);
}

function slowestFirst(tally: RunTally, now: number): readonly LaneView[] {
  const times = new Map(tally.timesLeft(now).map(({ lane, ms }) => [lane, ms]));
  const statuses = new Map(tally.status.lanes.map((status) => [status.lane, status]));
  const lanes = [...tally.lanes.values()].map((lane) => ({
    ...lane,
    status: statuses.get(lane.key) ?? null,
    leftMs: lane.done >= lane.total ? null : (times.get(lane.key) ?? null),
  }));
  const left = ({ total, done }: LaneView): number => Math.max(0, total - done);
  // Lanes that are done stand last.
  return lanes.sort(
    (a, b) =>
      Number(left(b) > 0) - Number(left(a) > 0) || (b.leftMs ?? 0) - (a.leftMs ?? 0) || left(b) - left(a),
  );
}

function laneColumns(lanes: readonly LaneView[]): readonly LaneColumn[] {
  const axes = [...new Set(lanes.flatMap(({ status }) => (status?.limits ?? []).map(({ axis }) => axis)))];
  return [
    { title: "lane", align: "left", flexible: true, cell: ({ key }) => key },
    {
      title: "done",
      align: "right",
      spare: 3,
      cell: ({ done, total }) => `${countWords(done)}/${countWords(total)}`,
    },
    {
      title: "in flight",
      align: "right",
      spare: 2,
      cell: ({ status }) => (status === null ? "" : (status.elsewhere ?? `${status.inFlight} in flight`)),
    },
    ...axes.map(
      (axis, i): LaneColumn => ({
        title: axis,
        align: "left",
        spare: 1 + (axes.length - i) / 100,
        cell: ({ status }) => {
          const use = status?.limits.find((one) => one.axis === axis);
          return use === undefined
            ? ""
            : `${axis} ${countWords(Math.max(0, use.used))}/${countWords(use.limit)}`;
        },
      }),
    ),
    {
      title: "state",
      align: "left",
      spare: 4,
      tone: (cell) => (cell.startsWith("paused") ? "yellow" : cell === "done" ? "green" : null),
      cell: stateWords,
    },
  ];
}

function stateWords({ done, total, status, leftMs }: LaneView): string {
  if (done >= total) return "done";
  if (status !== null && status.pauseLeftMs > 0) return `paused ${secondsWords(status.pauseLeftMs)}`;
  return leftMs === null ? "" : `${secondsWords(leftMs)} left`;
}
