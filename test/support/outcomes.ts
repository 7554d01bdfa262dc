import type { AttemptOutcome } from "../../src/outcome/attempt.ts";
import type { FailureKind } from "../../src/outcome/failure.ts";

const exchange = {
  times: { latencyMs: 10, ttftMs: null },
  httpStatus: null,
  traceId: null,
  hints: null,
} as const;

/** An answer `ok` that used 50 prompt and 50 completion tokens. */
export function answered(): AttemptOutcome {
  return {
    ...exchange,
    status: "ok",
    httpStatus: 200,
    answer: {
      completions: [
        {
          choice: 0,
          content: "ok",
          reasoning: "",
          toolCalls: [],
          refusal: null,
          finishReason: "stop",
          finishReasonRaw: "stop",
        },
      ],
      usage: {
        promptTokens: 50,
        completionTokens: 50,
        reasoningTokens: null,
        cachedTokens: null,
        totalTokens: 100,
        estimated: false,
      },
      responseId: null,
      responseModel: null,
    },
  };
}

/** A failure of some kind that can be tried again. */
export function refused(kind: FailureKind, message: string = kind): AttemptOutcome {
  return {
    ...exchange,
    status: "failed",
    failure: { kind, message, code: null, retryable: true, maybeBilled: false },
  };
}
