import type { BestVariant } from "../compare/best.ts";
import type { AxisEffect } from "../compare/effects.ts";
import type { Slice } from "../compare/slices.ts";
import { countWords, estimateWords, plural, unknownWord } from "./number-words.ts";
import { sliceTable, type TitledTable } from "./slice-table.ts";
import { cut, type TextColumn } from "./text-table.ts";

const alpha = 0.05;
const mostNamed = 3;
const longestValue = 40;

/** The effects of the axes and the slices of each column as tables, for the terminal and for Markdown; empty ones are left out. */
export function effectsTables(
  effects: readonly AxisEffect[],
  slices: readonly Slice[],
): readonly TitledTable[] {
  const columns = [...new Set(slices.map(({ column }) => column))];
  return [
    ...(effects.length === 0 ? [] : [effectsTable(effects)]),
    ...columns.map((column) => sliceTable(slices.filter((slice) => slice.column === column))),
  ];
}

/**
 * `best: prompt=steps 0.958 [0.86, 0.99]; not distinguishable from it: 4 others (prompt=short, prompt=long, …)`; null
 * where there is nothing to choose from.
 */
export function bestLine(best: BestVariant | null): string | null {
  if (best === null) return null;
  const { value, low, high, tied, not_distinguishable: alike, distinguishable } = best;
  const head = `best: ${best.variant} ${estimateWords({ value, low, high, n: 0 })}`;
  const same = tied === 0 ? "" : `, the first of ${countWords(tied + 1)} with that value`;
  if (alike.length === 0) {
    const rest = distinguishable === 1 ? "the other is" : `the ${countWords(distinguishable)} others are`;
    return `${head}${same}; ${rest} worse`;
  }
  const named = alike.slice(0, mostNamed).map(({ variant }) => variant);
  const names = [...named, ...(alike.length > mostNamed ? ["…"] : [])].join(", ");
  return `${head}${same}; not distinguishable from it: ${plural(alike.length, "other")} (${names})`;
}

const effectColumns = (metric: string): readonly TextColumn[] => [
  { title: "value", align: "left", flexible: true },
  { title: metricWords(metric), align: "left" },
  { title: "rows", align: "right", spare: 2 },
  { title: "variants", align: "right", spare: 1 },
  { title: "points against its other values", align: "left" },
];

function effectsTable(effects: readonly AxisEffect[]): TitledTable {
  const shown = effects.filter(({ balanced }) => balanced);
  const notes = new Map<string, readonly string[]>();
  for (const { axis, note } of effects)
    if (note !== null) notes.set(note, [...new Set([...(notes.get(note) ?? []), axis])]);
  return {
    title: "effect of each axis, averaged over the others",
    columns: effectColumns(effects[0]?.metric ?? ""),
    rows: shown.map((effect) => [
      `${effect.axis}${effect.value === null ? " not set" : `=${cut(effect.value, longestValue)}`}`,
      estimateWords({ value: effect.value_mean, low: effect.low, high: effect.high, n: effect.n }),
      countWords(effect.n),
      countWords(effect.variants),
      differenceWords(effect),
    ]),
    notes: [...notes].map(([note, axes]) => `${axes.join(", ")}: ${note}`),
  };
}

/** `+4.2 [1.0, 7.4]`; `~ [-1.0, 3.2]` where it may as well be none. */
function differenceWords({ difference: { value, low, high }, p_adjusted: p }: AxisEffect): string {
  if (value === null) return unknownWord;
  const points = (share: number): string =>
    (share * 100)
      .toFixed(1)
      .replace(/^-(0\.0)$/, "$1")
      .replace("-", "−");
  const interval = low === null || high === null ? "" : ` [${points(low)}, ${points(high)}]`;
  if (p === null || p > alpha) return `~${interval}`;
  return `${value > 0 ? "+" : ""}${points(value)}${interval}`;
}

function metricWords(metric: string): string {
  return metric === "pass_rate" ? "pass rate" : metric.replace(/^scores\./, "");
}
