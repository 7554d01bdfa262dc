import type { CostSum } from "../aggregate/summary-shape.ts";
import type { Estimate } from "../compare/estimate.ts";

/** What stands for an unknown number in tables. */
export const unknownWord = "–";

/** A rate or score with its 95 % interval: `0.712 [0.64, 0.78]`. */
export function estimateWords(estimate: Estimate | null): string {
  if (estimate === null || estimate.value === null) return unknownWord;
  const { value, low, high } = estimate;
  const shown = shareWords(value, 3);
  return low === null || high === null ? shown : `${shown} [${shareWords(low, 2)}, ${shareWords(high, 2)}]`;
}

/** A share that is not quite 0 or 1 is never shown as if it were. */
function shareWords(share: number, digits: number): string {
  const step = 10 ** -digits;
  const inside = share > 0 && share < 1 ? Math.min(1 - step, Math.max(step, share)) : share;
  return inside.toFixed(digits);
}

/** Money: up to four digits, at least two decimals, and its currency; `≥` where the price of some requests is unknown. */
export function costWords(cost: CostSum | null): string {
  if (cost === null) return unknownWord;
  const { amount, currency, complete } = cost;
  const decimals = amount === 0 ? 2 : Math.min(12, Math.max(2, 3 - Math.floor(Math.log10(Math.abs(amount)))));
  const shown = amount.toFixed(decimals).replace(/(\.\d\d\d*?)0+$/, "$1");
  return `${complete ? "" : "≥ "}${shown} ${currency}`;
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

/** A number per second: one decimal below 10, for slow runs. */
export function speedWords(perSecond: number | null): string {
  return perSecond !== null && perSecond < 9.95 ? perSecond.toFixed(1) : countWords(perSecond);
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
  const ending = word.endsWith("ch") ? "es" : "s";
  return `${countWords(count)} ${word}${count === 1 ? "" : ending}`;
}

/**
 * `180 requests: 6 variants × 10 rows × 3 trials`. Where the product does not come out (some rows or trials belong to
 * some variants only) the counts stand beside each other.
 */
export function productWords(requests: number, variants: number, rows: number): string {
  const trials = requests / (variants * rows);
  const counts = `${plural(variants, "variant")} × ${plural(rows, "row")}`;
  if (trials === 1) return `${plural(requests, "request")}: ${counts}`;
  if (Number.isInteger(trials))
    return `${plural(requests, "request")}: ${counts} × ${plural(trials, "trial")}`;
  return `${plural(requests, "request")}: ${plural(variants, "variant")}, ${plural(rows, "row")}`;
}
