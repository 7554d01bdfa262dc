import type { Completion } from "../../src/outcome/completion.ts";
import { delta, event } from "../provider/test-server.ts";
import { type Gives, type GivesAnswer, givesText, type Reply, replyRow, sse } from "./exchange.ts";
import { asCode, shown, type WireGroup, type WireRow } from "./row.ts";

const choice = (index: unknown, message: object, finish: unknown = "stop"): object => ({
  index,
  message,
  finish_reason: finish,
});

/** A message that says the same unstreamed, and streamed as one delta: both must give the same. */
function messageRow(name: string, from: string, message: object, gives: Partial<Completion>): WireRow {
  const expected: GivesAnswer = { completions: [gives] };
  const whole = replyRow(name, from, { body: { choices: [choice(0, message)] } }, expected);
  const chunks = [{ choices: [{ index: 0, delta: message }] }, { choices: [choice(0, {})] }].map(event);
  const events: Reply = { headers: sse, body: [...chunks, event("[DONE]")].join("") };
  const streamed = replyRow(name, from, events, expected, { stream: true });
  return {
    ...whole,
    wire: asCode(shown(message)),
    check: async () => {
      await whole.check();
      await streamed.check();
    },
  };
}

const call = (rest: object): object => ({ content: null, tool_calls: [rest] });
const called = {
  toolCalls: [{ id: "c1", name: "f", arguments: '{"a":1}' }],
  finishReason: "tool_calls",
} as const;
const openrouter = [
  { type: "reasoning.text", text: "h" },
  { type: "reasoning.summary", summary: "m" },
];
const parts = [
  { type: "text", text: "a" },
  { type: "text", text: "b" },
];

const messages: readonly WireRow[] = [
  messageRow("content that is null", "dialects §2", { role: "assistant", content: null }, {}),
  messageRow("content that is empty", "dialects §2", { content: "" }, {}),
  messageRow("content as text", "SiliconFlow §3", { content: "four" }, { content: "four" }),
  messageRow("content in parts", "dialects §2", { content: parts }, { content: "ab" }),
  messageRow(
    "thinking among the parts",
    "dialects §2",
    { content: [{ type: "thinking", thinking: [{ type: "text", text: "hm" }] }, ...parts] },
    { content: "ab", reasoning: "hm" },
  ),
  messageRow(
    "`reasoning_content`",
    "SiliconFlow §3",
    { content: "a", reasoning_content: "hm" },
    { content: "a", reasoning: "hm" },
  ),
  messageRow(
    "`reasoning`",
    "dialects §2",
    { content: "a", reasoning: "hm" },
    { content: "a", reasoning: "hm" },
  ),
  messageRow(
    "`reasoning_details`",
    "dialects §2",
    { content: "a", reasoning_details: openrouter },
    { content: "a", reasoning: "hm" },
  ),
  messageRow(
    "reasoning under all names at once is said once",
    "dialects §2",
    { content: "a", reasoning: "hm", reasoning_content: "hm", reasoning_details: openrouter },
    { content: "a", reasoning: "hm" },
  ),
  messageRow(
    "inline `<think>`",
    "dialects §2",
    { content: "<think>\nhm\n</think>\n\nfour" },
    { content: "four", reasoning: "hm" },
  ),
  messageRow(
    "inline `<think>` never closed",
    "dialects §2",
    { content: "<think>hm" },
    { content: "", reasoning: "hm" },
  ),
  messageRow(
    "`<think>` inside an answer is the answer",
    "dialects §2",
    { content: "say <think>x</think>" },
    { content: "say <think>x</think>" },
  ),
  messageRow(
    "`<think>` beside a reasoning field is the answer",
    "dialects §2",
    { content: "<think>x</think>", reasoning_content: "hm" },
    { content: "<think>x</think>", reasoning: "hm" },
  ),
  messageRow(
    "the whole answer in the reasoning",
    "SiliconFlow §3",
    { content: "", reasoning_content: "four" },
    { reasoning: "four" },
  ),
  messageRow(
    "control tokens of a model stay",
    "SiliconFlow §3",
    { content: "<|begin_of_box|>4<|end_of_box|>" },
    { content: "<|begin_of_box|>4<|end_of_box|>" },
  ),
  messageRow(
    "lone surrogates, NUL and emoji stay",
    "issue 5",
    { content: "\u0000a\uD83D😀" },
    { content: "\u0000a\uD83D😀" },
  ),
  messageRow("a refusal", "dialects §2", { content: null, refusal: "no" }, { refusal: "no" }),
  messageRow("an empty refusal is none", "dialects §2", { content: "a", refusal: "" }, { content: "a" }),
  messageRow(
    "a tool call that claims to have stopped",
    "SiliconFlow §3",
    call({ index: 0, id: "c1", type: "function", function: { name: "f", arguments: '{"a":1}' } }),
    called,
  ),
  messageRow(
    "a tool call without `type` and `index`",
    "SiliconFlow §3",
    call({ id: "c1", function: { name: "f", arguments: '{"a":1}' } }),
    called,
  ),
  messageRow(
    "arguments as an object are written out",
    "dialects §5",
    call({ id: "c1", function: { name: "f", arguments: { a: 1 } } }),
    called,
  ),
  messageRow(
    "arguments that are no JSON stay as written",
    "SiliconFlow §3",
    call({ id: "c1", function: { name: "f", arguments: "{broken" } }),
    { ...called, toolCalls: [{ id: "c1", name: "f", arguments: "{broken" }] },
  ),
  messageRow(
    "a legacy `function_call`",
    "dialects §2",
    { content: null, function_call: { name: "f", arguments: "{}" } },
    { ...called, toolCalls: [{ id: null, name: "f", arguments: "{}" }] },
  ),
  messageRow(
    "an empty list of tool calls is none",
    "dialects §2",
    { content: "a", tool_calls: [] },
    { content: "a" },
  ),
];

/** The fields of a message. */
export const answers: WireGroup = {
  title: "Answers",
  text: "Each message is sent twice, as a whole and as the delta of a stream, with finish reason `stop` after it; both must give the same completion, compared whole.",
  heads: ["the message", "becomes"],
  rows: messages,
};

const reasons: readonly (readonly [raw: string | null, normal: Completion["finishReason"], from: string])[] =
  [
    ["stop", "stop", "SiliconFlow §3"],
    ["eos", "stop", "SiliconFlow §3"],
    ["length", "length", "SiliconFlow §3"],
    ["tool_calls", "tool_calls", "SiliconFlow §3"],
    ["content_filter", "content_filter", "dialects §2"],
    ["function_call", "tool_calls", "dialects §2"],
    ["sensitive", "content_filter", "dialects §2"],
    ["model_context_window_exceeded", "length", "dialects §2"],
    ["flow_pause", "other", "dialects §2"],
    ["", null, "SiliconFlow §7"],
    [null, null, "dialects §2"],
  ];
const failedReasons = [
  ["insufficient_system_resource", "overloaded"],
  ["aborted", "server"],
  ["network_error", "server"],
  ["error", "server"],
] as const;

/** Every finish reason. */
export const finishReasons: WireGroup = {
  title: "Finish reasons",
  text: "An unstreamed choice with the content `a`; the server's own word is kept beside ours.",
  heads: ["the server sends", "becomes"],
  rows: [
    ...reasons.map(([raw, normal, from]) =>
      replyRow(
        JSON.stringify(raw),
        from,
        { body: { choices: [choice(0, { content: "a" }, raw)] } },
        { completions: [{ content: "a", finishReason: normal, finishReasonRaw: raw === "" ? null : raw }] },
      ),
    ),
    replyRow(
      "none at all",
      "dialects §2",
      { body: { choices: [{ index: 0, message: { content: "a" } }] } },
      { completions: [{ content: "a", finishReason: null, finishReasonRaw: null }] },
    ),
    replyRow(
      "`length` in the middle of a tool call",
      "SiliconFlow §5",
      {
        body: { choices: [choice(0, call({ id: "c1", function: { name: "f", arguments: "{" } }), "length")] },
      },
      {
        completions: [
          {
            toolCalls: [{ id: "c1", name: "f", arguments: "{" }],
            finishReason: "length",
            finishReasonRaw: "length",
          },
        ],
      },
    ),
    ...failedReasons.map(([reason, kind]) =>
      replyRow(
        JSON.stringify(reason),
        "dialects §2",
        { body: { choices: [choice(0, { content: "half" }, reason)] } },
        {
          kind,
          message: `the server gave up on the answer (finish reason \`${reason}\`)`,
          code: reason,
          retryable: true,
          maybeBilled: true,
        },
      ),
    ),
  ],
};

const ab = { completions: [{ content: "a" }, { content: "b" }] };
const a = { content: "a" };

function streamRow(name: string, from: string, events: readonly object[], gives: Gives, n = 1): WireRow {
  const body = [...events.map(event), event("[DONE]")].join("");
  const row = replyRow(name, from, { headers: sse, body }, gives, { stream: true, n });
  return { ...row, wire: asCode(shown(events.map((one) => JSON.stringify(one)).join(" "))) };
}

const part = (index: number, content: string, finish: string | null = null): object => ({
  index,
  delta: { content },
  finish_reason: finish,
});

/** Several choices of one request. */
export const choices: WireGroup = {
  title: "Several choices",
  text: "Requests with `n` of 2 or 3; each choice is a completion of its own.",
  heads: ["the server sends", "becomes"],
  rows: [
    replyRow(
      "in any order",
      "dialects §5",
      { body: { choices: [choice(1, { content: "b" }), choice(0, a)] } },
      ab,
      { stream: false, n: 2 },
    ),
    replyRow(
      "all numbered 0",
      "dialects §5",
      { body: { choices: [choice(0, a), choice(0, { content: "b" })] } },
      ab,
      { stream: false, n: 2 },
    ),
    replyRow(
      "not numbered",
      "dialects §5",
      { body: { choices: [choice(undefined, a), choice(null, { content: "b" })] } },
      ab,
      { stream: false, n: 2 },
    ),
    streamRow(
      "interleaved in a stream",
      "dialects §5",
      [
        { choices: [part(1, "b")] },
        { choices: [part(0, "a"), part(2, "c")] },
        { choices: [part(1, "B", "stop")] },
        { choices: [part(0, "", "stop"), part(2, "C", "length")] },
      ],
      {
        completions: [
          a,
          { content: "bB" },
          { content: "cC", finishReason: "length", finishReasonRaw: "length" },
        ],
      },
      3,
    ),
    streamRow(
      "one more of `n` than was asked for is kept",
      "dialects §1",
      [{ choices: [part(0, "a", "stop")] }, { choices: [part(1, "b", "stop")] }],
      ab,
    ),
  ],
};

const answered = { choices: [choice(0, a)] };

/** What stands beside the choices. */
export const envelope: WireGroup = {
  title: "Ids and other fields",
  text: "What an answer says of itself; fields that are not named here are ignored.",
  heads: ["the server sends", "becomes"],
  rows: [
    replyRow(
      "`id` and `model`, which may differ from the one asked for",
      "dialects §2",
      { body: { id: "019b", object: "chat.completion", created: 1, model: "m-2025", ...answered } },
      { completions: [a], id: "019b", model: "m-2025" },
    ),
    replyRow(
      "`id` and `model` that are empty are none",
      "dialects §8",
      { body: { id: "", model: "", ...answered } },
      { completions: [a] },
    ),
    replyRow(
      "a fingerprint is kept as a digest",
      "dialects §1",
      { body: { system_fingerprint: "fp_44709d6fcb", ...answered } },
      { completions: [a], fingerprint: true },
    ),
    replyRow(
      "an empty fingerprint is none",
      "SiliconFlow §3",
      { body: { system_fingerprint: "", ...answered } },
      { completions: [a] },
    ),
    ...["x-siliconcloud-trace-id", "x-request-id", "request-id", "x-generation-id"].map((header) =>
      replyRow(
        `trace id in \`${header}\``,
        header.startsWith("x-s") ? "SiliconFlow §1" : "dialects §7",
        { headers: { [header]: "t-1" }, body: answered },
        { completions: [a], traceId: "t-1" },
      ),
    ),
    replyRow(
      "extra fields",
      "dialects §2",
      {
        body: {
          service_tier: "default",
          provider: "X",
          x_groq: { id: "g" },
          timings: { prompt_n: 1 },
          prompt_filter_results: [],
          choices: [
            {
              ...choice(0, { ...a, annotations: [] }),
              content_filter_results: { hate: { filtered: false } },
              logprobs: null,
              stop_reason: null,
            },
          ],
        },
      },
      { completions: [a], traceId: "g" },
    ),
    replyRow(
      "an empty `error` and a good `base_resp` are none",
      "dialects §2",
      { body: { error: null, base_resp: { status_code: 0, status_msg: "" }, ...answered } },
      { completions: [a] },
    ),
  ],
};

const counts = { promptTokens: 7, completionTokens: 3, totalTokens: 10 };
const told = { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 };
const usageRow = (name: string, from: string, usage: unknown, gives: GivesAnswer["usage"] = {}): WireRow =>
  replyRow(name, from, { body: { ...answered, usage } }, { completions: [a], usage: gives });
const usageStream = (name: string, from: string, events: readonly object[]): WireRow => {
  const row = streamRow(name, from, events, { completions: [a], usage: counts });
  return { ...row, becomes: givesText({ completions: [a], usage: counts }) };
};

/** Usage in every place and spelling. */
export const usage: WireGroup = {
  title: "Usage",
  text: "Token counts are those that the server said last, never a sum; what it did not say is null.",
  heads: ["the server sends", "becomes"],
  rows: [
    usageRow("OpenAI's three counts", "dialects §2", told, counts),
    usageRow("no total", "dialects §2", { prompt_tokens: 7, completion_tokens: 3 }, counts),
    usageRow(
      "SiliconFlow's, under both names",
      "SiliconFlow §3",
      {
        prompt_tokens: 15,
        completion_tokens: 1540,
        total_tokens: 1555,
        completion_tokens_details: { reasoning_tokens: 1190 },
        prompt_tokens_details: { cached_tokens: 4 },
        prompt_cache_hit_tokens: 4,
        prompt_cache_miss_tokens: 11,
      },
      { promptTokens: 15, completionTokens: 1540, reasoningTokens: 1190, cachedTokens: 4, totalTokens: 1555 },
    ),
    usageRow(
      "OpenAI's cached tokens",
      "dialects §2",
      { ...told, prompt_tokens_details: { cached_tokens: 2 } },
      { ...counts, cachedTokens: 2 },
    ),
    usageRow(
      "DeepSeek's cached tokens",
      "dialects §2",
      { ...told, prompt_cache_hit_tokens: 2, prompt_cache_miss_tokens: 5 },
      { ...counts, cachedTokens: 2 },
    ),
    usageRow(
      "Moonshot's cached tokens",
      "dialects §2",
      { ...told, cached_tokens: 2 },
      { ...counts, cachedTokens: 2 },
    ),
    usageRow("a stated cost", "dialects §2", { ...told, cost: 0.0001 }, { ...counts, statedCost: 0.0001 }),
    usageRow(
      "0 prompt tokens are 0",
      "dialects §8",
      { ...told, prompt_tokens: 0 },
      { ...counts, promptTokens: 0 },
    ),
    usageRow("none", "dialects §2", undefined),
    usageRow("null", "dialects §2", null),
    usageRow("counts that are none", "dialects §2", { prompt_tokens: "7", completion_tokens: -3 }),
    usageStream("in a last chunk without choices", "dialects §2", [
      { choices: [part(0, "a", "stop")] },
      { choices: [], usage: told },
    ]),
    usageStream("in every chunk, cumulative", "SiliconFlow §7", [
      { choices: [part(0, "")], usage: { prompt_tokens: 7, completion_tokens: 0, total_tokens: 7 } },
      { choices: [part(0, "a")], usage: { prompt_tokens: 7, completion_tokens: 2, total_tokens: 9 } },
      { choices: [part(0, "", "stop")], usage: told },
    ]),
    usageStream("in the chunk with the finish reason", "dialects §2", [
      { choices: [part(0, "a")], usage: null },
      { choices: [part(0, "", "stop")], usage: told },
    ]),
    usageStream("in `x_groq.usage`", "dialects §2", [
      { choices: [part(0, "a", "stop")], x_groq: { usage: told } },
    ]),
    usageStream("in `choices[0].usage`", "dialects §2", [
      { choices: [{ ...part(0, "a", "stop"), usage: told }] },
    ]),
    usageStream("before a chunk with null", "dialects §2", [
      { choices: [part(0, "a", "stop")], usage: told },
      { choices: [], usage: null },
    ]),
    replyRow(
      "in a stream that broke off",
      "dialects §2",
      { headers: sse, body: delta(a, null, { id: undefined, model: undefined, usage: told }) },
      {
        kind: "truncated_stream",
        message: "the stream ended before `[DONE]` or a finish reason",
        retryable: true,
        maybeBilled: true,
        usage: counts,
      },
      { stream: true },
    ),
  ],
};
