/** The axis that a run waits for. */
export type TimeAxis = "rpm" | "tpm" | "concurrency";

/** All that one lane is to do, and the limits that hold for it. */
export interface LaneLoad {
  readonly lane: string;
  readonly requests: number;
  /** Prompt and completion tokens of all its requests. */
  readonly tokens: number;
  /** Sum of the times that its requests take on the server. */
  readonly busySeconds: number;
  readonly concurrency: number;
  /** Requests per minute, as stated; null without a limit. */
  readonly rpm: number | null;
  readonly tpm: number | null;
}

/** How long one lane takes, and what it waits for. */
export interface LaneTime {
  readonly lane: string;
  readonly seconds: number;
  readonly bound_by: TimeAxis;
}

/** How long a run takes. */
export interface WallTime {
  readonly seconds: number;
  readonly bound_by: TimeAxis;
  /** The lane that it waits for; null where the concurrency of the whole run binds. */
  readonly bound_lane: string | null;
  /** Each lane as if it were alone. */
  readonly lanes: readonly LaneTime[];
}

/** Share of a stated limit that the scheduler uses. */
const usedShare = 0.97;

/**
 * The time of lanes that work side by side: the slowest of them, or all their requests over the concurrency of the run
 * where that is more. A lane takes the longest of: its requests at `rpm`, its tokens at `tpm` (both at 97 %, and the
 * time of the last request), its requests in waves of `concurrency`. Refusals and retries are not in it.
 */
export function wallTime(loads: readonly LaneLoad[], concurrency: number): WallTime {
  const lanes = loads.filter(({ requests }) => requests > 0).map(laneTime);
  const slowest = lanes.reduce<LaneTime | null>(
    (most, one) => (most === null || one.seconds > most.seconds ? one : most),
    null,
  );
  const busy = loads.reduce((sum, load) => sum + load.busySeconds, 0);
  const together = busy / Math.max(1, concurrency);
  if (slowest === null || together > slowest.seconds)
    return { seconds: together, bound_by: "concurrency", bound_lane: null, lanes };
  return { seconds: slowest.seconds, bound_by: slowest.bound_by, bound_lane: slowest.lane, lanes };
}

function laneTime({ lane, requests, tokens, busySeconds, concurrency, rpm, tpm }: LaneLoad): LaneTime {
  const each = busySeconds / requests;
  // The first request goes out at once, whatever the limit.
  const paced = (units: number, perMinute: number | null): number =>
    perMinute === null ? 0 : ((units * (requests - 1)) / requests / (perMinute * usedShare)) * 60 + each;
  const axes: readonly (readonly [TimeAxis, number])[] = [
    ["concurrency", Math.ceil(requests / Math.max(1, concurrency)) * each],
    ["rpm", paced(requests, rpm)],
    ["tpm", paced(tokens, tpm)],
  ];
  const [bound_by, seconds] = axes.reduce((most, one) => (one[1] > most[1] ? one : most));
  return { lane, seconds, bound_by };
}
