import type { Amounts } from "./axis.ts";

/** Limits of a lane that other processes use up, too. */
export interface SharedPace {
  /**
   * Milliseconds until a request that needs such tokens may be sent; 0 is now. Else it has begun to ask for room, and calls the
   * listener when there is some; the time is when it is worth looking again anyway.
   */
  wait(amounts: Amounts, now: number): number;
  /** Takes room for a request; only after `wait` gave 0 at the same time. */
  take(amounts: Amounts): void;
  /** What was taken becomes what was used. */
  settle(taken: Amounts, used: Amounts): void;
  /** The server refused: nothing is sent by anyone for so many milliseconds. */
  freeze(ms: number): void;
  /** Sets who is called when something changed. */
  listen(wake: () => void): void;
}
