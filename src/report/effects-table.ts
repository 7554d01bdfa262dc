import type { BestVariant } from "../compare/best.ts";
import type { AxisEffect } from "../compare/effects.ts";
import type { Slice } from "../compare/slices.ts";
import { type BarStyle, differenceBar, differenceScale } from "./interval-bar.ts";
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
  bars: BarStyle | null = null,
): readonly TitledTable[] {
  const columns = [...new Set(slices.map(({ column }) => column))];
  return [
    ...(effects.length === 0 ? [] : [effectsTable(effects, bars)]),
    ...columns.map((column) =>
      sliceTable(
        slices.filter((slice) => slice.column === column),
        bars,
      ),
    ),
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

interface EffectColumn extends TextColumn {
  readonly cell: (effect: AxisEffect) => string;
}

function effectColumns(effects: readonly AxisEffect[], bars: BarStyle | null): readonly EffectColumn[] {
  const drawing: EffectColumn = {
    title: bars === null ? "" : differenceScale(reach(effects), bars),
    align: "left",
    spare: 0,
    isDrawing: true,
    cell: ({ difference }) => (bars === null ? "" : differenceBar(difference, reach(effects), bars)),
  };
  return [
    {
      title: "value",
      align: "left",
      flexible: true,
      cell: ({ axis, value }) => `${axis}${value === null ? " not set" : `=${cut(value, longestValue)}`}`,
    },
    {
      title: metricWords(effects[0]?.metric ?? ""),
      align: "left",
      spare: 10,
      cell: ({ value_mean: value, low, high, n }) => estimateWords({ value, low, high, n }),
    },
    { title: "rows", align: "right", spare: 2, cell: ({ n }) => countWords(n) },
    { title: "variants", align: "right", spare: 1, cell: ({ variants }) => countWords(variants) },
    {
      title: "points against its other values",
      short: { title: "against others" },
      align: "left",
      cell: differenceWords,
    },
    ...(bars === null ? [] : [drawing]),
  ];
}

/** The largest difference that their intervals hold. */
function reach(effects: readonly AxisEffect[]): number {
  return Math.max(
    0.01,
    ...effects.flatMap(({ difference: { value, low, high } }) =>
      [value, low, high].map((one) => Math.abs(one ?? 0)),
    ),
  );
}

function effectsTable(effects: readonly AxisEffect[], bars: BarStyle | null): TitledTable {
  const shown = effects.filter(({ balanced }) => balanced);
  const columns = effectColumns(effects, bars);
  const notes = new Map<string, readonly string[]>();
  for (const { axis, note } of effects)
    if (note !== null) notes.set(note, [...new Set([...(notes.get(note) ?? []), axis])]);
  return {
    title: "effect of each axis, averaged over the others",
    columns,
    rows: shown.map((effect) => columns.map(({ cell }) => cell(effect))),
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
