import { type LimitWindow, minuteMs, toleranceOf } from "./limit-window.ts";

/**
 * Two counters: that of the clock's minute, and that of the minute before, weighed by the share of it that lies within
 * the last 60 seconds. It takes the earlier minute for evenly used, so it is wrong both ways; the rule is that of
 * Cloudflare's and Upstash's limiters.
 */
export function slidingCounterWindow(limit: number): LimitWindow {
  const tolerance = toleranceOf(limit);
  let minute = -1;
  let current = 0;
  let earlier = 0;
  const turn = (now: number): void => {
    const at = Math.floor(now / minuteMs);
    if (at === minute) return;
    earlier = at === minute + 1 ? current : 0;
    current = 0;
    minute = at;
  };
  const usedBy = (now: number): number => {
    turn(now);
    return (earlier * ((minute + 1) * minuteMs - now)) / minuteMs + current;
  };
  return {
    limit,
    fits: (amount, now) => usedBy(now) + amount <= limit + tolerance,
    take(amount, now) {
      turn(now);
      current += amount;
      const own = minute;
      let taken = amount;
      return (other, later) => {
        turn(later);
        if (own === minute) current += other - taken;
        else if (own === minute - 1) earlier += other - taken;
        taken = other;
      };
    },
    remaining: (now) => Math.max(0, limit - usedBy(now)),
    waitMs(amount, now) {
      if (amount > limit) return null;
      if (usedBy(now) + amount <= limit + tolerance) return 0;
      const room = limit - amount;
      // Within this minute the earlier one has to fade far enough; else this one has to, within the next.
      const endsIn = (minute + 1) * minuteMs - now;
      return current <= room
        ? endsIn - ((room - current) / earlier) * minuteMs
        : endsIn + (1 - room / current) * minuteMs;
    },
  };
}
