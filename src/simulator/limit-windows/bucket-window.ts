import { type LimitWindow, minuteMs, toleranceOf } from "./limit-window.ts";

/**
 * A bucket that starts full and fills at the stated rate. It holds `seconds` of budget, at least 1. An amount larger than
 * the bucket (but not than the limit) is let in when the bucket is full; the level is then below 0 until it has filled up.
 */
export function bucketWindow(limit: number, seconds: number): LimitWindow {
  const capacity = Math.max((limit * seconds * 1_000) / minuteMs, 1);
  const tolerance = toleranceOf(limit);
  let level = capacity;
  let filledAt: number | null = null;
  const fill = (now: number): number => {
    if (filledAt !== null) level = Math.min(capacity, level + ((now - filledAt) * limit) / minuteMs);
    filledAt = now;
    return level;
  };
  const missing = (amount: number, now: number): number => Math.min(amount, capacity) - fill(now);
  return {
    limit,
    fits: (amount, now) => amount <= Math.max(limit, 1) && missing(amount, now) <= tolerance,
    take(amount, now) {
      level = fill(now) - amount;
      let taken = amount;
      return (other, later) => {
        level = Math.min(capacity, fill(later) + taken - other);
        taken = other;
      };
    },
    remaining: (now) => Math.max(0, fill(now)),
    waitMs(amount, now) {
      if (amount > Math.max(limit, 1)) return null;
      const short = missing(amount, now);
      return short <= tolerance ? 0 : (short * minuteMs) / limit;
    },
  };
}
