import { describe, expect, it } from "vitest";
import type { FailureKind } from "../../src/outcome/failure.ts";
import { readErrorValue } from "../../src/provider/error-body.ts";
import { classifyHiddenError, classifyResponse } from "../../src/provider/failure-classifier.ts";

const url = "https://api.example.com/v1/chat/completions";

type Row = readonly [
  name: string,
  status: number,
  body: unknown,
  kind: FailureKind,
  retryable: boolean,
  code: string | null,
  message: string,
];

const openai = (
  message: string,
  code: string | number | null = null,
  type: string | null = null,
): object => ({
  error: { message, type, param: null, code },
});

const siliconflow: readonly Row[] = [
  [
    "unknown model",
    400,
    { code: 20012, message: "Model does not exist. Please check it carefully.", data: null },
    "invalid_request",
    false,
    "20012",
    "Model does not exist. Please check it carefully.",
  ],
  [
    "parameter the model lacks",
    400,
    {
      code: 20015,
      message: "Value error, current model does not support parameter `enable_thinking`.",
      data: null,
    },
    "invalid_request",
    false,
    "20015",
    "Value error, current model does not support parameter `enable_thinking`.",
  ],
  ["bad key, bare JSON string", 401, '"Api key is invalid"', "auth", false, null, "Api key is invalid"],
  ["no key, bare JSON string", 401, '"Invalid token"', "auth", false, null, "Invalid token"],
  [
    "bad key at the international site",
    401,
    { code: 30014, data: null, message: "Token is invalid." },
    "auth",
    false,
    "30014",
    "Token is invalid.",
  ],
  [
    "no money, 402",
    402,
    { code: 30001, message: "Sorry, your account balance is insufficient" },
    "quota",
    false,
    "30001",
    "Sorry, your account balance is insufficient",
  ],
  [
    "no money, 403",
    403,
    { code: 30001, message: "Sorry, your account balance is insufficient", data: null },
    "quota",
    false,
    "30001",
    "Sorry, your account balance is insufficient",
  ],
  ["forbidden", 403, '"Forbidden"', "auth", false, null, "Forbidden"],
  [
    "a rate limit that only an identity lifts",
    403,
    '"RPM limit exceeded. Please complete identity verification to lift the restriction."',
    "quota",
    false,
    null,
    "RPM limit exceeded. Please complete identity verification to lift the restriction.",
  ],
  [
    "wrong path",
    404,
    '"404 page not found"',
    "invalid_request",
    false,
    null,
    `404 page not found (HTTP 404 from ${url})`,
  ],
  ["wrong path, plain", 404, "Not Found", "invalid_request", false, null, `Not Found (HTTP 404 from ${url})`],
  [
    "media too large",
    413,
    { code: 20043, message: "total media too large", data: null },
    "invalid_request",
    false,
    "20043",
    "total media too large",
  ],
  [
    "tokens per minute, no code",
    429,
    { message: "Request was rejected due to rate limiting. Details: TPM limit reached.", data: null },
    "rate_limited",
    true,
    null,
    "Request was rejected due to rate limiting. Details: TPM limit reached.",
  ],
  [
    "tokens per minute, with code",
    429,
    { code: 50602, message: "Details:TPM limit reached.", data: null },
    "rate_limited",
    true,
    "50602",
    "Details:TPM limit reached.",
  ],
  [
    "requests per hour",
    429,
    { message: "Request was rejected due to rate limiting. Details: RPH limit reached." },
    "rate_limited",
    true,
    null,
    "Request was rejected due to rate limiting. Details: RPH limit reached.",
  ],
  [
    "requests per day",
    429,
    { message: "Request was rejected due to rate limiting. Details: RPD limit reached." },
    "quota",
    false,
    null,
    "Request was rejected due to rate limiting. Details: RPD limit reached.",
  ],
  [
    "tokens per day",
    429,
    { message: "Request was rejected due to rate limiting. Details:TPD limit reached." },
    "quota",
    false,
    null,
    "Request was rejected due to rate limiting. Details:TPD limit reached.",
  ],
  [
    "a hundred a day without a name",
    429,
    {
      message:
        "Details: RPD limit reached. Could only send 100 requests per day without real name verification.",
    },
    "quota",
    false,
    null,
    "Details: RPD limit reached. Could only send 100 requests per day without real name verification.",
  ],
  [
    "sensitive content",
    451,
    { code: 20021, message: "sensitive content", data: null },
    "content_filtered",
    false,
    "20021",
    "sensitive content",
  ],
  [
    "internal",
    500,
    { code: 50507, message: "Request processing failed", data: null },
    "server",
    true,
    "50507",
    "Request processing failed",
  ],
  [
    "overloaded",
    503,
    { code: 50505, message: "Model service overloaded. Please try again later.", data: null },
    "overloaded",
    true,
    "50505",
    "Model service overloaded. Please try again later.",
  ],
  [
    "busy",
    503,
    { code: 50508, message: "System is too busy now. Please try again later.", data: null },
    "overloaded",
    true,
    "50508",
    "System is too busy now. Please try again later.",
  ],
  ["gateway time-out, bare string", 504, '"Gateway Timeout"', "server", true, null, "Gateway Timeout"],
];

const overflows: readonly Row[] = [
  "number of input tokens (300030) has exceeded max_prompt_tokens (98304) limit.",
  "number of input tokens (135022) has exceeded max_seq_len (131072) limit.",
  "This model's maximum context length is 262144 tokens. However, you requested 8 output tokens and your prompt contains at least 262137 input tokens",
  "Your request exceeded model token limit: 262144 (requested: 300000)",
  "Range of input length should be [1, 30720]",
  "Prompt 超长",
].map((message) => [
  message,
  400,
  { code: 20015, message, data: null },
  "context_overflow",
  false,
  "20015",
  message,
]);

const others: readonly Row[] = [
  [
    "OpenAI: overflow",
    400,
    openai("too long", "context_length_exceeded"),
    "context_overflow",
    false,
    "context_length_exceeded",
    "too long",
  ],
  [
    "llama.cpp: overflow",
    400,
    openai("the request exceeds the available context size", 400, "exceed_context_size_error"),
    "context_overflow",
    false,
    "400",
    "the request exceeds the available context size",
  ],
  ["Zhipu: overflow", 400, openai("Prompt 超长", "1261"), "context_overflow", false, "1261", "Prompt 超长"],
  [
    "OpenAI: unsupported parameter",
    400,
    openai(
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      "unsupported_parameter",
      "invalid_request_error",
    ),
    "invalid_request",
    false,
    "unsupported_parameter",
    "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
  ],
  [
    "OpenAI: no money",
    429,
    openai(
      "You exceeded your current quota, please check your plan and billing details.",
      "insufficient_quota",
      "insufficient_quota",
    ),
    "quota",
    false,
    "insufficient_quota",
    "You exceeded your current quota, please check your plan and billing details.",
  ],
  [
    "OpenAI: prepaid credit gone",
    429,
    openai("no credit", "credit_balance_exhausted"),
    "quota",
    false,
    "credit_balance_exhausted",
    "no credit",
  ],
  [
    "OpenAI: spending limit",
    429,
    openai("limit", "monthly_usage_limit_exceeded"),
    "quota",
    false,
    "monthly_usage_limit_exceeded",
    "limit",
  ],
  [
    "OpenAI: pace",
    429,
    openai(
      "Rate limit reached for gpt-4o on tokens per min (TPM): Limit 30000, Used 30000, Requested 100. Please try again in 200ms.",
      "rate_limit_exceeded",
      "tokens",
    ),
    "rate_limited",
    true,
    "rate_limit_exceeded",
    "Rate limit reached for gpt-4o on tokens per min (TPM): Limit 30000, Used 30000, Requested 100. Please try again in 200ms.",
  ],
  ["OpenAI: slow down", 429, openai("slow", "slow_down"), "rate_limited", true, "slow_down", "slow"],
  [
    "OpenAI: requests per day",
    429,
    openai(
      "Rate limit reached on requests per day (RPD): Limit 200, Used 200, Requested 1.",
      "rate_limit_exceeded",
      "requests",
    ),
    "quota",
    false,
    "rate_limit_exceeded",
    "Rate limit reached on requests per day (RPD): Limit 200, Used 200, Requested 1.",
  ],
  [
    "OpenAI: one request larger than the minute",
    429,
    openai(
      "Request too large for gpt-4o on tokens per min (TPM): Limit 30000, Requested 45000.",
      "rate_limit_exceeded",
      "tokens",
    ),
    "invalid_request",
    false,
    "rate_limit_exceeded",
    "Request too large for gpt-4o on tokens per min (TPM): Limit 30000, Requested 45000.",
  ],
  [
    "Azure: content filter",
    400,
    {
      error: {
        message:
          "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
        type: null,
        param: "prompt",
        code: "content_filter",
        status: 400,
        innererror: { code: "ResponsibleAIPolicyViolation" },
      },
    },
    "content_filtered",
    false,
    "content_filter",
    "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
  ],
  [
    "Moonshot: no money",
    429,
    openai("Your account is suspended", null, "exceeded_current_quota_error"),
    "quota",
    false,
    null,
    "Your account is suspended",
  ],
  [
    "Moonshot: pace",
    429,
    openai("max RPM: 20", null, "rate_limit_reached_error"),
    "rate_limited",
    true,
    null,
    "max RPM: 20",
  ],
  [
    "Moonshot: capacity",
    429,
    openai("The engine is currently overloaded", null, "engine_overloaded_error"),
    "overloaded",
    true,
    null,
    "The engine is currently overloaded",
  ],
  ...(["1113", "1304", "1308", "1309", "1310"] as const).map(
    (code): Row => [
      `Zhipu: ${code}`,
      429,
      { error: { code, message: "quota" } },
      "quota",
      false,
      code,
      "quota",
    ],
  ),
  ...(["1302", "1303"] as const).map(
    (code): Row => [
      `Zhipu: ${code}`,
      429,
      { error: { code, message: "pace" } },
      "rate_limited",
      true,
      code,
      "pace",
    ],
  ),
  ...(["1305", "1312"] as const).map(
    (code): Row => [
      `Zhipu: ${code}`,
      429,
      { error: { code, message: "busy" } },
      "overloaded",
      true,
      code,
      "busy",
    ],
  ),
  [
    "Zhipu: content",
    400,
    { error: { code: "1301", message: "unsafe" } },
    "content_filtered",
    false,
    "1301",
    "unsafe",
  ],
  [
    "DashScope: arrears",
    400,
    {
      error: {
        message: "Access denied, please make sure your account is in good standing.",
        type: "Arrearage",
        code: "Arrearage",
      },
      request_id: "q",
    },
    "quota",
    false,
    "Arrearage",
    "Access denied, please make sure your account is in good standing.",
  ],
  [
    "DashScope: throttled, native form",
    429,
    {
      code: "Throttling.AllocationQuota",
      message: "Allocated quota exceeded, please increase your quota limit.",
      request_id: "q",
    },
    "rate_limited",
    true,
    "Throttling.AllocationQuota",
    "Allocated quota exceeded, please increase your quota limit.",
  ],
  [
    "a gateway's `request_id` beside OpenAI's word for no money",
    429,
    {
      error: {
        message: "You exceeded your current quota, please check your plan and billing details.",
        type: "insufficient_quota",
        code: "insufficient_quota",
      },
      request_id: "q",
    },
    "quota",
    false,
    "insufficient_quota",
    "You exceeded your current quota, please check your plan and billing details.",
  ],
  [
    "a gateway's `request_id` beside Zhipu's code for no money",
    429,
    { error: { code: "1113", message: "您的账户已欠费,请充值后重试" }, request_id: "q" },
    "quota",
    false,
    "1113",
    "您的账户已欠费,请充值后重试",
  ],
  [
    "DashScope behind a gateway: its own words under OpenAI's code",
    429,
    openai(
      "You exceeded your current quota. For details, see: https://help.aliyun.com/zh/model-studio/error-code",
      "insufficient_quota",
    ),
    "rate_limited",
    true,
    "insufficient_quota",
    "You exceeded your current quota. For details, see: https://help.aliyun.com/zh/model-studio/error-code",
  ],
  [
    "an old proxy that refuses what asks for usage",
    400,
    openai("Unrecognized request argument supplied: stream_options"),
    "invalid_request",
    false,
    null,
    "Unrecognized request argument supplied: stream_options (`stream_options: null` in `parameters` leaves it out)",
  ],
  [
    "DashScope: throttled requests",
    429,
    openai("You have exceeded your request limit.", "LimitRequests"),
    "rate_limited",
    true,
    "LimitRequests",
    "You have exceeded your request limit.",
  ],
  [
    "DashScope: content",
    400,
    {
      code: "DataInspectionFailed",
      message: "Input data may contain inappropriate content.",
      request_id: "q",
    },
    "content_filtered",
    false,
    "DataInspectionFailed",
    "Input data may contain inappropriate content.",
  ],
  [
    "DeepSeek: no money",
    402,
    openai("Insufficient Balance", "invalid_request_error", "unknown_error"),
    "quota",
    false,
    "invalid_request_error",
    "Insufficient Balance",
  ],
  [
    "OpenRouter: moderation",
    403,
    {
      error: {
        code: 403,
        message: "Your chosen model requires moderation and your input was flagged",
        metadata: { reasons: ["violence"] },
      },
    },
    "content_filtered",
    false,
    "403",
    "Your chosen model requires moderation and your input was flagged",
  ],
  [
    "OpenRouter: words of the upstream",
    400,
    {
      error: {
        code: 400,
        message: "Provider returned error",
        metadata: { raw: '{"error":{"message":"bad tool"}}', provider_name: "X" },
      },
    },
    "invalid_request",
    false,
    "400",
    "Provider returned error: bad tool",
  ],
  [
    "Groq: capacity",
    498,
    openai("Flex tier capacity exceeded", "capacity_exceeded"),
    "overloaded",
    true,
    "capacity_exceeded",
    "Flex tier capacity exceeded",
  ],
  [
    "Anthropic-style overload",
    529,
    { type: "error", error: { type: "overloaded_error", message: "Overloaded" } },
    "overloaded",
    true,
    null,
    "Overloaded",
  ],
  [
    "new-api: body not understood",
    500,
    openai("json: cannot unmarshal string into Go struct field", "bad", "new_api_error"),
    "invalid_request",
    false,
    "bad",
    "json: cannot unmarshal string into Go struct field",
  ],
  [
    "Mistral: flat",
    400,
    { object: "error", message: "bad", type: "invalid_request_error", param: null, code: "3051" },
    "invalid_request",
    false,
    "3051",
    "bad",
  ],
  [
    "vLLM: flat",
    400,
    { object: "error", message: "bad", type: "BadRequestError", param: null, code: 400 },
    "invalid_request",
    false,
    "400",
    "bad",
  ],
  [
    "FastAPI: list",
    422,
    {
      detail: [
        { loc: ["body", "messages", 0, "role"], msg: "Field required", type: "missing" },
        { loc: ["body", "seed"], msg: "Extra inputs are not permitted", type: "extra_forbidden" },
      ],
    },
    "invalid_request",
    false,
    null,
    "messages.0.role: Field required; seed: Extra inputs are not permitted",
  ],
  ["FastAPI: text", 401, { detail: "Not authenticated" }, "auth", false, null, "Not authenticated"],
  ["error as text", 500, { error: "out of memory" }, "server", true, null, "out of memory"],
  [
    "error in a list",
    400,
    [
      {
        error: {
          code: 400,
          message: "API key not valid. Please pass a valid API key.",
          status: "INVALID_ARGUMENT",
        },
      },
    ],
    "auth",
    false,
    "400",
    "API key not valid. Please pass a valid API key.",
  ],
  [
    "error as an event",
    400,
    'data: {"error":{"message":"bad","code":"x"}}\n\n',
    "invalid_request",
    false,
    "x",
    "bad",
  ],
  [
    "HTML page",
    502,
    "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>",
    "server",
    true,
    null,
    `HTTP 502 with an HTML page titled "502 Bad Gateway" from ${url}`,
  ],
  [
    "lines and control characters",
    500,
    "first\r\n\tsecond\u0007third",
    "server",
    true,
    null,
    "first second third",
  ],
  ["JSON that is no object", 500, "[]", "server", true, null, "HTTP 500 without a message"],
];

const bare: readonly (readonly [status: number, kind: FailureKind, retryable: boolean])[] = [
  [400, "invalid_request", false],
  [401, "auth", false],
  [402, "quota", false],
  [403, "auth", false],
  [405, "invalid_request", false],
  [408, "timeout", true],
  [409, "server", true],
  [413, "invalid_request", false],
  [415, "invalid_request", false],
  [422, "invalid_request", false],
  [425, "server", true],
  [429, "rate_limited", true],
  [451, "content_filtered", false],
  [500, "server", true],
  [501, "server", false],
  [502, "server", true],
  [503, "overloaded", true],
  [504, "server", true],
  [520, "server", true],
  [521, "server", true],
  [522, "server", true],
  [523, "server", true],
  [524, "server", true],
  [529, "overloaded", true],
];

const text = (body: unknown): string => (typeof body === "string" ? body : JSON.stringify(body));
const lost = new Set([502, 504, 520, 524]);

describe("an error answer", () => {
  it.each([...siliconflow, ...overflows, ...others])(
    "%s (%i)",
    (_name, status, body, kind, retryable, code, message) => {
      const failure = classifyResponse({ status, body: text(body), location: null, waitKnown: false, url });
      expect(failure).toEqual({ kind, message, code, retryable, maybeBilled: lost.has(status) });
    },
  );

  it.each(bare)("with status %i and no body is %s, retryable %s", (status, kind, retryable) => {
    const failure = classifyResponse({ status, body: "", location: null, waitKnown: false, url });
    expect(failure).toMatchObject({ kind, retryable, code: null });
    expect(failure.message).toContain(`HTTP ${status} without a message`);
  });

  it("with a word of DashScope's for its pace is one where that word means the minute, and only there", () => {
    const body = text(openai("You exceeded your current quota", "insufficient_quota"));
    const kindOf = (paceCodes: readonly string[]): FailureKind =>
      classifyResponse({ status: 429, body, location: null, waitKnown: false, url, paceCodes }).kind;
    expect([kindOf(["insufficient_quota"]), kindOf(["other"]), kindOf([])]).toEqual([
      "rate_limited",
      "quota",
      "quota",
    ]);
  });

  it("is not asked again where the server forbids it", () => {
    const response = { status: 503, body: "", location: null, waitKnown: false, url };
    expect(classifyResponse({ ...response, retryForbidden: true })).toMatchObject({
      kind: "overloaded",
      retryable: false,
    });
    expect(classifyResponse({ ...response, retryForbidden: false }).retryable).toBe(true);
  });

  it("402 with a time to wait is a budget that refills", () => {
    const failure = classifyResponse({
      status: 402,
      body: '{"error":{"code":402,"message":"in flight"}}',
      location: null,
      waitKnown: true,
      url,
    });
    expect(failure).toMatchObject({ kind: "rate_limited", retryable: true });
  });

  it("that redirects says where to, and is not followed", () => {
    const failure = classifyResponse({
      status: 308,
      body: "",
      location: "https://b.example/v1",
      waitKnown: false,
      url,
    });
    expect(failure).toEqual({
      kind: "invalid_request",
      message: `${url} redirects (HTTP 308) to https://b.example/v1; redirects are not followed`,
      code: null,
      retryable: false,
      maybeBilled: false,
    });
  });

  it("has a message of at most 2000 characters on one line", () => {
    const failure = classifyResponse({
      status: 500,
      body: "😀 line\n".repeat(1000),
      location: null,
      waitKnown: false,
      url,
    });
    expect(failure.message.length).toBeLessThanOrEqual(2000);
    expect(failure.message).toMatch(/^😀 line 😀 line .*…$/u);
  });
});

describe("an error inside a 200", () => {
  const rows: readonly (readonly [unknown, FailureKind, boolean, string | null])[] = [
    [
      {
        error: {
          message: "The server had an error while processing your request. Sorry about that!",
          type: "server_error",
        },
      },
      "server",
      true,
      null,
    ],
    [{ error: { code: 429, message: "Rate limited upstream" } }, "rate_limited", true, "429"],
    [{ error: { code: 502, message: "Provider down" } }, "server", true, "502"],
    [
      { error: { message: "Too many", code: "rate_limit_exceeded" } },
      "rate_limited",
      true,
      "rate_limit_exceeded",
    ],
    [{ error: { message: "bad", type: "invalid_request_error" } }, "invalid_request", false, null],
    [{ error: { message: "bad", type: "BadRequestError", code: 400 } }, "invalid_request", false, "400"],
    [{ error: { message: "key", type: "authentication_error" } }, "auth", false, null],
    [{ error: { message: "x", type: "overloaded_error" } }, "overloaded", true, null],
    [{ error: { message: "filtered", code: "content_filter" } }, "content_filtered", false, "content_filter"],
    [{ error: { message: "no", code: "insufficient_quota" } }, "quota", false, "insufficient_quota"],
    [{ code: 20015, message: "bad parameter" }, "invalid_request", false, "20015"],
    [{ code: 50505, message: "Model service overloaded." }, "overloaded", true, "50505"],
    [{ code: 50602, message: "Details: TPM limit reached." }, "rate_limited", true, "50602"],
    [{ code: 30001, message: "balance" }, "quota", false, "30001"],
    [{ base_resp: { status_code: 2013, status_msg: "invalid params" } }, "invalid_request", false, "2013"],
    [{ base_resp: { status_code: 1002, status_msg: "rate limit" } }, "rate_limited", true, "1002"],
    [{ base_resp: { status_code: 1008, status_msg: "insufficient balance" } }, "quota", false, "1008"],
  ];
  it.each(rows)("%j is %s, retryable %s", (body, kind, retryable, code) => {
    expect(classifyHiddenError(readErrorValue(body), false)).toMatchObject({
      kind,
      retryable,
      code,
      maybeBilled: false,
    });
  });

  it("may have been charged when part of the answer came before it", () => {
    expect(classifyHiddenError(readErrorValue({ error: "gone" }), true)).toEqual({
      kind: "server",
      message: "gone",
      code: null,
      retryable: true,
      maybeBilled: true,
    });
  });
});
