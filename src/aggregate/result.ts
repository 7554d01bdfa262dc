import type { Answer, Completion } from "../outcome/completion.ts";
import type { Failure } from "../outcome/failure.ts";
import type { Score } from "../score/scorer.ts";

/** A completion with what the scorers say of it. */
export interface ScoredCompletion {
  readonly completion: Completion;
  /** By scorer id, in the order of the matrix. */
  readonly scores: Readonly<Record<string, Score>>;
  /** All required scorers pass; null without a required scorer, or when one could not score and none failed. */
  readonly passed: boolean | null;
  /** The first required scorer that said no, with its reason; null otherwise. */
  readonly failReason: string | null;
  /** What judging this completion took; null where no judge was asked about it. */
  readonly judging?: Judging | null;
}

/** What judges took: their own requests, tokens and cost, apart from those of the answers. */
export interface Judging {
  /** Verdicts that came. */
  readonly calls: number;
  /** Attempts that brought none. */
  readonly failed: number;
  /** Null where the server did not say. */
  readonly promptTokens: number | null;
  readonly completionTokens: number | null;
  /** Of each verdict; null where it is not known. */
  readonly costs: readonly (Cost | null)[];
}

/** Times of a request in milliseconds; formulas in docs/reports.md. Unknown is null. */
export interface RequestTimes {
  readonly queuedMs: number | null;
  readonly ttftMs: number | null;
  readonly latencyMs: number | null;
  readonly tpotMs: number | null;
  readonly totalMs: number | null;
}

/** An amount of money with what it is counted in. Never converted. */
export interface Cost {
  readonly amount: number;
  readonly currency: string;
}

/** One planned request with all that came of it: the unit every report is made of, in plan order. */
export interface RequestResult {
  /** Position in the plan, from 0. */
  readonly index: number;
  readonly requestId: string;
  /** Position of the variant in the plan's list of variants. */
  readonly variantIndex: number;
  /** Position of the row in the plan's list of rows. */
  readonly rowIndex: number;
  readonly rowId: string;
  readonly cluster: string | null;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly trial: number;
  readonly messages: readonly unknown[];
  /** The body as sent without `messages`, `stream` and `stream_options`; starts with `model`. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** `pending` was never asked, or has no attempt that ended. */
  readonly status: "ok" | "failed" | "pending";
  /** HTTP exchanges that ended, over all sessions. */
  readonly attempts: number;
  /** Present when `status` is `ok`. */
  readonly answer: Answer | null;
  /** Scored choices, sorted by choice; empty unless `status` is `ok`. */
  readonly completions: readonly ScoredCompletion[];
  /** The last failure; present when `status` is `failed`. */
  readonly failure: Failure | null;
  readonly times: RequestTimes;
  readonly cost: Cost | null;
  readonly httpStatus: number | null;
  readonly traceId: string | null;
  /** ISO 8601, UTC, of the attempt that decided. */
  readonly startedAt: string | null;
  /** The answer was taken from an earlier run: its times stay out of the statistics. */
  readonly reused: boolean;
  /** An attempt that brought no answer may have been charged. */
  readonly maybeBilled: boolean;
}
