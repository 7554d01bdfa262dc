import type { AxisUse } from "../schedule/budget.ts";
import type { Scheduler } from "../schedule/scheduler.ts";
import type { Clock } from "../system/clock.ts";
import type { RunListener, TimeUse } from "./events.ts";

const statusEveryMs = 500;

/** Who tells how its lanes stand, and what of. */
export interface StatusTeller {
  readonly scheduler: Scheduler;
  readonly clock: Clock;
  readonly listener: RunListener;
  readonly budget: { readonly uses: readonly AxisUse[] } | null;
  /** What the budget allows for the whole run, and what is left of it now; milliseconds, null for no limit. */
  readonly timeMs: number | null;
  readonly timeLeftMs: number | null;
}

/** Says how lanes and budget stand, every now and then, until the result is called. */
export function tellStatus(teller: StatusTeller): () => void {
  const { scheduler, clock, listener, budget, timeMs, timeLeftMs } = teller;
  const startedAt = clock.now();
  const time = (now: number): TimeUse | null =>
    timeMs === null || timeLeftMs === null
      ? null
      : { usedMs: timeMs - timeLeftMs + now - startedAt, limitMs: timeMs };
  let off: () => void = () => undefined;
  const tell = (): void => {
    const now = clock.now();
    const working = scheduler.lanes.filter((lane) => lane.hasWork || lane.inFlight > 0);
    listener({
      kind: "lanes",
      lanes: working.map((lane) => ({ lane: lane.spec.key, left: lane.left, ...lane.status(now) })),
      budget: budget?.uses ?? [],
      time: time(now),
    });
    off = clock.after(statusEveryMs, tell);
  };
  off = clock.after(statusEveryMs, tell);
  return () => off();
}
