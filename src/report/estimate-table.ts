import type { EstimatedCost, EstimatedSum, RunEstimate, VariantEstimate } from "../cost/estimate-shape.ts";
import type { TimeAxis } from "../cost/wall-time.ts";
import { costWords, countWords, productWords } from "./number-words.ts";
import type { TextColumn } from "./text-table.ts";

interface Column extends TextColumn {
  readonly cell: (variant: VariantEstimate) => string;
  readonly shown?: (estimate: RunEstimate) => boolean;
}

/** A range of costs says something only where something costs. */
function hasRange({ variants }: RunEstimate): boolean {
  return variants.some(({ cost }) => cost !== null && !isFree(cost));
}

const columns: readonly Column[] = [
  { title: "variant", align: "left", flexible: true, cell: ({ variant }) => variant },
  { title: "requests", align: "right", spare: 4, cell: ({ requests }) => countWords(requests) },
  { title: "tokens in", align: "right", spare: 3, cell: (variant) => countWords(variant.prompt_tokens) },
  {
    title: "tokens out",
    align: "right",
    cell: ({ completion_tokens: { expected } }) => countWords(expected),
  },
  {
    title: "out worst",
    align: "right",
    spare: 2,
    cell: ({ completion_tokens: { worst } }) => orUnknown(worst, countWords),
  },
  {
    title: "cost low",
    align: "right",
    spare: 1,
    cell: ({ cost }) => moneyWords(cost, "low"),
    shown: hasRange,
  },
  { title: "cost expected", align: "right", cell: ({ cost }) => moneyWords(cost, "expected") },
  {
    title: "cost worst",
    align: "right",
    cell: ({ cost }) => moneyWords(cost, "worst"),
    shown: hasRange,
  },
];

/** One line per variant, as cells, for the terminal and for Markdown. */
export function estimateTable(estimate: RunEstimate): {
  readonly columns: readonly TextColumn[];
  readonly rows: readonly (readonly string[])[];
} {
  const shown = columns.filter((column) => column.shown?.(estimate) ?? true);
  return {
    columns: shown,
    rows: estimate.variants.map((variant) => shown.map(({ cell }) => cell(variant))),
  };
}

/** An amount; `free` where nothing is ever charged, `unknown` where the price is, never 0. */
function moneyWords(cost: EstimatedCost | null, which: "low" | "expected" | "worst"): string {
  if (cost === null) return "unknown";
  if (isFree(cost)) return "free";
  return orUnknown(cost[which], (amount) => costWords({ amount, currency: cost.currency, complete: true }));
}

function isFree({ expected, worst }: EstimatedCost): boolean {
  return expected === 0 && worst === 0;
}

function orUnknown(value: number | null, words: (value: number) => string): string {
  return value === null ? "unknown" : words(value);
}

/** The run in a few lines below the table: requests, tokens, the sum of each currency, time. */
export function estimateLines(estimate: RunEstimate): readonly string[] {
  const { totals, variants, rows } = estimate;
  const { prompt_tokens: prompt, completion_tokens: completion } = totals;
  const most = `worst ${orUnknown(completion.worst, countWords)}`;
  return [
    productWords(totals.requests, variants.length, rows),
    `tokens: ${countWords(prompt)} in, ${countWords(completion.expected)} out expected (${most})`,
    ...costLines(estimate),
    `time: ${timeLine(estimate)}`,
  ];
}

function costLines({ totals, variants }: RunEstimate): readonly string[] {
  if (totals.cost.length === 0) return ["cost: unknown"];
  const free = variants.every(({ cost }) => cost !== null && isFree(cost));
  if (free) return ["cost: free"];
  return totals.cost.map((sum) => `cost: ${sumWords(sum)}`);
}

function sumWords(sum: EstimatedSum): string {
  const { currency, complete } = sum;
  const amount = (value: number): string => costWords({ amount: value, currency, complete });
  const expected = costWords({ amount: sum.expected, currency, complete });
  return `${expected} expected (low ${amount(sum.low)}, worst ${orUnknown(sum.worst, amount)})${complete ? "" : "; the rest is unknown"}`;
}

const axisWords: Readonly<Record<TimeAxis, string>> = {
  rpm: "RPM",
  tpm: "TPM",
  concurrency: "concurrency",
};

function timeLine({ seconds, bound_by, bound_lane }: RunEstimate): string {
  const lane = bound_lane === null ? "the run" : bound_lane;
  return `${aboutWords(seconds)}: bound by ${axisWords[bound_by]} of ${lane}`;
}

/** A time that nobody knows to the second: `about 41 min`. */
function aboutWords(seconds: number): string {
  if (seconds < 1) return "less than 1 s";
  if (seconds < 99.5) return `about ${Math.round(seconds)} s`;
  if (seconds < 595) return `about ${(seconds / 60).toFixed(1)} min`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `about ${minutes} min`;
  return `about ${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
