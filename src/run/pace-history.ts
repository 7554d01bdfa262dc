import type { LanePace, PaceStep } from "../aggregate/summary-shape.ts";
import type { LaneRecord } from "../journal/record.ts";

/** Changes that are kept of each lane: how it began, and how it ended. */
const first = 30;
const last = 30;

interface Kept {
  changes: number;
  readonly first: PaceStep[];
  readonly last: PaceStep[];
}

/** The history of the lanes' pace, of each the first and the last 30 changes, however long the journal is. */
export class PaceHistory {
  readonly #lanes = new Map<string, Kept>();

  note({ lane, at, event, concurrency, pause_ms, axis, limit, reason }: LaneRecord): void {
    const kept = this.#lanes.get(lane) ?? { changes: 0, first: [], last: [] };
    this.#lanes.set(lane, kept);
    kept.changes++;
    const step: PaceStep = {
      at,
      event,
      concurrency,
      pause_ms: pause_ms ?? null,
      axis: axis ?? null,
      limit: limit ?? null,
      reason,
    };
    if (kept.first.length < first) kept.first.push(step);
    else {
      kept.last.push(step);
      if (kept.last.length > last) kept.last.shift();
    }
  }

  get lanes(): readonly LanePace[] {
    return [...this.#lanes].map(([lane, kept]) => ({
      lane,
      changes: kept.changes,
      history: [...kept.first, ...kept.last],
    }));
  }
}
