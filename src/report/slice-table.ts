import type { Slice } from "../compare/slices.ts";
import { type BarStyle, rateBar, rateScale } from "./interval-bar.ts";
import { countWords, estimateWords, plural, timeWords } from "./number-words.ts";
import type { SummaryTable } from "./summary-table.ts";
import type { TextColumn } from "./text-table.ts";
import { failedTone } from "./verdict-tone.ts";

/** A table with the line above it. */
export interface TitledTable extends SummaryTable {
  readonly title: string;
  /** Lines below it. Where there are no rows, they are all there is to show. */
  readonly notes: readonly string[];
}

/** Lines of a table of slices; all of them stand in `summary.json`. */
const mostLines = 60;

interface SliceColumn extends TextColumn {
  readonly cell: (slice: Slice) => string;
  readonly shown?: (slices: readonly Slice[]) => boolean;
}

function sliceColumns(slices: readonly Slice[], bars: BarStyle | null): readonly SliceColumn[] {
  const judged = slices.some(({ pass_rate }) => pass_rate !== null);
  const ids = judged ? [] : [...new Set(slices.flatMap(({ scores }) => Object.keys(scores)))];
  const all: readonly SliceColumn[] = [
    {
      title: slices[0]?.column ?? "",
      align: "left",
      flexible: true,
      cell: ({ value }) => (value === "" ? "(empty)" : value),
    },
    {
      title: "variant",
      align: "left",
      flexible: true,
      cell: ({ variant }) => variant,
      shown: () => new Set(slices.map(({ variant_id }) => variant_id)).size > 1,
    },
    {
      title: "pass rate",
      align: "left",
      cell: ({ pass_rate }) => estimateWords(pass_rate),
      shown: () => judged,
    },
    ...(bars === null
      ? []
      : [
          {
            title: rateScale(bars),
            align: "left",
            spare: 0,
            isDrawing: true,
            cell: ({ pass_rate }: Slice): string => rateBar(pass_rate, bars),
            shown: () => judged,
          } as const,
        ]),
    ...ids.map(
      (id): SliceColumn => ({
        title: id,
        align: "left",
        cell: ({ scores }) => estimateWords(scores[id] ?? null),
      }),
    ),
    { title: "rows", align: "right", cell: ({ rows }) => countWords(rows) },
    {
      title: "failed",
      align: "right",
      cell: ({ failed }) => countWords(failed),
      tone: failedTone,
      shown: () => slices.some(({ failed }) => failed > 0),
    },
    {
      title: "not asked",
      align: "right",
      cell: ({ pending }) => countWords(pending),
      shown: () => slices.some(({ pending }) => pending > 0),
    },
    {
      title: "p50",
      align: "right",
      spare: 1,
      cell: ({ latency_p50 }) => timeWords(latency_p50),
      shown: () => slices.some(({ latency_p50 }) => latency_p50 !== null),
    },
  ];
  return all.filter((column) => column.shown?.(slices) ?? true);
}

/** The slices of one column as a table: columns that say nothing about them are left out. */
export function sliceTable(slices: readonly Slice[], bars: BarStyle | null = null): TitledTable {
  const columns = sliceColumns(slices, bars);
  const shown = slices.length > mostLines ? slices.slice(0, mostLines) : slices;
  const more = slices.length - shown.length;
  return {
    title: `by ${slices[0]?.column ?? ""}`,
    columns,
    rows: shown.map((slice) => columns.map((column) => column.cell(slice))),
    notes: more === 0 ? [] : [`${plural(more, "more line")} in summary.json`],
  };
}
