import type { Summary, VariantSummary } from "../aggregate/summary-shape.ts";
import { countWords, durationWords, estimateWords, plural, timeWords } from "./number-words.ts";
import type { TextColumn } from "./text-table.ts";

/** The table of variants, as cells, for the terminal and for Markdown. */
export interface SummaryTable {
  readonly columns: readonly TextColumn[];
  readonly rows: readonly (readonly string[])[];
}

/** One column with its cell for a variant; shown only where some variant has something to say. */
interface Column extends TextColumn {
  readonly cell: (variant: VariantSummary) => string;
  readonly shown?: (summary: Summary) => boolean;
}

const columns: readonly Column[] = [
  { title: "variant", align: "left", flexible: true, cell: (variant) => variant.variant },
  {
    title: "pass rate",
    align: "left",
    cell: (variant) => estimateWords(variant.pass_rate),
    shown: (summary) => summary.variants.some((variant) => variant.pass_rate !== null),
  },
  {
    title: "rows",
    align: "right",
    cell: (variant) => countWords(variant.pass_rate?.n ?? 0),
    shown: (summary) => summary.variants.some((variant) => variant.pass_rate !== null),
  },
  { title: "answered", align: "right", cell: (variant) => countWords(variant.answered) },
  {
    title: "failed",
    align: "right",
    cell: (variant) => countWords(variant.failed),
    shown: (summary) => summary.totals.failed > 0,
  },
  {
    title: "not asked",
    align: "right",
    cell: (variant) => countWords(variant.pending),
    shown: (summary) => summary.totals.pending > 0,
  },
  {
    title: "reused",
    align: "right",
    cell: (variant) => countWords(variant.reused),
    shown: (summary) => summary.totals.reused > 0,
  },
  { title: "p50", align: "right", cell: (variant) => timeWords(variant.latency_ms.p50) },
  { title: "p95", align: "right", cell: (variant) => timeWords(variant.latency_ms.p95) },
  { title: "tokens in", align: "right", cell: (variant) => countWords(variant.prompt_tokens.sum) },
  { title: "tokens out", align: "right", cell: (variant) => countWords(variant.completion_tokens.sum) },
];

/** The variants as a table: columns that say nothing about this run are left out. */
export function summaryTable(summary: Summary): SummaryTable {
  const shown = columns.filter((column) => column.shown?.(summary) ?? true);
  return {
    columns: shown,
    rows: summary.variants.map((variant) => shown.map((column) => column.cell(variant))),
  };
}

/** The run in a few lines below its table: totals, failures by message, and what makes the numbers doubtful. */
export function summaryNotes(summary: Summary): readonly string[] {
  const { totals, run } = summary;
  const speed =
    totals.requests_per_second === null
      ? ""
      : ` (${countWords(totals.requests_per_second)} requests/s, ${countWords(totals.output_tokens_per_second)} output tokens/s)`;
  const parts = [
    `${countWords(totals.answered)} of ${plural(totals.requests, "request")} answered`,
    ...(totals.failed > 0 ? [`${countWords(totals.failed)} failed`] : []),
    ...(totals.pending > 0 ? [`${countWords(totals.pending)} not asked`] : []),
    ...(totals.reused > 0 ? [`${countWords(totals.reused)} reused`] : []),
    `${durationWords(totals.wall_seconds)}${speed}`,
  ];
  const notes = [parts.join(", ")];
  for (const { kind, message, count } of totals.failure_messages)
    notes.push(`failed ${countWords(count)}×: ${kind}: ${message}`);
  if (run.status !== "complete")
    notes.push(`the run is ${run.status}${run.reason === null ? "" : `: ${run.reason}`}`);
  if (run.simulated.length > 0)
    notes.push(`simulated answers (provider ${run.simulated.join(", ")}): no real model was asked`);
  const delay = run.event_loop_delay_p99_ms;
  if (delay !== null && delay > saturatedMs && run.simulated.length === 0) {
    notes.push(
      `this machine was saturated (event loop p99 ${timeWords(delay)} late): the times above are longer than the server's`,
    );
  }
  return notes;
}

/** Event-loop delay (p99) from which times say more about the client than about the server. */
const saturatedMs = 20;
