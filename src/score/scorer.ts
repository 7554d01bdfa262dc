import type { z } from "zod";
import type { Completion, Usage } from "../outcome/completion.ts";

/** What a scorer sees of one completion. Costs and times belong to the request. */
export interface ScoreInput {
  readonly completion: Completion;
  readonly usage: Usage | null;
  readonly latencyMs: number | null;
}

/** What one scorer says: 0..1, or null for "could not be scored". `details` are further named values 0..1. */
export interface Score {
  readonly value: number | null;
  readonly reason?: string;
  readonly details?: Readonly<Record<string, number | null>>;
}

/**
 * One type of scorer. Its options are a zod schema without transforms, so that the editor schema and the docs come
 * from it; templates in options are rendered per row before `score` sees them. Pure.
 */
export interface ScorerType<Options extends object> {
  readonly type: string;
  /** Options of this type alone (not `id`, `negate`, `required`, `threshold`, `weight`, `target`). */
  readonly options: z.ZodType<Options>;
  /** Whether a value is graded (default threshold 0.5) or yes/no (default threshold 1). */
  readonly graded: boolean;
  /** Problems of the rendered options that a schema cannot see (a bad pattern), in words; null when none. */
  check?(options: Options): string | null;
  /** `target` is the text to judge: the answer, or the reasoning where the scorer says `target: reasoning`. */
  score(target: string, options: Options, input: ScoreInput): Score;
}

/** A scorer as a matrix states it: common keys, and the options of its type still unrendered. */
export interface ScorerSpec {
  readonly id: string;
  readonly type: string;
  readonly negate: boolean;
  readonly required: boolean;
  readonly threshold: number | null;
  readonly weight: number;
  readonly target: "answer" | "reasoning";
  readonly options: Readonly<Record<string, unknown>>;
}
