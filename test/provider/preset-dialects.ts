import type { FailureKind } from "../../src/outcome/failure.ts";
import { delta, event, helloBody } from "./test-server.ts";

const { usage } = helloBody;
const words = [delta({ role: "assistant", content: "hel" }), delta({ content: "lo" })];
const done = event("[DONE]");

type UsagePlace =
  | "last, without choices"
  | "in every chunk, growing"
  | "with the finish reason"
  | "in `x_groq`"
  | "in the choice";

/** Streams of the answer `hello`, with the usage in each place that dialects put it. */
export const streams: Readonly<Record<UsagePlace, readonly string[]>> = {
  "last, without choices": [...words, delta({}, "stop"), event({ id: "resp-1", choices: [], usage }), done],
  "in every chunk, growing": [
    delta({ role: "assistant", content: "hel" }, null, {
      usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 },
    }),
    delta({ content: "lo" }, null, { usage }),
    delta({}, "stop", { usage }),
    done,
  ],
  "with the finish reason": [...words, delta({}, "stop", { usage }), done],
  "in `x_groq`": [
    delta({ role: "assistant", content: "" }, null, { x_groq: { id: "req_groq" } }),
    ...words,
    delta({}, "stop", { x_groq: { id: "req_groq", usage } }),
    done,
  ],
  "in the choice": [
    ...words,
    event({
      id: "resp-1",
      model: "m-2025",
      choices: [{ index: 0, delta: {}, finish_reason: "stop", usage }],
    }),
    done,
  ],
};

/** What a kind of server is seen to do, written down apart from the table of presets. */
export interface DialectSeen {
  readonly preset: string;
  /** The path of the request line, from the root. */
  readonly path: string;
  /** The header with the key `sk-0123456789abcdef`. */
  readonly key: Readonly<Record<string, string>>;
  readonly asksForUsage: boolean;
  readonly usage: UsagePlace;
  readonly headers: Readonly<Record<string, string>>;
  readonly traceId: string | null;
  /** Limit of requests a minute that its headers state. */
  readonly limitRequests: number | null;
  readonly error: readonly [status: number, body: unknown, kind: FailureKind, retryable: boolean];
}

const bearer = { authorization: "Bearer sk-0123456789abcdef" };
const six = {
  "x-ratelimit-limit-requests": "60",
  "x-ratelimit-limit-tokens": "6000",
  "x-ratelimit-remaining-requests": "59",
  "x-ratelimit-remaining-tokens": "5990",
  "x-ratelimit-reset-requests": "1s",
  "x-ratelimit-reset-tokens": "6m0s",
};
const error = (message: string, code: string | number | null, type: string | null = null): object => ({
  error: { message, type, param: null, code },
});

const plain = {
  path: "/v1/chat/completions",
  key: bearer,
  asksForUsage: false,
  usage: "with the finish reason",
  headers: {},
  traceId: null,
  limitRequests: null,
} as const;

const siliconflow = {
  ...plain,
  usage: "in every chunk, growing",
  headers: { "x-siliconcloud-trace-id": "ti_1", "x-request-id": "edge" },
  traceId: "ti_1",
} as const;

const asked = { ...plain, asksForUsage: true, usage: "last, without choices" } as const;

const dashscope = {
  ...asked,
  path: "/compatible-mode/v1/chat/completions",
  error: [
    429,
    { ...error("You exceeded your current quota", "insufficient_quota"), request_id: "q-1" },
    "rate_limited",
    true,
  ],
} as const;

export const dialectsSeen: readonly DialectSeen[] = [
  {
    ...siliconflow,
    preset: "siliconflow",
    error: [403, { code: 30001, message: "balance is insufficient", data: null }, "quota", false],
  },
  { ...siliconflow, preset: "siliconflow-intl", error: [503, '"busy"', "overloaded", true] },
  {
    ...asked,
    preset: "openai",
    headers: { ...six, "x-request-id": "req_1" },
    traceId: "req_1",
    limitRequests: 60,
    error: [429, error("You exceeded your current quota", "insufficient_quota"), "quota", false],
  },
  {
    ...asked,
    preset: "azure",
    path: "/openai/deployments/gpt/chat/completions?api-version=2024-10-21",
    key: { "api-key": "sk-0123456789abcdef" },
    headers: { "x-ratelimit-remaining-requests": "-1", "x-request-id": "edge", "apim-request-id": "apim_1" },
    traceId: "apim_1",
    error: [400, error("The response was filtered", "content_filter"), "content_filtered", false],
  },
  {
    ...plain,
    preset: "deepseek",
    path: "/chat/completions",
    error: [402, error("Insufficient Balance", "invalid_request_error"), "quota", false],
  },
  { ...dashscope, preset: "dashscope" },
  { ...dashscope, preset: "dashscope-intl" },
  {
    ...plain,
    preset: "moonshot",
    usage: "in the choice",
    headers: { "x-ratelimit-limit": "20", "x-ratelimit-remaining": "19", "x-ratelimit-reset": "40" },
    limitRequests: 20,
    error: [429, error("slow", null, "rate_limit_reached_error"), "rate_limited", true],
  },
  {
    ...plain,
    preset: "zhipu",
    path: "/api/paas/v4/chat/completions",
    error: [429, { error: { code: "1113", message: "arrears" }, request_id: "q-1" }, "quota", false],
  },
  {
    ...plain,
    preset: "zai",
    path: "/api/paas/v4/chat/completions",
    error: [429, { error: { code: "1302", message: "concurrency" } }, "rate_limited", true],
  },
  {
    ...plain,
    preset: "groq",
    path: "/openai/v1/chat/completions",
    usage: "in `x_groq`",
    headers: six,
    error: [498, error("busy", "capacity_exceeded"), "overloaded", true],
  },
  {
    ...plain,
    preset: "mistral",
    headers: { "mistral-correlation-id": "corr_1", "x-request-id": "edge", "cf-ray": "ray_1" },
    traceId: "corr_1",
    error: [
      422,
      {
        detail: [{ loc: ["body", "top_k"], msg: "Extra inputs are not permitted", type: "extra_forbidden" }],
      },
      "invalid_request",
      false,
    ],
  },
  {
    ...asked,
    preset: "together",
    headers: { "cf-ray": "ray_1" },
    traceId: "ray_1",
    error: [401, error("Invalid API key provided", "invalid_api_key"), "auth", false],
  },
  {
    ...plain,
    preset: "openrouter",
    path: "/api/v1/chat/completions",
    headers: { "x-generation-id": "gen_1" },
    traceId: "gen_1",
    error: [403, { error: { code: 403, message: "Input was flagged" } }, "content_filtered", false],
  },
  {
    ...asked,
    preset: "ollama",
    error: [404, error("model not found", null, "api_error"), "invalid_request", false],
  },
  {
    ...asked,
    preset: "vllm",
    error: [
      400,
      {
        object: "error",
        message: "This model's maximum context length is 8 tokens",
        type: "BadRequestError",
        code: 400,
      },
      "context_overflow",
      false,
    ],
  },
  {
    ...asked,
    preset: "llamacpp",
    error: [503, error("Loading model", 503, "unavailable_error"), "overloaded", true],
  },
  {
    ...siliconflow,
    preset: "simulator",
    error: [451, { code: 20021, message: "no" }, "content_filtered", false],
  },
  { ...plain, preset: "generic", error: [500, { detail: "broke" }, "server", true] },
];
