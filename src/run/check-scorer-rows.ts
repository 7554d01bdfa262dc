import type { Dataset, Row } from "../dataset/dataset.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Excerpt } from "../diagnostics/excerpt.ts";
import { scorerTypes } from "../score/registry.ts";
import type { RenderedScorer } from "../score/score-completion.ts";
import type { ScorerSpec } from "../score/scorer.ts";
import { wordPlace } from "./scorer-options.ts";

interface Written {
  /** Scorers whose options cannot be read at all, which is said elsewhere. */
  readonly unread: ReadonlySet<ScorerSpec>;
  readonly written: ReadonlyMap<ScorerSpec, Excerpt | null>;
  /** What to do about a placeholder that nothing fills. */
  readonly hint: (name: string) => string;
}

interface Problem {
  readonly row: Row;
  readonly problem: string;
  readonly spec: ScorerSpec;
  /** Allowed, and likely a mistake. */
  readonly isDoubt: boolean;
  rows: number;
}

/** Names of parts that a scorer may have in all: each is a column. */
const mostParts = 500;

/**
 * Fills the scorers of each prompt with every row. Options that no row can fill are errors; options that some rows cannot
 * fill are too, and name the first row; what is likely a mistake is a warning. `parts` are the names that each scorer's parts have, by its id.
 */
export function checkScorerRows(
  dataset: Dataset,
  prompts: readonly string[],
  forRow: (row: Row, trial: number, prompt: string) => readonly RenderedScorer[],
  matrix: Written,
): { readonly diagnostics: readonly Diagnostic[]; readonly parts: ReadonlyMap<string, readonly string[]> } {
  const bad = new Map<string, Problem>();
  const parts = new Map<string, Set<string>>();
  for (const row of dataset.rows) {
    const seen = new Set<ScorerSpec>();
    for (const prompt of prompts) {
      for (const { spec, options, problem } of forRow(row, 0, prompt)) {
        // What stands in the matrix is the same for all prompts.
        if (matrix.unread.has(spec) || seen.has(spec)) continue;
        seen.add(spec);
        if (problem !== null) note(bad, row, spec, problem);
        if (options === null) continue;
        collectParts(parts, spec, options);
        const doubt = scorerTypes[spec.type]?.doubt?.(options) ?? null;
        if (doubt !== null) note(bad, row, spec, doubt, true);
      }
    }
  }
  return {
    diagnostics: [...bad.values()].map((found) => diagnosticOf(found, dataset, matrix)),
    parts: new Map([...parts].map(([id, names]) => [id, [...names].slice(0, mostParts)])),
  };
}

function note(
  bad: Map<string, Problem>,
  row: Row,
  spec: ScorerSpec,
  problem: string,
  isDoubt: boolean = false,
): void {
  const key = `${spec.id}\n${problem}`;
  const known = bad.get(key);
  if (known === undefined) bad.set(key, { row, problem, rows: 1, spec, isDoubt });
  else known.rows++;
}

function collectParts(parts: Map<string, Set<string>>, spec: ScorerSpec, options: object): void {
  const names = scorerTypes[spec.type]?.parts?.(options);
  if (names === undefined) return;
  const known = parts.get(spec.id) ?? new Set<string>();
  parts.set(spec.id, known);
  for (const name of names) known.add(name);
}

function diagnosticOf(
  { row, problem, rows, spec, isDoubt }: Problem,
  dataset: Dataset,
  { written, hint }: Written,
): Diagnostic {
  const unfilled = /^nothing fills the placeholder `(.+)`$/.exec(problem)?.[1];
  const every = rows === dataset.rows.length;
  const at =
    row.line > 0 && dataset.file !== null
      ? `${dataset.file}:${row.line}, row \`${row.id}\``
      : `row \`${row.id}\``;
  const more = rows > 1 ? ` and ${rows - 1} more row${rows === 2 ? "" : "s"}` : "";
  return {
    ...(isDoubt
      ? { code: "score/odd-options", severity: "warning" }
      : { code: "score/options", severity: "error" }),
    message: `scorer \`${spec.id}\` (${spec.type}): ${problem}${every ? "" : `, in ${at}${more}`}`,
    ...(unfilled === undefined ? {} : { hint: hint(unfilled) }),
    ...wordPlace(written.get(spec) ?? null, /`([^`]+)`/.exec(problem)?.[1] ?? spec.type),
  };
}
