/** What gates and comparisons say: `none` where nothing was judged. */
export type Verdict = "pass" | "fail" | "inconclusive" | "invalid" | "none";

/** How a p value was found. `none` where nothing could be tested. */
export type TestName = "mcnemar-midp" | "paired-t" | "sign-flip" | "mann-whitney" | "bootstrap" | "none";

/** A row whose outcome changed sides, with the answers of both (the first of several). */
export interface Flip {
  readonly row_id: string;
  readonly base: FlipSide;
  readonly candidate: FlipSide;
}

export interface FlipSide {
  /** Share of the row's completions that passed, 0..1. */
  readonly value: number;
  /** The first answer; null where it was not kept (a baseline file without answers). */
  readonly output: string | null;
}

/** Two variants, or two sides, on one metric. Keys are those of `compare --format json` and of `summary.json`'s gates. */
export interface Comparison {
  /** What is compared with: label of the variant, after the run's name where there are two runs; null for `min`, `max`. */
  readonly base: string | null;
  readonly candidate: string;
  readonly metric: string;
  /** Rows of one value of a dataset column; null for all rows. */
  readonly slice: { readonly column: string; readonly value: string } | null;
  readonly test: TestName;
  /** Rows that both sides have; for `min` and `max` the rows of the candidate. */
  readonly n: number;
  /** Rows that only one side has, or that differ in their variables: left out. */
  readonly only_base: number;
  readonly only_candidate: number;
  readonly base_value: number | null;
  readonly candidate_value: number | null;
  /**
   * Candidate − base with its two-sided 95 % interval: in points (0.05 is 5 points), or as a share of the base where
   * `relative`. For `min` and `max` the value itself with its interval.
   */
  readonly difference: {
    readonly value: number | null;
    readonly low: number | null;
    readonly high: number | null;
  };
  readonly relative: boolean;
  /** Of a cost, the currency of its values; absent for other metrics, and where there is none or are several. */
  readonly currency?: string;
  /** Rows that passed before and fail now, and the other way round; null unless each row has one answer that passes or not. */
  readonly regressed: number | null;
  readonly improved: number | null;
  readonly p_value: number | null;
  /** After Holm over the family. */
  readonly p_adjusted: number | null;
  /** The smallest change that this data sees with 80 % power, in the unit of the difference. */
  readonly mde: number | null;
  /** Rows in all from which the declared limit could be seen; null where no limit is declared or nothing is known. */
  readonly rows_needed: number | null;
  readonly verdict: Verdict;
  /** One sentence with its numbers. */
  readonly reason: string;
  /** Rows that changed sides, regressions first, then in plan order. */
  readonly flipped: readonly Flip[];
}

/** A gate with what came of it. */
export interface GateResult extends Comparison {
  /** Id of the gate. */
  readonly gate: string;
  /** Ids of the variants on both sides; empty for a base that is a file or a run of its own. */
  readonly base_variants: readonly string[];
  readonly candidate_variants: readonly string[];
  /** A regression is suspected (p ≤ 0.10, limit reached) and `confirm` asks for more answers before it is one. */
  readonly suspected: boolean;
  readonly limit: { readonly kind: "min" | "max" | "max_drop" | "max_increase"; readonly value: number };
  /** Where the gate and the prompt that it judges are written, for annotations. */
  readonly place: { readonly file: string; readonly line: number } | null;
  readonly prompt_place: { readonly file: string; readonly line: number } | null;
}

/** A prompt whose text differs between the sides. */
export interface PromptChange {
  readonly prompt_id: string;
  readonly base: string;
  readonly candidate: string;
}

/** What `compare` prints as JSON. */
export interface ComparisonReport {
  readonly verdict: Verdict;
  readonly comparisons: readonly Comparison[];
  readonly prompts: readonly PromptChange[];
  /** Ids of rows that were left out because their variables differ. */
  readonly changed_rows: readonly string[];
  readonly warnings: readonly string[];
}
