import type { Cost, RequestResult, ScoredCompletion } from "../aggregate/result.ts";
import type { Variant } from "../plan/variant.ts";
import type { ScoreColumn } from "../score/score-column.ts";
import { type Cell, type CsvStyle, csvLines, csvStart, guarded, toCell } from "./csv.ts";
import type { ReportWriter } from "./report-writer.ts";

/** What shapes the columns. */
export interface CompletionsCsvOptions {
  readonly variants: readonly Variant[];
  /** Dataset columns that become `var.<name>`. */
  readonly variables: readonly string[];
  readonly scorers: readonly ScoreColumn[];
  readonly style: CsvStyle;
}

/** One column: its name, and its cell for a completion (null for a failed request). */
interface Column {
  readonly name: string;
  readonly cell: (result: RequestResult, scored: ScoredCompletion | null) => unknown;
}

/**
 * `completions.csv`: one line per completion and per failed request, in plan order. Times, tokens and cost belong to the
 * request and stand on its first line only, so that sums are right. Unknown is empty.
 */
export function completionsCsv(options: CompletionsCsvOptions): ReportWriter {
  const columns = csvColumns(options);
  let waiting: (readonly Cell[])[] = [];
  let characters = 0;
  const flush = (): string => {
    const text = csvLines(waiting);
    waiting = [];
    characters = 0;
    return text;
  };
  const line = (cells: readonly Cell[]): void => {
    for (const cell of cells) if (typeof cell === "string") characters += cell.length;
    waiting.push(options.style.safe ? cells.map(guarded) : cells);
  };
  return {
    fileName: "completions.csv",
    begin: () => {
      line(columns.map((column) => column.name));
      return `${csvStart(options.style)}${flush()}`;
    },
    row: (result) => {
      if (result.status === "pending") return "";
      const completions = result.status === "failed" ? [null] : result.completions;
      for (const scored of completions) line(columns.map((column) => toCell(column.cell(result, scored))));
      return waiting.length >= batchLines || characters >= batchCharacters ? flush() : "";
    },
    end: flush,
  };
}

/** Names of the columns, in order. */
export function csvColumnNames(options: CompletionsCsvOptions): readonly string[] {
  return csvColumns(options).map((column) => column.name);
}

/** An image as a row has it is far beyond what a cell holds; completions.jsonl has it as it was sent. */
function imageInWords(value: unknown): unknown {
  if (typeof value !== "string" || !value.startsWith("data:image/")) return value;
  const comma = value.indexOf(",");
  const bytes = Buffer.byteLength(value.slice(comma + 1), "base64");
  return `${value.slice("data:".length, comma).replace(";base64", "")}, ${bytes} bytes`;
}

/** What judging a completion took, where there are judges. */
function judgeColumns(scorers: readonly ScoreColumn[]): readonly Column[] {
  if (!scorers.some(({ specs }) => specs.some(({ type }) => type === "judge"))) return [];
  const sum = (scored: ScoredCompletion | null): Cost | null => {
    const costs = scored?.judging?.costs ?? [];
    const [first] = costs;
    if (first === null || first === undefined || costs.some((cost) => cost?.currency !== first.currency))
      return null;
    return { currency: first.currency, amount: costs.reduce((all, cost) => all + (cost?.amount ?? 0), 0) };
  };
  return [
    { name: "judge_prompt_tokens", cell: (_, scored) => scored?.judging?.promptTokens },
    { name: "judge_completion_tokens", cell: (_, scored) => scored?.judging?.completionTokens },
    { name: "judge_cost", cell: (_, scored) => sum(scored)?.amount },
    { name: "judge_currency", cell: (_, scored) => sum(scored)?.currency },
  ];
}

/** Lines that are formatted at once: a call of the formatter costs more than a line. */
const batchLines = 256;
/** Long answers are not gathered: a text has a greatest length. */
const batchCharacters = 1 << 22;

function csvColumns({ variants, variables, scorers }: CompletionsCsvOptions): readonly Column[] {
  const parameters = [...new Set(variants.flatMap((variant) => Object.keys(variant.parameters)))].filter(
    (name) => name !== "model",
  );
  const variantOf = (result: RequestResult): Variant | undefined => variants[result.variantIndex];
  const first =
    (of: (result: RequestResult) => unknown): Column["cell"] =>
    (result, scored) =>
      scored === null || scored === result.completions[0] ? of(result) : null;
  return [
    { name: "request_id", cell: (result) => result.requestId },
    { name: "variant_id", cell: (result) => variantOf(result)?.id },
    { name: "variant", cell: (result) => variantOf(result)?.label },
    { name: "prompt_id", cell: (result) => variantOf(result)?.promptId },
    { name: "row_id", cell: (result) => result.rowId },
    ...variables.map((name) => ({
      name: `var.${name}`,
      cell: (result: RequestResult) =>
        Object.hasOwn(result.variables, name) ? imageInWords(result.variables[name]) : null,
    })),
    { name: "trial", cell: (result) => result.trial },
    { name: "choice", cell: (_, scored) => scored?.completion.choice },
    { name: "status", cell: (result) => result.status },
    { name: "provider", cell: (result) => variantOf(result)?.provider },
    { name: "model", cell: (result) => result.parameters.model },
    ...parameters.map((name) => ({
      name: `param.${name}`,
      cell: (result: RequestResult) => result.parameters[name],
    })),
    { name: "output", cell: (_, scored) => scored?.completion.content },
    { name: "reasoning", cell: (_, scored) => scored?.completion.reasoning },
    {
      name: "tool_calls",
      cell: (_, scored) =>
        scored === null || scored.completion.toolCalls.length === 0 ? null : scored.completion.toolCalls,
    },
    { name: "finish_reason", cell: (_, scored) => scored?.completion.finishReason },
    { name: "passed", cell: (_, scored) => scored?.passed },
    { name: "fail_reason", cell: (_, scored) => scored?.failReason },
    ...scorers.map(({ id }) => ({
      name: `score.${id}`,
      cell: (_: RequestResult, scored: ScoredCompletion | null) => scored?.scores[id]?.value,
    })),
    { name: "latency_ms", cell: first((result) => result.times.latencyMs) },
    { name: "ttft_ms", cell: first((result) => result.times.ttftMs) },
    { name: "tpot_ms", cell: first((result) => result.times.tpotMs) },
    { name: "queued_ms", cell: first((result) => result.times.queuedMs) },
    { name: "total_ms", cell: first((result) => result.times.totalMs) },
    { name: "attempts", cell: first((result) => result.attempts) },
    { name: "prompt_tokens", cell: first((result) => result.answer?.usage.promptTokens) },
    { name: "completion_tokens", cell: first((result) => result.answer?.usage.completionTokens) },
    { name: "reasoning_tokens", cell: first((result) => result.answer?.usage.reasoningTokens) },
    { name: "cached_tokens", cell: first((result) => result.answer?.usage.cachedTokens) },
    { name: "total_tokens", cell: first((result) => result.answer?.usage.totalTokens) },
    { name: "cost", cell: first((result) => result.cost?.amount) },
    { name: "currency", cell: first((result) => result.cost?.currency) },
    ...judgeColumns(scorers),
    { name: "error_kind", cell: (result) => result.failure?.kind },
    { name: "error_message", cell: (result) => result.failure?.message },
    { name: "http_status", cell: (result) => result.httpStatus },
    { name: "response_id", cell: (result) => result.answer?.responseId },
    { name: "response_model", cell: (result) => result.answer?.responseModel },
    { name: "trace_id", cell: (result) => result.traceId },
    { name: "started_at", cell: (result) => result.startedAt },
    { name: "reused", cell: (result) => result.reused },
    { name: "maybe_billed", cell: (result) => result.maybeBilled },
  ];
}
