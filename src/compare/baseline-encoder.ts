import { canonicalJson } from "../plan/canonical-json.ts";
import { variantAt } from "./arm.ts";
import { shortAnswer } from "./baseline-excerpt.ts";
import { type BaselineFacts, baselineVersion, isMeasured, type KeptAnswers } from "./baseline-facts.ts";
import { writtenMean } from "./baseline-numbers.ts";
import type { Side } from "./side.ts";

/** How a baseline is written. */
export interface BaselineOptions {
  readonly answers: KeptAnswers;
  /** Dataset columns whose values are kept, for gates that judge slices. */
  readonly columns: readonly string[];
}

/** Prompts longer than this are not kept: a cut one would look like a changed one. */
const longestPrompt = 20_000;

/**
 * A side as the text of a baseline file, in pieces: JSON with one line for each row and one for each outcome, keys and
 * rows in a fixed order. The same side gives the same bytes.
 */
export function* encodeBaseline(
  side: Side,
  facts: BaselineFacts,
  options: BaselineOptions,
): Generator<string> {
  const columns = options.columns.filter((name) => side.column(0, name) !== null);
  yield "{\n";
  for (const [key, value] of Object.entries(headOf(side, facts, columns)))
    yield `${JSON.stringify(key)}: ${JSON.stringify(value)},\n`;
  yield* block(`"prompts": {`, promptLines(side), "},\n");
  yield* block(`"rows": [`, rowLines(side, columns), "],\n");
  yield `"variants": [`;
  for (let i = 0; i < side.variants.length; i++) {
    yield i === 0 ? "\n" : ",\n";
    yield* block(
      `${variantHead(side, i).slice(0, -1)},"outcomes":[`,
      outcomeLines(side, i, options.answers),
      "]}",
    );
  }
  yield "\n]\n}\n";
}

function headOf(side: Side, facts: BaselineFacts, columns: readonly string[]): object {
  return {
    promptgrid_baseline: baselineVersion,
    run: {
      id: facts.runId,
      name: facts.runName,
      status: facts.status,
      started_at: side.startedAt,
      ended_at: side.endedAt,
      git_revision: facts.gitRevision,
      promptgrid_version: facts.promptgridVersion,
      simulated: facts.simulated,
    },
    matrix: facts.matrix,
    dataset: facts.dataset,
    prices_date: facts.pricesDate,
    scorers: Object.fromEntries(side.scorers),
    required: side.required,
    variables: side.variables,
    columns,
    clustered: side.clustered,
  };
}

/** Lines between an opening and a closing, with commas. */
function* block(open: string, lines: Iterable<string>, close: string): Generator<string> {
  yield open;
  let first = true;
  for (const line of lines) {
    yield first ? `\n${line}` : `,\n${line}`;
    first = false;
  }
  yield first ? close : `\n${close}`;
}

function* promptLines(side: Side): Generator<string> {
  for (const [id, text] of side.prompts)
    if (text.length <= longestPrompt) yield `${JSON.stringify(id)}: ${JSON.stringify(text)}`;
}

function* rowLines(side: Side, columns: readonly string[]): Generator<string> {
  for (let row = 0; row < side.rows.length; row++) {
    const { id, cluster } = side.rows[row] ?? { id: "", cluster: null };
    const vars = side.variables.length === 0 ? null : side.digest(row, side.variables);
    yield JSON.stringify({
      row: id,
      ...(vars === null ? {} : { vars }),
      ...(cluster === null ? {} : { cluster }),
      ...(columns.length === 0
        ? {}
        : { columns: Object.fromEntries(columns.map((name) => [name, side.column(row, name) ?? ""])) }),
    });
  }
}

function variantHead(side: Side, position: number): string {
  const variant = variantAt(side, position);
  const before = JSON.stringify({
    variant_id: variant.variantId,
    variant: variant.label,
    prompt_id: variant.promptId,
    provider: variant.provider,
  });
  const after = JSON.stringify({ models: variant.models, currencies: variant.currencies });
  return `${before.slice(0, -1)},"parameters":${canonicalJson(variant.parameters)},${after.slice(1)}`;
}

/** One line for each row that the variant asks. Left out: 1 request, one choice each, one value for each choice, none failed. */
function* outcomeLines(side: Side, position: number, answers: KeptAnswers): Generator<string> {
  const { requests, completions, series, missing } = variantAt(side, position);
  const named = [...series].sort(([a], [b]) => (a < b ? -1 : 1));
  for (let row = 0; row < side.rows.length; row++) {
    const n = requests[row] ?? 0;
    if (n === 0) continue;
    const failed = Object.fromEntries(
      [...missing.failed]
        .flatMap(([kind, counts]) => ((counts[row] ?? 0) > 0 ? [[kind, counts[row] ?? 0] as const] : []))
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    );
    const pending = missing.pending?.[row] ?? 0;
    const answered = n - pending - Object.values(failed).reduce((sum, count) => sum + count, 0);
    const choices = completions?.[row] ?? Math.max(answered, series.get("pass")?.counts[row] ?? 0);
    const means: Record<string, number> = {};
    const scores: [string, number][] = [];
    const counts: [string, number][] = [];
    for (const [name, { means: all, counts: known }] of named) {
      const count = known[row] ?? 0;
      const mean = all[row] ?? Number.NaN;
      if (count === 0 || !Number.isFinite(mean)) continue;
      const score = name.startsWith("scores.");
      if (score) scores.push([name.slice("scores.".length), writtenMean(name, mean, count)]);
      else if (isMeasured(name)) means[name] = writtenMean(name, mean, count);
      else continue;
      if (count !== (score || name === "pass" ? choices : answered)) counts.push([name, count]);
    }
    const { pass, ...measured } = means;
    const output = answers === "none" ? null : side.output(position, row);
    yield JSON.stringify({
      row: side.rows[row]?.id,
      ...(n === 1 ? {} : { n }),
      ...(choices === answered ? {} : { choices }),
      ...(pass === undefined ? {} : { pass }),
      ...(scores.length === 0 ? {} : { scores: Object.fromEntries(scores) }),
      ...measured,
      ...(counts.length === 0 ? {} : { counts: Object.fromEntries(counts) }),
      ...(Object.keys(failed).length === 0 ? {} : { failed }),
      ...(pending === 0 ? {} : { pending }),
      ...(output === null ? {} : { output: answers === "short" ? shortAnswer(output) : output }),
    });
  }
}
