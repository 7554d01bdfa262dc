import { type LimitWindow, minuteMs } from "./limit-window.ts";

interface Entry {
  readonly at: number;
  amount: number;
  /** Whether it has left the window. */
  gone: boolean;
}

/** Exactly what was taken within the last 60 seconds. */
export function slidingLogWindow(limit: number): LimitWindow {
  let entries: Entry[] = [];
  let first = 0;
  let used = 0;
  const usedBy = (now: number): number => {
    for (let entry = entries[first]; entry !== undefined && entry.at <= now - minuteMs; ) {
      used -= entry.amount;
      entry.gone = true;
      first++;
      entry = entries[first];
    }
    if (first > 1024 && first * 2 > entries.length) {
      entries = entries.slice(first);
      first = 0;
    }
    return used;
  };
  return {
    limit,
    fits: (amount, now) => usedBy(now) + amount <= limit,
    take(amount, now) {
      used = usedBy(now) + amount;
      const entry: Entry = { at: now, amount, gone: false };
      entries.push(entry);
      return (other, later) => {
        usedBy(later);
        if (!entry.gone) used += other - entry.amount;
        entry.amount = other;
      };
    },
    remaining: (now) => Math.max(0, limit - usedBy(now)),
    waitMs(amount, now) {
      if (amount > limit) return null;
      let left = usedBy(now);
      if (left + amount <= limit) return 0;
      for (let index = first; index < entries.length; index++) {
        const entry = entries[index];
        if (entry === undefined) break;
        left -= entry.amount;
        if (left + amount <= limit) return entry.at + minuteMs - now;
      }
      return 0;
    },
  };
}
