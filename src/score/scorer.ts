import type { z } from "zod";
import type { Completion, Usage } from "../outcome/completion.ts";

/** What a scorer sees of one completion. Usage, cost and times belong to the request, all of its choices together. */
export interface ScoreInput {
  readonly completion: Completion;
  readonly usage: Usage | null;
  /** Null where it is unknown, and for an answer taken from an earlier run. */
  readonly latencyMs: number | null;
  /** Null where the price is not known. */
  readonly cost: { readonly amount: number; readonly currency: string } | null;
  /** What an external scorer said of this completion, from the journal; absent where nothing was recorded. */
  readonly recorded?: (scorer: { readonly spec: ScorerSpec; readonly options: object }) => Score;
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
  /** What it asks of an answer, in a line for the list of types. */
  readonly about: string;
  /** Options of this type alone (not `id`, `negate`, `required`, `threshold`, `weight`, `target`). */
  readonly options: z.ZodType<Options>;
  /** Whether a value is graded (default threshold 0.5) or yes/no (default threshold 1). */
  readonly graded: boolean;
  /** Where the default threshold is another one. */
  readonly defaultThreshold?: number;
  /** `facts`: it looks at calls, times or counts and not at a text, so that `target` means nothing to it. */
  readonly reads?: "text" | "facts";
  /** It cannot be computed here: a model or a function of the user's is asked, and what it says is journaled. */
  readonly external?: "judge" | "module";
  /** Problems of the rendered options that a schema cannot see (a bad pattern), in words; null when none. */
  check?(options: Options): string | null;
  /** What of options that are allowed is likely a mistake, in words; null for nothing. */
  doubt?(options: Options): string | null;
  /** Names of the details that are scores of their own: columns `score.<id>.<name>`. */
  parts?(options: Options): readonly string[];
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
  /** Of a module: SHA-256 of its file. */
  readonly moduleDigest?: string;
}
