/** One function call a model asked for. `arguments` is the raw text it wrote, which need not be valid JSON. */
export interface ToolCall {
  readonly id: string | null;
  readonly name: string;
  readonly arguments: string;
}

/** Why a choice ended, in one vocabulary: `eos` counts as `stop`, what no one knows is `other`, silence is `null`. */
export type FinishReason = "stop" | "length" | "tool_calls" | "content_filter" | "other";

/** One of the `n` choices of an answered request. The answer proper is `content`; reasoning never enters it. */
export interface Completion {
  readonly choice: number;
  readonly content: string;
  readonly reasoning: string;
  readonly toolCalls: readonly ToolCall[];
  readonly refusal: string | null;
  readonly finishReason: FinishReason | null;
  /** The server's own word, kept as it came. */
  readonly finishReasonRaw: string | null;
}

/** Token counts of one request (all choices together). `null` is what the server did not say, never 0. */
export interface Usage {
  readonly promptTokens: number | null;
  /** Includes the reasoning tokens. */
  readonly completionTokens: number | null;
  readonly reasoningTokens: number | null;
  readonly cachedTokens: number | null;
  readonly totalTokens: number | null;
  /** What the server says the request cost, in the unit that it bills in; absent or null where it says nothing. */
  readonly statedCost?: number | null;
  /** True when we counted, because the server did not. */
  readonly estimated: boolean;
}

/** A usage in which nothing is known. */
export const unknownUsage: Usage = {
  promptTokens: null,
  completionTokens: null,
  reasoningTokens: null,
  cachedTokens: null,
  totalTokens: null,
  estimated: false,
};

/** What one successful HTTP exchange brought. `completions` is never empty and sorted by `choice`. */
export interface Answer {
  readonly completions: readonly Completion[];
  readonly usage: Usage;
  readonly responseId: string | null;
  /** The model the server says it used; may differ from the one asked for. */
  readonly responseModel: string | null;
  /** 12 hex digits over the `system_fingerprint` the server gave: another one is another backend. Absent for none. */
  readonly systemFingerprint?: string;
}
