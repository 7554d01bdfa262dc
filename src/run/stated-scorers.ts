import type { RunConfig } from "../config/run-config.ts";
import type { Excerpt } from "../diagnostics/excerpt.ts";
import type { ScorerSpec } from "../score/scorer.ts";

/** A scorer with where it is written; null where it is not. */
export interface StatedScorer {
  readonly spec: ScorerSpec;
  readonly written: Excerpt | null;
}

/** The scorers that a matrix states, its own and then those of its prompts. */
export function statedScorers({
  scorers,
  promptScorers,
  sources,
}: Pick<RunConfig, "scorers" | "promptScorers" | "sources">): readonly StatedScorer[] {
  const withPlaces = (
    specs: readonly ScorerSpec[],
    written: readonly (Excerpt | null)[] | undefined,
  ): readonly StatedScorer[] => specs.map((spec, i) => ({ spec, written: written?.[i] ?? null }));
  return [
    ...withPlaces(scorers, sources?.scorers),
    ...Object.entries(promptScorers).flatMap(([id, own]) => withPlaces(own, sources?.promptScorers[id])),
  ];
}
