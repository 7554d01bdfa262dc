import { join } from "node:path";
import type { RequestResult } from "../aggregate/result.ts";
import type { Metric, Quantity } from "../compare/metric.ts";
import type { Side } from "../compare/side.ts";
import { SideBuilder } from "../compare/side-builder.ts";
import type { PromptSpec } from "../config/run-config.ts";
import { JournalLines } from "../journal/reader.ts";
import { contentId } from "../plan/canonical-json.ts";
import type { JournalIndex } from "./journal-index.ts";
import type { OpenedRun } from "./open-run.ts";
import type { Prepared } from "./prepare.ts";
import { resultAt, runResults } from "./results.ts";
import { runFiles } from "./run-directory.ts";
import type { RunFile } from "./run-file.ts";
import type { Scoring } from "./scoring.ts";

/** What of a run is collected for comparison: pass and scores always, and these besides. */
export interface SideQuantities {
  readonly quantities: readonly Quantity[];
  /** Of these every single value is kept, for quantiles. */
  readonly singly: readonly Quantity[];
}

/** What must be collected for some metrics. */
export function quantitiesOf(metrics: readonly Metric[]): SideQuantities {
  const extra = metrics.filter(({ quantity }) => quantity !== "pass" && !quantity.startsWith("scores."));
  const tails = extra.filter(({ statistic }) => statistic !== "mean" && statistic !== "sum");
  const names = (some: readonly Metric[]): readonly string[] => [
    ...new Set(some.map(({ quantity }) => quantity)),
  ];
  return { quantities: names(extra), singly: names(tails) };
}

/** A run that is read, with what is needed to look up its answers. */
export interface ReadableRun {
  readonly run: Pick<RunFile, "providers">;
  readonly prepared: Prepared;
  readonly index: JournalIndex;
  readonly directory: string;
}

/** The side of a run in its directory, judged by its own scorers or by those handed in. */
export function sideOfRun(
  directory: string,
  opened: OpenedRun,
  name: string,
  wanted: SideQuantities,
  scoring: Scoring | null,
): Side {
  const prepared = scoring === null ? opened.prepared : { ...opened.prepared, scoring };
  const run: ReadableRun = { run: opened.run, prepared, index: opened.index, directory };
  const builder = sideBuilder(run, name, wanted);
  for (const result of resultsOf(run)) builder.add(result);
  return builder.finish();
}

function resultsOf({ prepared, index, directory }: ReadableRun): Iterable<RequestResult> {
  return runResults(prepared, index, join(directory, runFiles.journal));
}

/** A side that waits for the results of a run, in plan order. */
export function sideBuilder(run: ReadableRun, name: string, wanted: SideQuantities): SideBuilder {
  const { prepared, index } = run;
  const { plan, dataset, config, scoring } = prepared;
  const starts = index.sessions.filter((session) => session.event === "start");
  const ends = index.sessions.filter((session) => session.event === "end");
  return new SideBuilder({
    name,
    startedAt: starts[0]?.at ?? null,
    endedAt: ends.at(-1)?.at ?? null,
    rows: plan.rows,
    columns: dataset.columns,
    variants: plan.variants,
    scorers: scoring.columns,
    clustered: (config.dataset?.clusterColumn ?? null) !== null,
    variables: prepared.usedVariables,
    prompts: promptTexts(config.prompts),
    quantities: ["pass", ...scoring.columns.map(({ id }) => `scores.${id}`), ...wanted.quantities],
    singly: wanted.singly,
    output: (variant, row, passed) => answerOf(run, variant, row, passed),
    requestId: (variant, row) => {
      const position = plan.indexOf({ variantIndex: variant, rowIndex: row, trial: 0 });
      if (position < 0) return null;
      const { requestId, variant: planned } = plan.request(position);
      // The same words to another endpoint are another request.
      const { base_url, preset, models, settings } = run.run.providers[planned.provider] ?? {};
      return contentId({ requestId, base_url, preset, models, settings }, 32);
    },
  });
}

/** The first answer of a row that passed or not, as wanted; else its first one; null where it has none. */
function answerOf(
  { prepared, index, directory }: ReadableRun,
  variant: number,
  row: number,
  wanted: boolean | undefined,
): string | null {
  const { plan } = prepared;
  let first: string | null = null;
  const lines = new JournalLines(join(directory, runFiles.journal));
  try {
    for (let trial = 0; trial < plan.variant(variant).trials; trial++) {
      const position = plan.indexOf({ variantIndex: variant, rowIndex: row, trial });
      if (position < 0 || !index.isAnswered(position)) continue;
      for (const { completion, passed } of resultAt(prepared, index, lines, position).completions) {
        first ??= completion.content;
        if (wanted === undefined || passed === wanted) return completion.content;
      }
    }
    return first;
  } finally {
    lines.close();
  }
}

/** Prompts of a CSV matrix have a text for every row: so many of them are kept. */
const mostTexts = 20;

/** Prompts by id, as a person would read them. */
function promptTexts(prompts: readonly PromptSpec[]): ReadonlyMap<string, string> {
  const texts = new Map<string, string[]>();
  for (const prompt of prompts) {
    const known = texts.get(prompt.id) ?? [];
    texts.set(prompt.id, known);
    if (known.length < mostTexts) known.push(promptText(prompt));
  }
  return new Map([...texts].map(([id, parts]) => [id, parts.join("\n---\n")]));
}

function promptText({ messages }: PromptSpec): string {
  return messages
    .map((message) => {
      if (typeof message !== "object" || message === null) return String(message);
      const { role, content, ...others } = message as Readonly<Record<string, unknown>>;
      const text = typeof content === "string" ? content : JSON.stringify(content ?? null);
      const rest = Object.keys(others).length === 0 ? "" : `\n${JSON.stringify(others)}`;
      return `${String(role)}: ${text}${rest}`;
    })
    .join("\n");
}
