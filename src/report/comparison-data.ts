import type { Comparison, PromptChange } from "../compare/comparison.ts";
import type { AxisEffect } from "../compare/effects.ts";

/** What the page of a comparison holds beside its text. */
export interface ComparisonData {
  /** Names of the sides: base and candidate, or the one run. */
  readonly sides: readonly string[];
  /** Without the rows that changed sides; `pair` is what tells its sides from those of other comparisons. */
  readonly comparisons: readonly (Omit<Comparison, "flipped"> & { readonly pair: string })[];
  /** By side. */
  readonly effects: readonly (readonly AxisEffect[])[];
  readonly prompts: readonly PromptChange[];
  readonly flips: FlipFacts;
}

/** How many of the rows that changed sides are in the page. */
export interface FlipFacts {
  readonly shown: number;
  readonly of: number;
}

/** The rows that changed sides: deflated in the page. */
export interface ComparisonFlips {
  /** Those that got worse most often first. */
  readonly rows: readonly FlippedRow[];
}

/** A row that changed sides in some comparisons. */
export interface FlippedRow {
  readonly row_id: string;
  /** What prompts and scorers use of it. */
  readonly variables: Readonly<Record<string, string>>;
  readonly flips: readonly HtmlFlip[];
}

/** How a row changed sides in one comparison. */
export interface HtmlFlip {
  /** Position among the comparisons. */
  readonly comparison: number;
  readonly regressed: boolean;
  /** What became of it, such as `passed → failed`. */
  readonly turn: string;
  /** Null where it was not kept. */
  readonly base: string | null;
  readonly candidate: string | null;
}
