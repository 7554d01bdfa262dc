import type { RunListener } from "./events.ts";
import type { RunBudget } from "./run-budget.ts";

/** A lane whose requests others ask, and how that stands in words. */
export interface LaneElsewhere {
  readonly lane: string;
  /** Requests that are with others. */
  readonly requests: number;
  readonly words: string;
}

/** Says how lanes stand that others ask. */
export function tellElsewhere(
  { listener, budget }: { readonly listener: RunListener; readonly budget: RunBudget | null },
  lanes: readonly LaneElsewhere[],
): void {
  listener({
    kind: "lanes",
    lanes: lanes.map(({ lane, requests, words }) => ({
      lane,
      left: requests,
      inFlight: requests,
      concurrency: requests,
      boundBy: null,
      etaMs: null,
      pauseLeftMs: 0,
      limits: [],
      elsewhere: words,
    })),
    budget: budget?.uses ?? [],
    time: null,
  });
}
