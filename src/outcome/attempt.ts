import type { Answer, Usage } from "./completion.ts";
import type { Failure } from "./failure.ts";
import type { LimitAxis } from "./limit-axis.ts";

/**
 * Times of one HTTP exchange in milliseconds on the monotonic clock.
 * `latencyMs` = sent → last byte of the answer; `ttftMs` = sent → first delta with text, reasoning or a tool
 * call (streams only, else null). A failed attempt's `latencyMs` is sent → failure.
 */
export interface AttemptTimes {
  readonly latencyMs: number;
  readonly ttftMs: number | null;
}

/** What headers say of one limit. Unknown is null; `resetMs` is milliseconds from now. */
export interface AxisHint {
  readonly axis: LimitAxis;
  readonly limit: number | null;
  readonly remaining: number | null;
  readonly resetMs: number | null;
}

/** What the server said about its limits, whatever the status. Unknown is null; durations in milliseconds. */
export interface LimitHints {
  readonly retryAfterMs: number | null;
  /** What the headers say, at most one entry an axis; empty for nothing. */
  readonly axes: readonly AxisHint[];
  /** The limit that a refusal names: `TPM limit reached`, `on tokens per min (TPM): Limit 60000`; null for none. */
  readonly exceeded: {
    readonly axis: LimitAxis;
    readonly limit: number | null;
    /** What the server counted for this request, where it says so: `Requested 2063`. */
    readonly requested?: number;
  } | null;
}

interface Exchange {
  readonly times: AttemptTimes;
  /** null when no status line arrived. */
  readonly httpStatus: number | null;
  /** The server's id of the exchange (`x-siliconcloud-trace-id`, `x-request-id`). */
  readonly traceId: string | null;
  readonly hints: LimitHints | null;
}

/** What came of one attempt: an answer or a failure, as a value. */
export type AttemptOutcome =
  | (Exchange & { readonly status: "ok"; readonly answer: Answer })
  | (Exchange & {
      readonly status: "failed";
      readonly failure: Failure;
      /** What the server had said of its use before it broke; absent where it had said nothing. */
      readonly usage?: Usage;
    });
