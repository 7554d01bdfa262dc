import type { Clock } from "../../src/system/clock.ts";

interface Timer {
  readonly at: number;
  readonly work: () => void;
}

/** A clock that stands still until it is moved. */
export class ManualClock implements Clock {
  #now = 0;
  #timers: Timer[] = [];

  now(): number {
    return this.#now;
  }

  wall(): string {
    return new Date(Date.UTC(2026, 0, 1) + this.#now).toISOString();
  }

  after(ms: number, work: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, ms), work };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** When the next timer is due; Infinity for none. */
  get nextTimerAt(): number {
    return Math.min(Number.POSITIVE_INFINITY, ...this.#timers.map((timer) => timer.at));
  }

  /** Moves to the next timer and rings it; false when there is none. */
  tick(): boolean {
    const next = this.#timers.reduce<Timer | null>(
      (soonest, timer) => (soonest === null || timer.at < soonest.at ? timer : soonest),
      null,
    );
    if (next === null) return false;
    this.#timers = this.#timers.filter((timer) => timer !== next);
    this.#now = Math.max(this.#now, next.at);
    next.work();
    return true;
  }
}

/** Lets promises that are ready go on, then rings timers, until `done` settles or nothing is left to do. */
export async function drive(clock: ManualClock, done: Promise<unknown>): Promise<void> {
  let finished = false;
  void done.then(
    () => {
      finished = true;
    },
    () => {
      finished = true;
    },
  );
  for (let idle = 0; !finished && idle < 3; ) {
    await new Promise((resolve) => setImmediate(resolve));
    if (finished) break;
    idle = clock.tick() ? 0 : idle + 1;
  }
  if (!finished) throw new Error("nothing left to do, and not done");
  await done;
}
