import type { LimitWindow } from "./limit-window.ts";

/** A counter that starts again with every full period of the clock, in UTC. */
export function fixedWindow(limit: number, periodMs: number): LimitWindow {
  let period = -1;
  let used = 0;
  const usedBy = (now: number): number => {
    const current = Math.floor(now / periodMs);
    if (current !== period) used = 0;
    period = current;
    return used;
  };
  return {
    limit,
    fits: (amount, now) => usedBy(now) + amount <= limit,
    take(amount, now) {
      used = usedBy(now) + amount;
      const own = period;
      let taken = amount;
      return (other, later) => {
        usedBy(later);
        if (own === period) used += other - taken;
        taken = other;
      };
    },
    remaining: (now) => Math.max(0, limit - usedBy(now)),
    waitMs(amount, now) {
      if (amount > limit) return null;
      return usedBy(now) + amount <= limit ? 0 : (period + 1) * periodMs - now;
    },
  };
}
