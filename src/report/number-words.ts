import type { Estimate } from "../aggregate/summary-shape.ts";

/** What stands for an unknown number in tables. */
export const unknownWord = "–";

/** A rate or score with its 95 % interval: `0.712 [0.64, 0.78]`. */
export function estimateWords(estimate: Estimate | null): string {
  if (estimate === null || estimate.value === null) return unknownWord;
  const { value, low, high } = estimate;
  return low === null || high === null
    ? value.toFixed(3)
    : `${value.toFixed(3)} [${low.toFixed(2)}, ${high.toFixed(2)}]`;
}

/** Milliseconds: `12 ms`, `1.24 s`, `3.1 min`. */
export function timeWords(ms: number | null): string {
  if (ms === null) return unknownWord;
  if (ms < 9.95) return `${ms.toFixed(1)} ms`;
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  return ms < 60_000 ? `${(ms / 1_000).toFixed(2)} s` : `${(ms / 60_000).toFixed(1)} min`;
}

/** A count: `17`, `1 234`, `1.23M`. */
export function countWords(count: number | null): string {
  if (count === null) return unknownWord;
  if (Math.abs(count) >= 1e7) return `${(count / 1e6).toFixed(1)}M`;
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, " ");
}

/** Seconds of a run: `4.8 s`, `2 min 5 s`, `1 h 3 min`. */
export function durationWords(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3_600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3_600)} h ${Math.floor((whole % 3_600) / 60)} min`;
}

/** `1 request`, `2 requests`. */
export function plural(count: number, word: string): string {
  return `${countWords(count)} ${word}${count === 1 ? "" : "s"}`;
}
