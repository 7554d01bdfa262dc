import type { CompletionBasis } from "./estimate-evidence.ts";
import type { LaneTime, TimeAxis } from "./wall-time.ts";

/** Money that may be spent. Currencies are never converted. */
export interface EstimatedCost {
  readonly currency: string;
  /** With the shortest answers that can be told: none at all where nothing is known of them. */
  readonly low: number;
  readonly expected: number;
  /** Every answer as long as it may be; null without `max_tokens`. */
  readonly worst: number | null;
}

/** The sum of a currency. */
export interface EstimatedSum extends EstimatedCost {
  /** False where the price of some variant is unknown: at least so much. */
  readonly complete: boolean;
}

/** Tokens of all answers, thinking included. */
export interface EstimatedCompletion {
  readonly expected: number;
  /** Null without `max_tokens`. */
  readonly worst: number | null;
}

/** One variant's line of an estimate. Keys are those of `estimate --format json`. */
export interface VariantEstimate {
  readonly variant_id: string;
  readonly variant: string;
  readonly prompt_id: string;
  readonly provider: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly requests: number;
  readonly prompt_tokens: number;
  /** Half the 95 % interval of the prompt tokens, as a share of them, where rows were sampled; else 0. */
  readonly prompt_error: number;
  readonly completion_tokens: EstimatedCompletion;
  /** Null where a price is unknown, or where its requests have several currencies. */
  readonly cost: EstimatedCost | null;
  readonly completion_basis: CompletionBasis;
  /** Answered requests behind the expected length of answers; 0 where it is assumed. */
  readonly evidence_requests: number;
  /** Share of those answers that were cut off at a limit; null where none is behind it. */
  readonly cut_share: number | null;
  /** Rows whose prompts were counted, of `rows`. */
  readonly rows_counted: number;
  readonly rows: number;
}

/** A price that was used, for the reader to check. */
export interface UsedPrice {
  readonly provider: string;
  readonly model: string;
  readonly currency: string;
  /** Per million tokens, by the length of the prompt. */
  readonly tiers: readonly {
    readonly up_to: number | null;
    readonly input: number;
    readonly output: number;
    readonly cached_input: number | null;
  }[];
  /** Null where the user stated no date. */
  readonly as_of: string | null;
  readonly source: string;
}

/** What a run is expected to use, cost and take. Keys are those of `estimate --format json`. */
export interface RunEstimate {
  readonly requests: number;
  readonly rows: number;
  readonly trials: number;
  readonly variants: readonly VariantEstimate[];
  readonly totals: {
    readonly requests: number;
    readonly prompt_tokens: number;
    readonly completion_tokens: EstimatedCompletion;
    /** One sum for each currency, by its name; none where no price is known. */
    readonly cost: readonly EstimatedSum[];
  };
  /** By model that judges; none where no scorer is a judge. Not in the totals. */
  readonly judging: readonly JudgingEstimate[];
  readonly seconds: number;
  readonly bound_by: TimeAxis;
  /** The lane that the run waits for; null where the concurrency of the whole run binds. */
  readonly bound_lane: string | null;
  readonly lanes: readonly LaneTime[];
  readonly prices: readonly UsedPrice[];
  /** What the numbers rest on. */
  readonly assumptions: EstimateAssumptions;
  readonly warnings: readonly string[];
}

/** What verdicts are asked of a model that judges: at most, as equal answers are judged once. */
export interface JudgingEstimate {
  readonly provider: string;
  readonly model: string;
  readonly verdicts: number;
  /** About. */
  readonly prompt_tokens: number;
  /** About: 150 a verdict. */
  readonly completion_tokens: number;
  /** About; null where the price is unknown. */
  readonly cost: { readonly amount: number; readonly currency: string } | null;
}

/** What the numbers of an estimate rest on. */
export interface EstimateAssumptions {
  /** The earlier run, as the user named it; null without one. */
  readonly from: string | null;
  /** By model: what counted prompt tokens were multiplied by, so that they agree with the earlier run. */
  readonly calibration: Readonly<Record<string, number>>;
  /** Models whose price is unknown, as `provider/model`. */
  readonly unpriced: readonly string[];
  /** Providers of the plan whose answers are simulated. */
  readonly simulated: readonly string[];
  /** Whether an earlier run with simulated answers stands for real ones. */
  readonly from_simulated: boolean;
  /** Counted prompts with images or other parts that are no text, whose tokens are a rough guess. */
  readonly media_prompts: number;
  /** Whether requests are asked through the batch API, at its discount. */
  readonly batch: boolean;
  /** Whether the time of some requests is assumed, for want of an earlier run at the same provider. */
  readonly assumed_latency: boolean;
}
