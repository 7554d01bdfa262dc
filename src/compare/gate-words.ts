import type { SeriesDifference } from "./compare-series.ts";
import type { TestName } from "./comparison.ts";
import type { GateSpec } from "./gate.ts";
import type { Metric } from "./metric.ts";

const testWords: Readonly<Record<TestName, string>> = {
  "mcnemar-midp": "McNemar mid-p",
  "paired-t": "paired t",
  "sign-flip": "exact sign flip",
  "mann-whitney": "Mann–Whitney",
  bootstrap: "bootstrap",
  none: "no test",
};

/** A size of a difference: `5.0 points`, `12 %`. */
export function sizeWords(size: number, metric: Metric, digits: number = 1): string {
  if (metric.scale === "points") return `${(size * 100).toFixed(digits)} points`;
  if (digits > 1) return `${(size * 100).toFixed(digits)} %`;
  const percent = size * 100;
  return `${percent.toFixed(Math.abs(percent) < 10 ? 1 : 0)} %`;
}

/** A value of a metric as a sentence has it: `0.912`, `812 ms`, `45.2`. */
export function valueWords(value: number | null, metric: Metric): string {
  if (value === null) return "unknown";
  if (metric.scale === "points") return value.toFixed(3);
  const short = Math.abs(value) >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
  return metric.quantity.endsWith("_ms") ? `${short} ms` : short;
}

/** A p value: `= 0.0027`, `< 0.0001`; with more digits where two would hide on which side of a level it lies. */
export function pWords(p: number): string {
  if (p < 0.0001) return "< 0.0001";
  const short = Number(p.toPrecision(2));
  return `= ${short === 0.05 || short === 0.025 ? Number(p.toPrecision(4)) : short}`;
}

/** A number of rows: `17`, `12 344`. */
export function rowWords(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, " ");
}

/** `fell by 8.0 points [2.9, 13.1] from 0.958 to 0.878`; the interval is that of the size in this direction. */
export function changeWords(difference: SeriesDifference, metric: Metric): string {
  const { value, low, high, baseValue, candidateValue } = difference;
  const ends = `from ${valueWords(baseValue, metric)} to ${valueWords(candidateValue, metric)}`;
  if (value === null) return `went ${ends}`;
  if (value === 0) return `is the same on both sides, ${valueWords(candidateValue, metric)}`;
  const sign = value < 0 ? -1 : 1;
  const bounds = low === null || high === null ? null : [low * sign, high * sign].sort((a, b) => a - b);
  const plain = (size: number): string =>
    metric.scale === "points" ? (size * 100).toFixed(1) : sizeWords(size, metric).replace(" %", "");
  const interval = bounds === null ? "" : ` [${bounds.map(plain).join(", ").replaceAll("-", "−")}]`;
  return `${value < 0 ? "fell" : "rose"} by ${sizeWords(Math.abs(value), metric)}${interval} ${ends}`;
}

/** `1 row`, `12 344 rows`. */
export function countWords(count: number, word: string): string {
  return `${rowWords(count)} ${word}${count === 1 ? "" : "s"}`;
}

/** `p = 0.0027 after Holm (McNemar mid-p: 12 rows regressed, 2 improved)`. */
export function testSentence(
  difference: SeriesDifference,
  adjusted: number,
  family: number,
  sides: 1 | 2 = 1,
): string {
  const { regressed, improved, test } = difference;
  const flips =
    regressed === null || improved === null
      ? ""
      : `: ${rowWords(regressed)} rows regressed, ${rowWords(improved)} improved`;
  return `${sides === 1 ? "one-sided " : ""}p ${pWords(adjusted)}${family > 1 ? ` after Holm over ${family}` : ""} (${testWords[test]}${flips})`;
}

/** What a gate demands: `pass_rate max_drop 5.0 points`. */
export function limitWords({ metric, limit }: Pick<GateSpec, "metric" | "limit">): string {
  const { kind, value } = limit;
  const size = kind === "min" || kind === "max" ? valueWords(value, metric) : sizeWords(value, metric);
  return `${metric.name} ${kind} ${size}`;
}

/** A share as `3 %`. */
export function percentWords(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}
