import type { Answer, Usage } from "./completion.ts";
import type { Failure } from "./failure.ts";

/**
 * Times of one HTTP exchange in milliseconds on the monotonic clock.
 * `latencyMs` = sent → last byte of the answer; `ttftMs` = sent → first delta with text, reasoning or a tool
 * call (streams only, else null). A failed attempt's `latencyMs` is sent → failure.
 */
export interface AttemptTimes {
  readonly latencyMs: number;
  readonly ttftMs: number | null;
}

/** What the server said about its limits, whatever the status. Unknown is null; durations in milliseconds. */
export interface LimitHints {
  readonly retryAfterMs: number | null;
  readonly limitRequests: number | null;
  readonly remainingRequests: number | null;
  readonly resetRequestsMs: number | null;
  readonly limitTokens: number | null;
  readonly remainingTokens: number | null;
  readonly resetTokensMs: number | null;
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
