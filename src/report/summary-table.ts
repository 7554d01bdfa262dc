import type { Summary, SummaryBase, VariantSummary } from "../aggregate/summary-shape.ts";
import type { Estimate } from "../compare/estimate.ts";
import { type BarStyle, rateBar, rateScale } from "./interval-bar.ts";
import { judgingNotes, unscoredNotes } from "./judging-words.ts";
import { estimateLine } from "./kept-estimate-words.ts";
import { countWords, durationWords, estimateWords, plural, speedWords, timeWords } from "./number-words.ts";
import { oddAnswerNotes } from "./odd-answer-words.ts";
import { shortLabels } from "./short-labels.ts";
import { paidSums, paidWords, partWords, spendingNotes, variantMoney } from "./spending-words.ts";
import { cut, printable, type TextColumn } from "./text-table.ts";
import { failedTone } from "./verdict-tone.ts";

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

const nameColumn: Column = {
  title: "variant",
  align: "left",
  flexible: true,
  cell: (variant) => variant.variant,
};

/** The column of names, with what it says where there is little room. */
function shortNames({ variants }: Summary): TextColumn {
  const short = shortLabels(variants.map(({ variant }) => variant));
  return short === undefined ? nameColumn : { ...nameColumn, short };
}

const isJudged = ({ variants }: Summary): boolean => variants.some(({ pass_rate }) => pass_rate !== null);

const rateColumn: Column = {
  title: "pass rate",
  align: "left",
  cell: (variant) => estimateWords(variant.pass_rate),
  shown: isJudged,
};

const rowsColumn: Column = {
  title: "rows",
  align: "right",
  spare: 9,
  cell: (variant) => countWords(variant.pass_rate?.n ?? 0),
  shown: isJudged,
};

/** The pass rate drawn; counts of tokens and costs of one request make room for it. */
function barColumns(bars: BarStyle | null): readonly Column[] {
  if (bars === null) return [];
  const cell = (variant: VariantSummary): string => rateBar(variant.pass_rate, bars);
  return [{ title: rateScale(bars), align: "left", spare: 5.5, isDrawing: true, cell, shown: isJudged }];
}

const factColumns: readonly Column[] = [
  { title: "answered", align: "right", spare: 7, cell: (variant) => countWords(variant.answered) },
  {
    title: "failed",
    align: "right",
    cell: (variant) => countWords(variant.failed),
    tone: failedTone,
    shown: (summary) => summary.totals.failed > 0,
  },
  {
    title: "not asked",
    align: "right",
    spare: 11,
    cell: (variant) => countWords(variant.pending),
    shown: (summary) => summary.totals.pending > 0,
  },
  {
    title: "reused",
    align: "right",
    spare: 10,
    cell: (variant) => countWords(variant.reused),
    shown: (summary) => summary.totals.reused > 0,
  },
  { title: "p50", align: "right", spare: 12, cell: (variant) => timeWords(variant.latency_ms.p50) },
  { title: "p95", align: "right", spare: 8, cell: (variant) => timeWords(variant.latency_ms.p95) },
  { title: "tokens in", align: "right", spare: 5, cell: (variant) => countWords(variant.prompt_tokens.sum) },
  {
    title: "cached",
    align: "right",
    spare: 2,
    cell: (variant) => partWords(variant, "cached_tokens", "prompt_tokens"),
    shown: ({ totals }) => (totals.cached_tokens ?? 0) > 0,
  },
  {
    title: "tokens out",
    align: "right",
    spare: 6,
    cell: (variant) => countWords(variant.completion_tokens.sum),
  },
  {
    title: "reasoning",
    align: "right",
    spare: 1,
    cell: (variant) => partWords(variant, "reasoning_tokens", "completion_tokens"),
    shown: ({ totals }) => (totals.reasoning_tokens ?? 0) > 0,
  },
  {
    title: "cost",
    align: "right",
    spare: 13,
    cell: (variant) => paidWords(variant.cost),
    shown: (summary) => summary.variants.some((variant) => variant.cost !== null),
  },
  {
    title: "per request",
    align: "right",
    spare: 4,
    cell: (variant) => variantMoney(variant.cost_per_request, variant),
    shown: (summary) => summary.variants.some(({ cost_per_request: cost }) => (cost ?? 0) > 0),
  },
  {
    title: "per pass",
    align: "right",
    spare: 3,
    cell: (variant) => variantMoney(variant.cost_per_pass, variant),
    shown: (summary) => summary.variants.some(({ cost_per_pass: cost }) => (cost ?? 0) > 0),
  },
];

/** Scores beside a pass rate that have a column; summary.csv has all. */
const mostScores = 6;

/**
 * Where nothing is required to pass, the scores themselves are what is compared. Beside a pass rate they are left out
 * first, and a single one that says the same has no column at all.
 */
function scoreColumns({ variants }: Summary): readonly Column[] {
  const ids = [...new Set(variants.flatMap((variant) => Object.keys(variant.scores)))];
  const judged = variants.some((variant) => variant.pass_rate !== null);
  const says = (id: string): boolean =>
    variants.some(({ scores, pass_rate: rate }) => (scores[id]?.value ?? null) !== (rate?.value ?? null));
  const isPart = (id: string): boolean => ids.some((whole) => id.startsWith(`${whole}.`));
  const shown = judged ? ids.filter((id) => says(id) && !isPart(id)).slice(0, mostScores) : ids;
  return shown.map((id, i) => ({
    title: printable(id),
    align: "left",
    ...(judged ? { spare: (mostScores - i) / 100 } : {}),
    cell: (variant) => estimateWords(variant.scores[id] ?? null),
  }));
}

/** With several answers to a row: that at least one of the most that all variants have passes, and that all of them do. */
function trialColumns({ variants }: Summary): readonly Column[] {
  const [first, ...others] = variants.map(({ pass_at_k: at }) => Object.keys(at ?? {}));
  const common = (first ?? []).filter((k) => others.every((keys) => keys.includes(k)));
  const k = common.at(-1);
  if (k === undefined) return [];
  return [
    {
      title: `pass@${k}`,
      align: "right",
      spare: 0.5,
      cell: (variant) => shareOf(variant.pass_at_k?.[k]),
    },
    {
      title: `pass^${k}`,
      align: "right",
      spare: 0.4,
      cell: (variant) => shareOf(variant.pass_hat_k?.[k]),
    },
  ];
}

function shareOf(estimate: Estimate | undefined): string {
  return estimateWords(estimate === undefined ? null : { ...estimate, low: null, high: null });
}

/** The variants as a table: columns that say nothing about this run are left out. `bars` draws their pass rates. */
export function summaryTable(summary: Summary, bars: BarStyle | null = null): SummaryTable {
  const shown = [
    nameColumn,
    rateColumn,
    ...barColumns(bars),
    rowsColumn,
    ...trialColumns(summary),
    ...scoreColumns(summary),
    ...factColumns,
  ].filter((column) => column.shown?.(summary) ?? true);
  return {
    columns: shown.map((column) => (column === nameColumn ? shortNames(summary) : column)),
    rows: summary.variants.map((entry) => shown.map((column) => column.cell(entry))),
  };
}

/** The run in a few lines below its table: totals, failures by message, and what makes the numbers doubtful. */
export function summaryNotes(summary: Summary): readonly string[] {
  const { totals, run } = summary;
  const speed =
    totals.requests_per_second === null
      ? ""
      : ` (${speedWords(totals.requests_per_second)} requests/s, ${speedWords(totals.output_tokens_per_second)} output tokens/s)`;
  const cost = paidSums(totals.cost);
  const parts = [
    `${countWords(totals.answered)} of ${plural(totals.requests, "request")} answered`,
    ...(totals.failed > 0 ? [`${countWords(totals.failed)} failed`] : []),
    ...(totals.pending > 0 ? [`${countWords(totals.pending)} not asked`] : []),
    ...(totals.reused > 0 ? [`${countWords(totals.reused)} reused`] : []),
    ...(cost === null ? [] : [cost === "free" ? cost : `cost ${cost}`]),
    `${durationWords(totals.wall_seconds)}${speed}`,
  ];
  const estimated = estimateLine(summary);
  const notes = [parts.join(", "), ...spendingNotes(summary), ...(estimated === null ? [] : [estimated])];
  if (run.scored_by !== null)
    notes.push(
      `scored by ${printable(run.scored_by)}, not by the run's own scorers: \`promptgrid score DIR\` brings those back`,
    );
  notes.push(...judgingNotes(summary), ...unscoredNotes(summary));
  if (summary.base !== null) notes.push(baseWords(summary.base));
  for (const { kind, message, count } of totals.failure_messages)
    notes.push(`failed ${countWords(count)}×: ${kind}: ${cut(printable(message), longestMessage)}`);
  notes.push(...oddAnswerNotes(totals));
  if (run.status !== "complete")
    notes.push(`the run is ${run.status}${run.reason === null ? "" : `: ${run.reason}`}`);
  if (run.simulated.length > 0) notes.push(simulatedWords(summary));
  const delay = run.event_loop_delay_p99_ms;
  if (delay !== null && delay > saturatedMs && run.simulated.length === 0) {
    notes.push(
      `this machine was saturated (event loop p99 ${timeWords(delay)} late): the times above are longer than the server's`,
    );
  }
  return notes;
}

function baseWords({ name, requests, answered, failed, pending }: SummaryBase): string {
  const parts = [
    `beside it ${name}: ${countWords(answered)} of ${plural(requests, "request")} answered`,
    ...(failed > 0 ? [`${countWords(failed)} failed`] : []),
    ...(pending > 0 ? [`${countWords(pending)} not asked`] : []),
  ];
  return parts.join(", ");
}

/** Columns of a server's message that are shown; all of it stands in completions.csv. */
const longestMessage = 300;

function simulatedWords({ run, variants }: Summary): string {
  const every = variants.every((variant) => run.simulated.includes(variant.provider));
  const who = run.simulated.join(", ");
  return every
    ? `simulated answers (provider ${who}): no real model was asked`
    : `the answers of provider ${who} are simulated, the others are real`;
}

/** Event-loop delay (p99) from which times say more about the client than about the server. */
const saturatedMs = 20;
