import type { BestVariant } from "../compare/best.ts";
import type { GateResult, Verdict } from "../compare/comparison.ts";
import type { AxisEffect } from "../compare/effects.ts";
import type { Estimate } from "../compare/estimate.ts";
import type { ParetoSet } from "../compare/pareto.ts";
import type { Slice } from "../compare/slices.ts";
import type { JudgingSummary } from "./judging-tally.ts";
import type { OddAnswerCounts } from "./odd-answers.ts";

/** Milliseconds over the answered, not reused requests. p99 is null for fewer than 100; all null for none. */
export interface Distribution {
  readonly mean: number | null;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly max: number | null;
  readonly n: number;
}

/** Tokens over the requests that reported them: `known` of them did. Null where none did. */
export interface TokenSum {
  readonly sum: number | null;
  readonly mean: number | null;
  readonly known: number;
}

/** Money of one currency, added up. */
export interface CostSum {
  readonly currency: string;
  readonly amount: number;
  /** False when the price of some request is unknown. */
  readonly complete: boolean;
}

/** What came to nothing: attempts without an answer that may have been billed. */
export interface LostSpending {
  readonly attempts: number;
  /** Attempts whose tokens the server stated before they broke. */
  readonly known: number;
  /** Of those; `complete` is false where the cost of some attempt is unknown. */
  readonly cost: readonly CostSum[];
}

/** Where the money of a run went. Sums are by currency; none where no price is known. */
export interface Spending {
  /** Answers that this run paid for. */
  readonly bought: readonly CostSum[];
  /** Answers that were taken from earlier runs: what they cost at the prices of this one. */
  readonly reused: readonly CostSum[];
  readonly lost: LostSpending;
}

/** What a run was expected to use and cost, as it was kept before the run was sent. */
export interface KeptEstimate {
  /** ISO 8601, UTC. */
  readonly made_at: string;
  /** The earlier run, or the pilot, that it rests on; null for none. */
  readonly from: string | null;
  /** Of the plan as it was then. */
  readonly requests: number;
  readonly prompt_tokens: number;
  /** `worst` is null where answers may be of any length. */
  readonly completion_tokens: { readonly expected: number; readonly worst: number | null };
  readonly cost: readonly {
    readonly currency: string;
    readonly low: number;
    readonly expected: number;
    readonly worst: number | null;
    /** False where the price of some variant was unknown: at least so much. */
    readonly complete: boolean;
  }[];
}

/** What a scorer says over all rows, and the completions that it could not score. */
export interface ScoreEstimate extends Estimate {
  readonly unscored: number;
}

/** One variant's line of the summary. Keys are those of `summary.json`. */
export interface VariantSummary {
  readonly variant_id: string;
  readonly variant: string;
  readonly prompt_id: string;
  readonly provider: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly requests: number;
  readonly answered: number;
  readonly failed: number;
  readonly pending: number;
  readonly reused: number;
  readonly attempts: number;
  /** Attempts without an answer that may have been billed. */
  readonly lost_attempts: number;
  readonly completions: number;
  readonly passed: number | null;
  readonly scored: number;
  readonly pass_rate: Estimate | null;
  readonly scores: Readonly<Record<string, ScoreEstimate>>;
  /**
   * By k: the chance that at least one of k answers to a row passes, and that all of them do, without bias, over the rows
   * with k scored answers at least. k is 2, 4, 8 … and the most that a row has; empty for one answer a row, null without
   * a required scorer.
   */
  readonly pass_at_k: Readonly<Record<string, Estimate>> | null;
  readonly pass_hat_k: Readonly<Record<string, Estimate>> | null;
  readonly failures: Readonly<Record<string, number>>;
  readonly latency_ms: Distribution;
  readonly ttft_ms: Distribution;
  readonly tpot_ms: Distribution;
  readonly queued_ms: Distribution;
  readonly total_ms: Distribution;
  readonly prompt_tokens: TokenSum;
  readonly completion_tokens: TokenSum;
  readonly reasoning_tokens: TokenSum;
  readonly cached_tokens: TokenSum;
  readonly total_tokens: TokenSum;
  readonly cost: CostSum | null;
  /** Mean over answered requests; null unless the cost is complete. */
  readonly cost_per_request: number | null;
  readonly cost_per_pass: number | null;
  /** What judging the answers took; null where no judge was asked. */
  readonly judging: JudgingSummary | null;
}

export interface SummaryTotals {
  readonly requests: number;
  readonly answered: number;
  readonly failed: number;
  readonly pending: number;
  readonly reused: number;
  readonly completions: number;
  readonly attempts: number;
  readonly prompt_tokens: number | null;
  readonly completion_tokens: number | null;
  readonly reasoning_tokens: number | null;
  readonly cached_tokens: number | null;
  readonly total_tokens: number | null;
  /** Of all answers, reused ones included. */
  readonly cost: readonly CostSum[];
  readonly spent: Spending;
  readonly failures: Readonly<Record<string, number>>;
  readonly odd_answers: OddAnswerCounts;
  /** What failed requests said last, the most frequent first; ten at most. */
  readonly failure_messages: readonly {
    readonly kind: string;
    readonly message: string;
    readonly count: number;
  }[];
  /** Sum over sessions. */
  readonly judging: JudgingSummary | null;
  readonly wall_seconds: number;
  /** Answered and not reused, over wall_seconds; null for a wall of 0. */
  readonly requests_per_second: number | null;
  readonly output_tokens_per_second: number | null;
}

export type RunStatus = "complete" | "incomplete" | "interrupted" | "failed";

/** Facts about the run that the summary repeats. */
export interface SummaryRun {
  readonly id: string;
  readonly name: string;
  readonly status: RunStatus;
  /** What stopped a run that is not complete; null otherwise. */
  readonly reason: string | null;
  /** What is worth knowing of how its sessions went, in words. */
  readonly notes: readonly string[];
  readonly started_at: string | null;
  readonly ended_at: string | null;
  readonly sessions: number;
  readonly promptgrid_version: string;
  readonly git_revision: string | null;
  /** The matrix whose scorers judged (`score --matrix`); null for the run's own. */
  readonly scored_by: string | null;
  /** Provider keys whose answers were simulated; empty for a real run. */
  readonly simulated: readonly string[];
  /** p99 of the event-loop delay in milliseconds, the worst session; null when not measured. */
  readonly event_loop_delay_p99_ms: number | null;
  /** Lanes whose pace changed, and why. */
  readonly pace: readonly LanePace[];
}

/** How the pace of one lane changed. */
export interface LanePace {
  readonly lane: string;
  /** All changes, of which `history` holds the first and the last. */
  readonly changes: number;
  readonly history: readonly PaceStep[];
}

/** One change of a lane's pace, as the journal has it. */
export interface PaceStep {
  readonly at: string;
  readonly event: "pause" | "cut" | "grow" | "limit" | "charge" | "stop";
  /** Requests in flight at most, from then on. */
  readonly concurrency: number;
  readonly pause_ms: number | null;
  /** The limit that was learned, and its axis; null for none. */
  readonly axis: string | null;
  readonly limit: number | null;
  readonly reason: string;
}

/** Counts of the other side; what both sides ask alike is asked once, and counts on both. */
export interface SummaryBase {
  readonly name: string;
  readonly requests: number;
  readonly answered: number;
  readonly failed: number;
  readonly pending: number;
}

/** What comparing the rows of a run has found. */
export type Findings = Pick<
  Summary,
  "base" | "slices" | "effects" | "best" | "gates" | "verdict" | "warnings"
>;

/** `summary.json`. */
export interface Summary {
  readonly schema_version: 1;
  readonly run: SummaryRun;
  readonly totals: SummaryTotals;
  readonly variants: readonly VariantSummary[];
  /** The variants on the rows of each value of the columns that `by` names. */
  readonly slices: readonly Slice[];
  /** The effect of each axis, averaged over the others. */
  readonly effects: readonly AxisEffect[];
  /** The best variant with those that the data cannot tell from it; null for a single variant, or without scores. */
  readonly best: BestVariant | null;
  /** The variants that no other one beats in quality, cost and latency; null where there is nothing to choose from. */
  readonly pareto: ParetoSet | null;
  /** What the run was expected to use; null where nothing was estimated. */
  readonly estimate: KeptEstimate | null;
  /** The other side of a run with `--against`, asked in the same sessions; null without one. */
  readonly base: SummaryBase | null;
  readonly gates: readonly GateResult[];
  readonly verdict: Verdict;
  /** What makes the verdict doubtful. */
  readonly warnings: readonly string[];
}
