import { isGraded } from "./registry.ts";
import type { ScorerSpec } from "./scorer.ts";

/** A column of scores: what a scorer says, one of its parts (`fields.total`), or the weighted score of all. */
export interface ScoreColumn {
  readonly id: string;
  /** Values between 0 and 1, not only yes or no. */
  readonly graded: boolean;
  /** A completion may fail for it. */
  readonly required: boolean;
  /** The scorers that decide its values: several where prompts or rows have their own under one id. */
  readonly specs: readonly ScorerSpec[];
}

/** Id of the column that holds the scores of a completion, weighted. */
export const weightedId = "weighted";

/** The column of one scorer. */
export function columnOf(spec: ScorerSpec): ScoreColumn {
  return { id: spec.id, graded: isGraded(spec.type), required: spec.required, specs: [spec] };
}

/** Whether the weights of scorers say anything, so that there is a weighted score. */
export function areWeighted(specs: readonly ScorerSpec[]): boolean {
  return specs.some(({ weight }) => weight !== 1);
}

/**
 * The columns of scorers, in their order, each followed by its parts; those of one id are one column. `partsOf` are the
 * names of the parts that a scorer's rows have.
 */
export function scoreColumns(
  specs: readonly ScorerSpec[],
  partsOf: (id: string) => readonly string[],
): readonly ScoreColumn[] {
  const columns = new Map<string, ScoreColumn>();
  for (const spec of specs) {
    const one = columnOf(spec);
    const known = columns.get(spec.id);
    columns.set(
      spec.id,
      known === undefined
        ? one
        : {
            id: spec.id,
            graded: known.graded || one.graded,
            required: known.required || one.required,
            specs: [...known.specs, spec],
          },
    );
  }
  const all = [...columns.values()].flatMap((column) => [
    column,
    ...partsOf(column.id).map(
      (part): ScoreColumn => ({ ...column, id: `${column.id}.${part}`, graded: false, required: false }),
    ),
  ]);
  return areWeighted(specs) ? [...all, { id: weightedId, graded: true, required: false, specs }] : all;
}
