import type { FailureKind } from "../outcome/failure.ts";
import type { RefusalFault } from "./faults.ts";
import {
  bareRefusal,
  jsonRefusal,
  limitRefusal,
  pageRefusal,
  type Refusal,
  refusal,
  textRefusal,
} from "./refusal.ts";

/** What a fault answers, and what a client must make of it. */
export interface RefusalRow {
  /** The shapes it comes in; one is drawn for each arrival. */
  readonly answers: readonly [Refusal, ...Refusal[]];
  /** The kind of failure that promptgrid reports, whatever the shape. */
  readonly expect: FailureKind;
}

const row = (expect: FailureKind, ...answers: [Refusal, ...Refusal[]]): RefusalRow => ({ answers, expect });

const noBalance = "Sorry, your account balance is insufficient";
const overloaded = "Model service overloaded. Please try again later.";
const rejected = "Request was rejected due to rate limiting. Details:";
const unverified = "Could only send 100 requests per day without real name verification.";
const openaiError = (
  message: string,
  type: string,
  code: string | null,
  param: string | null = null,
): object => ({
  error: { message, type, param, code },
});

/**
 * The answers of the faults that are whole answers: SiliconFlow's statuses and bodies, and the bodies of other servers
 * that mean something else than their status says.
 */
export const faultRefusals: Readonly<Record<RefusalFault, RefusalRow>> = {
  "400": row("invalid_request", refusal(400, 20015, "The parameter is invalid. Please check again.")),
  "400-model": row(
    "invalid_request",
    refusal(400, 20012, "Model does not exist. Please check it carefully."),
  ),
  "400-parameter": row(
    "invalid_request",
    refusal(400, 20015, "Value error, current model does not support parameter `enable_thinking`."),
  ),
  "400-overflow": row(
    "context_overflow",
    refusal(400, 20015, "number of input tokens (300030) has exceeded max_prompt_tokens (98304) limit."),
    refusal(400, 20015, "number of input tokens (135022) has exceeded max_seq_len (131072) limit."),
    refusal(
      400,
      20015,
      "This model's maximum context length is 262144 tokens. However, you requested 8 output tokens and your prompt contains at least 262137 input tokens.",
    ),
  ),
  "400-openai": row(
    "invalid_request",
    jsonRefusal(
      400,
      openaiError(
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
        "invalid_request_error",
        "unsupported_parameter",
        "max_tokens",
      ),
    ),
  ),
  "400-vllm": row(
    "invalid_request",
    jsonRefusal(400, {
      object: "error",
      message: "temperature must be non-negative, got -1.0.",
      type: "BadRequestError",
      param: null,
      code: 400,
    }),
  ),
  "400-arrearage": row(
    "quota",
    jsonRefusal(400, {
      ...openaiError(
        "Access denied, please make sure your account is in good standing.",
        "Arrearage",
        "Arrearage",
      ),
      request_id: "7a1c0e52-0000-9000-8000-000000000000",
    }),
  ),
  "401": row("auth", bareRefusal(401, "Api key is invalid")),
  "401-object": row(
    "auth",
    jsonRefusal(
      401,
      { code: 30014, data: null, message: "Token is invalid." },
      { "www-authenticate": "Bearer" },
    ),
  ),
  "402": row("quota", refusal(402, 30001, noBalance)),
  "402-retry-after": row(
    "rate_limited",
    jsonRefusal(
      402,
      { error: { code: 402, message: "Too much of the credit is held by requests in flight." } },
      { "retry-after": "1" },
    ),
  ),
  "403": row("quota", refusal(403, 30001, noBalance)),
  "403-identity": row(
    "quota",
    bareRefusal(403, "RPM limit exceeded. Please complete identity verification to lift the restriction."),
  ),
  "403-bare": row("auth", bareRefusal(403, "Forbidden")),
  "403-moderation": row(
    "content_filtered",
    jsonRefusal(403, {
      error: {
        code: 403,
        message: "The input was flagged by moderation.",
        metadata: { reasons: ["violence"] },
      },
    }),
  ),
  "404": row("invalid_request", bareRefusal(404, "404 page not found")),
  "408": row("timeout", jsonRefusal(408, { error: { code: 408, message: "The request timed out." } })),
  "409": row("server", jsonRefusal(409, openaiError("The resource is locked.", "conflict_error", null))),
  "413": row("invalid_request", refusal(413, 20042, "The request is too large.")),
  "422": row(
    "invalid_request",
    jsonRefusal(422, {
      detail: [{ loc: ["body", "top_k"], msg: "Extra inputs are not permitted", type: "extra_forbidden" }],
    }),
  ),
  "425": row("server", textRefusal(425, "Too Early")),
  "429": row("rate_limited", limitRefusal("RPM")),
  "429-tpm": row("rate_limited", limitRefusal("TPM")),
  "429-rpd": row("quota", refusal(429, null, `${rejected} RPD limit reached. ${unverified}`)),
  "429-code": row("rate_limited", refusal(429, 50602, `${rejected} TPM limit reached.`)),
  "429-retry-after": row(
    "rate_limited",
    jsonRefusal(429, openaiError("Rate limit reached for requests.", "requests", "rate_limit_exceeded"), {
      "retry-after": "1",
    }),
  ),
  "429-reset": row(
    "rate_limited",
    jsonRefusal(429, openaiError("Rate limit reached for tokens.", "tokens", "rate_limit_exceeded"), {
      "x-ratelimit-limit-requests": "600",
      "x-ratelimit-remaining-requests": "599",
      "x-ratelimit-reset-requests": "100ms",
      "x-ratelimit-limit-tokens": "60000",
      "x-ratelimit-remaining-tokens": "0",
      "x-ratelimit-reset-tokens": "1s",
    }),
  ),
  "429-quota": row(
    "quota",
    jsonRefusal(
      429,
      openaiError(
        "You exceeded your current quota, please check your plan and billing details.",
        "insufficient_quota",
        "insufficient_quota",
      ),
    ),
  ),
  "429-zhipu": row(
    "rate_limited",
    jsonRefusal(429, { error: { code: "1302", message: "Too many requests at the same time." } }),
  ),
  "429-zhipu-quota": row(
    "quota",
    jsonRefusal(429, { error: { code: "1113", message: "Your account is in arrears." } }),
  ),
  "429-dashscope": row(
    "rate_limited",
    jsonRefusal(429, {
      ...openaiError("Allocated quota exceeded.", "limit_requests", "Throttling.AllocationQuota"),
      request_id: "7a1c0e52-0000-9000-8000-000000000001",
    }),
  ),
  "451": row(
    "content_filtered",
    refusal(451, 20021, "The input may contain sensitive content. Please check again."),
  ),
  "498": row(
    "overloaded",
    jsonRefusal(498, openaiError("The flex tier has no capacity now.", "server_error", "capacity_exceeded")),
  ),
  "500": row("server", refusal(500, 50507, "Unexpected system error. Please try again later.")),
  "500-text": row("server", textRefusal(500, "Internal Server Error")),
  "500-unmarshal": row(
    "invalid_request",
    jsonRefusal(
      500,
      openaiError("json: cannot unmarshal string into field max_tokens of type uint", "new_api_error", null),
    ),
  ),
  "502": row("server", pageRefusal(502, "502 Bad Gateway")),
  "503": row("overloaded", refusal(503, 50505, overloaded)),
  "503-busy": row("overloaded", refusal(503, 50508, "System is too busy now. Please try again later.")),
  "504": row("server", pageRefusal(504, "504 Gateway Time-out")),
  "504-bare": row("server", bareRefusal(504, "upstream request timeout")),
  "520": row("server", pageRefusal(520, "520: Web server is returning an unknown error")),
  "524": row("server", pageRefusal(524, "524: A timeout occurred")),
  "529": row(
    "overloaded",
    jsonRefusal(529, { type: "error", error: { type: "overloaded_error", message: "Overloaded" } }),
  ),
  html: row("bad_response", pageRefusal(200, "Welcome")),
  "error-200": row(
    "overloaded",
    jsonRefusal(200, { error: { code: 503, message: overloaded } }),
    refusal(200, 50505, overloaded),
    bareRefusal(200, overloaded),
  ),
};
