/** Milliseconds of the minute that limits are stated for. */
export const minuteMs = 60_000;

/** Milliseconds of a day. */
export const dayMs = 86_400_000;

/** Makes what was taken another amount, as if it had been that from the start. What has left the window stays gone. */
export type AmendTaken = (amount: number, now: number) => void;

/** One budget over time. `now` is in milliseconds since the epoch and never runs backwards. */
export interface LimitWindow {
  /** The limit as stated. */
  readonly limit: number;
  fits(amount: number, now: number): boolean;
  /** Takes an amount, whether it fits or not. */
  take(amount: number, now: number): AmendTaken;
  /** What is left, at least 0. */
  remaining(now: number): number;
  /** Milliseconds until an amount fits if nothing else is taken: 0 when it does now, null when it never will. */
  waitMs(amount: number, now: number): number | null;
}

/** What sums of fractions may be wrong by, for a limit. */
export function toleranceOf(limit: number): number {
  return limit * 1e-9;
}
