import type { Comparison } from "../compare/comparison.ts";
import { costWords, countWords, estimateWords, timeWords, unknownWord } from "./number-words.ts";
import { printable } from "./text-table.ts";

/** What a comparison says of its candidate: `unknown` where nothing could be tested. */
export type Mark = "worse" | "better" | "same" | "unknown";

/** From this p value (after Holm) on a difference is called one. */
const significant = 0.05;

/**
 * Whether the candidate is worse or better, as far as the data can tell: two-sided p after Holm ≤ 0.05. What
 * failed is worse: its one-sided test said so. More is better for pass rates and scores, less for everything else.
 */
export function markOf({ metric, difference, p_value, p_adjusted, verdict }: Comparison): Mark {
  if (verdict === "fail") return "worse";
  const p = p_adjusted ?? p_value;
  if (difference.value === null || p === null) return "unknown";
  if (p > significant || difference.value === 0) return "same";
  const moreIsBetter = metric === "pass_rate" || metric.startsWith("scores.");
  return difference.value > 0 === moreIsBetter ? "better" : "worse";
}

/** A mark in a table: `worse`, `better`, `~` where no difference is seen, `–` where nothing could be tested. */
export function markWords(mark: Mark): string {
  return mark === "same" ? "~" : mark === "unknown" ? unknownWord : mark;
}

/** A difference with its interval: `−4.3 pt [−7.1, −1.5]`, `+12 % [+8, +17]`. */
export function changeWords({ difference, relative }: Comparison): string {
  const { value, low, high } = difference;
  if (value === null) return unknownWord;
  const known = [value, low, high].filter((bound) => bound !== null);
  const digits = decimals(Math.max(...known.map(Math.abs)), relative);
  const interval = low === null || high === null ? "" : ` [${signed(low, digits)}, ${signed(high, digits)}]`;
  return `${signed(value, digits)} ${unit(relative)}${interval}`;
}

/** The smallest change that could be seen: `4.1 pt`, `12 %`. */
export function seenWords({ mde, relative }: Comparison): string {
  return mde === null ? unknownWord : `${fixed(mde, decimals(mde, relative))} ${unit(relative)}`;
}

/** A p value: `0.0027`, `0.31`, `< 0.0001`. */
export function pWords(p: number | null): string {
  if (p === null) return unknownWord;
  if (p < 0.0001) return "< 0.0001";
  return p < 0.1 ? plain(Number(p.toPrecision(2))) : p.toFixed(2);
}

/** A value of a metric, in its unit: `0.912`, `812 ms`, `1 234`, `45.2`, `0.0123 CNY`. */
export function valueWords(value: number | null, { metric, relative, currency }: Comparison): string {
  if (value === null) return unknownWord;
  if (currency !== undefined) return minus(costWords({ amount: value, currency, complete: true }));
  if (!relative) return minus(estimateWords({ value, low: null, high: null, n: 0 }));
  if (/_ms\b/.test(metric)) return minus(timeWords(value));
  return minus(Math.abs(value) >= 1_000 ? countWords(value) : plain(Number(value.toPrecision(3))));
}

/** Rows that regressed and improved: `209 ↓ 152 ↑`; empty where rows do not pass or fail. */
export function flipWords({ regressed, improved }: Comparison): string {
  return regressed === null || improved === null
    ? ""
    : `${countWords(regressed)} ↓ ${countWords(improved)} ↑`;
}

/**
 * Any text as one line that neither a terminal nor a CI system takes for a command. GitHub's runner looks for `::` behind
 * leading space and for `##[` anywhere in a line, other systems for `##name[`: a space of no width stands in them.
 */
export function harmless(text: string): string {
  return printable(text)
    .replace(/^(\s*:):/, "$1\u200b:")
    .replace(/##(?=\w*\[)/g, "#\u200b#");
}

function unit(relative: boolean): string {
  return relative ? "%" : "pt";
}

/** So many decimals that the largest of some shares, in percent or points, has two digits or three. */
function decimals(largest: number, relative: boolean): number {
  const percent = largest * 100;
  if (percent < 1 && percent > 0) return 2;
  return relative && percent >= 10 ? 0 : 1;
}

function signed(share: number, digits: number): string {
  const shown = fixed(share, digits);
  return share > 0 && /[1-9]/.test(shown) ? `+${shown}` : shown;
}

function fixed(share: number, digits: number): string {
  const percent = share * 100;
  const shown = Math.abs(percent) >= 1e6 ? percent.toExponential(1) : percent.toFixed(digits);
  return minus(/[1-9]/.test(shown) ? shown : shown.replace("-", ""));
}

/** A number without exponent, where it has one only for being small. */
function plain(value: number): string {
  const shown = String(value);
  return shown.includes("e-") ? value.toFixed(12).replace(/0+$/, "") : shown;
}

function minus(shown: string): string {
  return shown.replace(/^-/, "−");
}
