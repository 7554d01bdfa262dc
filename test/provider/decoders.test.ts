import { describe, expect, it } from "vitest";
import type { Completion, Usage } from "../../src/outcome/completion.ts";
import type { Decoded } from "../../src/provider/answer-builder.ts";
import { AnswerDecoder } from "../../src/provider/answer-decoder.ts";
import { decodeResponse } from "../../src/provider/response-decoder.ts";
import { delta, event } from "./test-server.ts";

const url = "http://127.0.0.1/v1/chat/completions";
const unstreamed = (body: unknown): Decoded =>
  decodeResponse(typeof body === "string" ? body : JSON.stringify(body), url);
const stream = (...events: readonly string[]): Decoded => {
  const decoder = new AnswerDecoder("text/event-stream", url);
  return decoder.write(Buffer.from(events.join(""))) ?? decoder.end(null);
};
const done = event("[DONE]");

function first(decoded: Decoded): Completion {
  if (decoded.status !== "ok") throw new Error(decoded.failure.message);
  const [completion] = decoded.answer.completions;
  if (completion === undefined) throw new Error("no completion");
  return completion;
}
function usageOf(decoded: Decoded): Usage {
  if (decoded.status !== "ok") throw new Error(decoded.failure.message);
  return decoded.answer.usage;
}
const message = (part: object, finish: string | null = "stop", rest: object = {}): object => ({
  choices: [{ index: 0, message: part, finish_reason: finish }],
  ...rest,
});
const plain: Completion = {
  choice: 0,
  content: "",
  reasoning: "",
  toolCalls: [],
  refusal: null,
  finishReason: "stop",
  finishReasonRaw: "stop",
};

describe("an unstreamed answer", () => {
  it("of SiliconFlow's documentation is read whole", () => {
    const body = {
      id: "019bdaa55225ef854b320e9b838f77ce",
      object: "chat.completion",
      created: 1768899826,
      model: "Pro/zai-org/GLM-4.7",
      choices: [
        {
          index: 0,
          message: { role: "assistant", content: "four", reasoning_content: "2+2" },
          finish_reason: "stop",
        },
      ],
      usage: {
        prompt_tokens: 15,
        completion_tokens: 1540,
        total_tokens: 1555,
        completion_tokens_details: { reasoning_tokens: 1190 },
        prompt_tokens_details: { cached_tokens: 0 },
        prompt_cache_hit_tokens: 0,
        prompt_cache_miss_tokens: 15,
      },
      system_fingerprint: "",
    };
    expect(unstreamed(body)).toEqual({
      status: "ok",
      answer: {
        completions: [{ ...plain, content: "four", reasoning: "2+2" }],
        usage: {
          promptTokens: 15,
          completionTokens: 1540,
          reasoningTokens: 1190,
          cachedTokens: 0,
          totalTokens: 1555,
          estimated: false,
        },
        responseId: "019bdaa55225ef854b320e9b838f77ce",
        responseModel: "Pro/zai-org/GLM-4.7",
      },
    });
  });

  it.each<[string, object, Partial<Completion>]>([
    ["null content", { content: null }, {}],
    [
      "content in parts",
      {
        content: [
          { type: "text", text: "a" },
          { type: "text", text: "b" },
        ],
      },
      { content: "ab" },
    ],
    [
      "thinking in parts",
      {
        content: [
          { type: "thinking", thinking: [{ type: "text", text: "hm" }] },
          { type: "text", text: "a" },
        ],
      },
      { content: "a", reasoning: "hm" },
    ],
    ["reasoning under its other name", { content: "a", reasoning: "hm" }, { content: "a", reasoning: "hm" }],
    [
      "reasoning under both names",
      { content: "a", reasoning: "hm", reasoning_content: "hm" },
      { content: "a", reasoning: "hm" },
    ],
    [
      "reasoning details",
      {
        content: "a",
        reasoning_details: [
          { type: "reasoning.text", text: "h" },
          { type: "reasoning.summary", summary: "m" },
        ],
      },
      { content: "a", reasoning: "hm" },
    ],
    ["inline thinking", { content: "<think>\nhm\n</think>\n\nfour" }, { content: "four", reasoning: "hm" }],
    [
      "inline thinking whose tag the chat template opened",
      { content: "hm\n</think>\n\nfour" },
      { content: "four", reasoning: "hm" },
    ],
    [
      "an end of thinking within a line",
      { content: "write </think> here" },
      { content: "write </think> here" },
    ],
    ["inline thinking never closed", { content: "<think>hm" }, { content: "", reasoning: "hm" }],
    [
      "a think tag inside the answer",
      { content: "say <think>x</think>" },
      { content: "say <think>x</think>" },
    ],
    [
      "a think tag beside reasoning of its own",
      { content: "<think>x</think>", reasoning_content: "hm" },
      { content: "<think>x</think>", reasoning: "hm" },
    ],
    [
      "all of it in the reasoning",
      { content: "", reasoning_content: "four" },
      { content: "", reasoning: "four" },
    ],
    ["a refusal", { content: null, refusal: "no" }, { refusal: "no" }],
    ["an empty refusal", { content: "a", refusal: "" }, { content: "a" }],
    [
      "a forced tool call that claims to stop",
      { content: null, tool_calls: [{ id: "c1", function: { name: "f", arguments: '{"a":1}' } }] },
      { toolCalls: [{ id: "c1", name: "f", arguments: '{"a":1}' }], finishReason: "tool_calls" },
    ],
    [
      "tool calls with odd parts",
      {
        tool_calls: [
          { index: 0, id: "", function: { name: "f", arguments: "{broken" } },
          { index: 0, id: "c2", function: { name: "g", arguments: { a: 1 } } },
          { id: "c3", function: { name: "h", arguments: null } },
          null,
        ],
      },
      {
        toolCalls: [
          { id: null, name: "f", arguments: "{broken" },
          { id: "c2", name: "g", arguments: '{"a":1}' },
          { id: "c3", name: "h", arguments: "" },
        ],
        finishReason: "tool_calls",
      },
    ],
    [
      "a legacy function call",
      { function_call: { name: "f", arguments: "{}" } },
      { toolCalls: [{ id: null, name: "f", arguments: "{}" }], finishReason: "tool_calls" },
    ],
    ["an empty list of tool calls", { content: "a", tool_calls: [] }, { content: "a" }],
  ])("has %s", (_name, part, expected) => {
    expect(first(unstreamed(message(part)))).toEqual({ ...plain, ...expected });
  });

  it.each([
    ["stop", "stop"],
    ["eos", "stop"],
    ["length", "length"],
    ["tool_calls", "tool_calls"],
    ["function_call", "tool_calls"],
    ["content_filter", "content_filter"],
    ["sensitive", "content_filter"],
    ["model_context_window_exceeded", "length"],
    ["flow_pause", "other"],
    ["", null],
    [null, null],
  ] as const)("with finish reason %j ended for %j", (raw, normal) => {
    const completion = first(unstreamed(message({ content: "a" }, raw)));
    expect([completion.finishReason, completion.finishReasonRaw]).toEqual([normal, raw === "" ? null : raw]);
  });

  it("keeps `length` as the reason of a tool call that was cut", () => {
    const completion = first(
      unstreamed(message({ tool_calls: [{ id: "1", function: { name: "f", arguments: "{" } }] }, "length")),
    );
    expect(completion.finishReason).toBe("length");
  });

  it.each([
    ["insufficient_system_resource", "overloaded"],
    ["aborted", "server"],
    ["error", "server"],
    ["network_error", "server"],
  ])("with finish reason %s is a failure of kind %s", (reason, kind) => {
    expect(unstreamed(message({ content: "half" }, reason))).toEqual({
      status: "failed",
      failure: {
        kind,
        message: `the server gave up on the answer (finish reason \`${reason}\`)`,
        code: reason,
        retryable: true,
        maybeBilled: true,
      },
    });
  });

  it("keeps every choice, in the order of their index", () => {
    const choice = (index: number, content: string): object => ({
      index,
      message: { content },
      finish_reason: "stop",
    });
    const decoded = unstreamed({ choices: [choice(1, "b"), choice(0, "a"), choice(2, "c")] });
    expect(decoded.status === "ok" && decoded.answer.completions.map((c) => [c.choice, c.content])).toEqual([
      [0, "a"],
      [1, "b"],
      [2, "c"],
    ]);
  });

  it("keeps every choice of a server that numbers them all 0", () => {
    const choice = (content: string): object => ({ index: 0, message: { content }, finish_reason: "stop" });
    const decoded = unstreamed({ choices: [choice("a"), choice("b")] });
    expect(decoded.status === "ok" && decoded.answer.completions.map((c) => [c.choice, c.content])).toEqual([
      [0, "a"],
      [1, "b"],
    ]);
  });

  const counts = {
    promptTokens: 7,
    completionTokens: 3,
    reasoningTokens: null,
    cachedTokens: null,
    totalTokens: 10,
    estimated: false,
  };
  it.each<[string, unknown, Usage]>([
    ["without a total", { prompt_tokens: 7, completion_tokens: 3 }, counts],
    [
      "with OpenAI's cache",
      {
        prompt_tokens: 7,
        completion_tokens: 3,
        total_tokens: 10,
        prompt_tokens_details: { cached_tokens: 2 },
      },
      { ...counts, cachedTokens: 2 },
    ],
    [
      "with DeepSeek's cache",
      { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10, prompt_cache_hit_tokens: 2 },
      { ...counts, cachedTokens: 2 },
    ],
    [
      "with Moonshot's cache",
      { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10, cached_tokens: 2 },
      { ...counts, cachedTokens: 2 },
    ],
    [
      "with nulls",
      {
        prompt_tokens: 7,
        completion_tokens: 3,
        total_tokens: 10,
        prompt_tokens_details: null,
        completion_tokens_details: { reasoning_tokens: null },
      },
      counts,
    ],
    [
      "with OpenRouter's cost",
      { prompt_tokens: 7, completion_tokens: 3, cost: 0.00014 },
      { ...counts, statedCost: 0.00014 },
    ],
    [
      "with OpenRouter's fee on the user's own key",
      {
        prompt_tokens: 7,
        completion_tokens: 3,
        cost: 0.5,
        is_byok: true,
        cost_details: { upstream_inference_cost: 19 },
      },
      { ...counts, statedCost: 19.5 },
    ],
    [
      "with a fee whose other part is not stated",
      { prompt_tokens: 7, completion_tokens: 3, cost: 0.5, is_byok: true },
      counts,
    ],
    [
      "of the cost alone",
      { cost: 0 },
      { ...counts, promptTokens: null, completionTokens: null, totalTokens: null, statedCost: 0 },
    ],
    ["of the prompt alone", { prompt_tokens: 7 }, { ...counts, completionTokens: null, totalTokens: null }],
    [
      "that is missing",
      undefined,
      { ...counts, promptTokens: null, completionTokens: null, totalTokens: null },
    ],
    [
      "that is nonsense",
      { prompt_tokens: "7", completion_tokens: -3, total_tokens: null },
      { ...counts, promptTokens: null, completionTokens: null, totalTokens: null },
    ],
  ])("has a usage %s", (_name, usage, expected) => {
    expect(usageOf(unstreamed(message({ content: "a" }, "stop", { usage })))).toEqual(expected);
  });

  it.each<[string, unknown, string, boolean]>([
    ["an empty body", "", `${url} answered with an empty body`, true],
    ["blank lines", "\n\n", `${url} answered with an empty body`, true],
    ["no choices", { choices: [] }, "the server answered without any choices", true],
    ["choices that are none", { choices: [null, 1] }, "the server answered without any choices", true],
    ["JSON of another kind", { models: [] }, `${url} answered JSON without \`choices\`: {"models":[]}`, true],
    ["a list", "[1]", `${url} answered something that is not JSON: [1]`, true],
    ["plain text", "hello\nthere", `${url} answered something that is not JSON: hello there`, true],
    [
      "half an answer",
      '{"choices":[{"mess',
      `${url} answered something that is not JSON: {"choices":[{"mess`,
      true,
    ],
    [
      "an HTML page",
      "<!doctype html><title>Welcome</title>",
      `${url} answered an HTML page titled "Welcome", not JSON; is the base URL right?`,
      false,
    ],
  ])("cannot be %s", (_name, body, said, retryable) => {
    expect(unstreamed(body)).toEqual({
      status: "failed",
      failure: { kind: "bad_response", message: said, code: null, retryable, maybeBilled: true },
    });
  });

  it.each<[string, unknown, object]>([
    [
      "an error object",
      { error: { code: 402, message: "no credits" } },
      { kind: "quota", message: "no credits", code: "402" },
    ],
    [
      "an error beside choices",
      { error: { message: "cut", type: "server_error" }, choices: [{ message: { content: "a" } }] },
      { kind: "server", message: "cut" },
    ],
    [
      "an error inside a choice",
      { choices: [{ error: { code: 502, message: "upstream" }, message: { content: "" } }] },
      { kind: "server", message: "upstream" },
    ],
    [
      "MiniMax's base_resp",
      { base_resp: { status_code: 2013, status_msg: "bad" }, choices: null },
      { kind: "invalid_request", message: "bad", code: "2013" },
    ],
    [
      "SiliconFlow's flat error",
      { code: 50505, message: "Model service overloaded.", data: null },
      { kind: "overloaded", code: "50505" },
    ],
    [
      "a bare string",
      '"Model busy, server_busy"',
      { kind: "overloaded", message: "Model busy, server_busy" },
    ],
  ])("that hides %s is a failure", (_name, body, expected) => {
    expect(unstreamed(body)).toMatchObject({ status: "failed", failure: expected });
  });

  it("is an answer beside an empty error and a good base_resp", () => {
    const rest = { error: null, base_resp: { status_code: 0, status_msg: "" } };
    expect(first(unstreamed(message({ content: "a" }, "stop", rest))).content).toBe("a");
    expect(first(unstreamed(message({ content: "a" }, "stop", { error: {}, message: "ok" }))).content).toBe(
      "a",
    );
  });

  it("cannot fill the memory with brackets", () => {
    const body = `{"choices":[{"message":{"content":${"[".repeat(2_000_000)}`;
    expect(unstreamed(body)).toMatchObject({ status: "failed", failure: { kind: "bad_response" } });
    const deep = `{"choices":[{"message":{"content":${"[".repeat(100_000)}${"]".repeat(100_000)},"tool_calls":[{"function":{"name":"f","arguments":${"[".repeat(100_000)}${"]".repeat(100_000)}}}]}}]}`;
    expect(["ok", "failed"]).toContain(unstreamed(deep).status);
  });
});

describe("a streamed answer", () => {
  it("as captured from SiliconFlow takes the last of its cumulative usages", () => {
    const usage = (completion: number, rest: object = {}): object => ({
      usage: { prompt_tokens: 294, completion_tokens: completion, total_tokens: 294 + completion, ...rest },
    });
    const decoded = stream(
      delta({ content: null, reasoning_content: "", role: "assistant" }, null, usage(0)),
      delta(
        { content: null, reasoning_content: "We", role: "assistant" },
        null,
        usage(1, { completion_tokens_details: { reasoning_tokens: 1 } }),
      ),
      delta(
        { content: "Hi", reasoning_content: null, role: "assistant" },
        "" as never,
        usage(2, { completion_tokens_details: { reasoning_tokens: 1 } }),
      ),
      delta(
        { content: "", reasoning_content: null },
        "stop",
        usage(2, { completion_tokens_details: { reasoning_tokens: 1 } }),
      ),
      done,
    );
    expect(first(decoded)).toEqual({ ...plain, content: "Hi", reasoning: "We" });
    expect(usageOf(decoded)).toEqual({
      promptTokens: 294,
      completionTokens: 2,
      reasoningTokens: 1,
      cachedTokens: null,
      totalTokens: 296,
      estimated: false,
    });
  });

  it.each<[string, string]>([
    [
      "a last chunk without choices",
      event({ choices: [], usage: { prompt_tokens: 7, completion_tokens: 3 } }),
    ],
    ["x_groq", event({ choices: [], x_groq: { usage: { prompt_tokens: 7, completion_tokens: 3 } } })],
    [
      "a choice",
      event({ choices: [{ index: 0, delta: {}, usage: { prompt_tokens: 7, completion_tokens: 3 } }] }),
    ],
    [
      "a chunk before one with null",
      event({ choices: [], usage: { prompt_tokens: 7, completion_tokens: 3 } }) +
        event({ choices: [], usage: null }),
    ],
  ])("finds its usage in %s", (_name, events) => {
    const decoded = stream(delta({ content: "a" }, "stop"), events, done);
    expect(usageOf(decoded)).toMatchObject({ promptTokens: 7, completionTokens: 3, totalTokens: 10 });
  });

  it("puts tool calls together by index, interleaved, with repeated and empty names", () => {
    const call = (index: number, id: string | null, name: string | null, args: string): string =>
      delta({ tool_calls: [{ index, id, type: "function", function: { name, arguments: args } }] });
    const decoded = stream(
      call(1, "b", "g", ""),
      call(0, "a", "f", '{"x"'),
      call(1, "b", "g", '{"y":2}'),
      call(0, null, "", ":1}"),
      delta({}, "tool_calls"),
      done,
    );
    expect(first(decoded).toolCalls).toEqual([
      { id: "a", name: "f", arguments: '{"x":1}' },
      { id: "b", name: "g", arguments: '{"y":2}' },
    ]);
  });

  it("keeps tool calls apart that have one index, or none, but ids and names of their own", () => {
    const call = (index: object, id: string, name: string): string =>
      delta({ tool_calls: [{ ...index, id, function: { name, arguments: "{}" } }] });
    for (const index of [{ index: 0 }, {}]) {
      const decoded = stream(call(index, "a", "f"), call(index, "b", "g"), delta({}, "stop"), done);
      expect(first(decoded).toolCalls.map((one) => [one.id, one.name, one.arguments])).toEqual([
        ["a", "f", "{}"],
        ["b", "g", "{}"],
      ]);
    }
  });

  it("tolerates empty first chunks, missing deltas, pings, empty data and padding", () => {
    const decoded = stream(
      ": OPENROUTER PROCESSING\n\n",
      event({ id: "", model: "", choices: [], prompt_filter_results: [] }),
      event(""),
      event("null"),
      event({ type: "ping" }),
      event({ id: "x", model: "m", choices: [{ index: 0 }] }),
      delta({ content: "a" }, null, { obfuscation: "zzz" }),
      delta({}, "stop"),
      "event: done\ndata:  [DONE] \n\n",
      event("not json, and after the end"),
    );
    expect(decoded).toMatchObject({ status: "ok", answer: { responseId: "x", responseModel: "m" } });
    expect(first(decoded).content).toBe("a");
  });

  it("is not doubled by a whole message at its end", () => {
    const whole = { index: 0, message: { role: "assistant", content: "hello" }, finish_reason: "stop" };
    const decoded = stream(
      delta({ content: "hel" }),
      delta({ content: "lo", reasoning_content: "r" }),
      event({ choices: [whole] }),
    );
    expect(first(decoded)).toMatchObject({ content: "hello", reasoning: "r" });
  });

  it("may end without [DONE] once every choice has ended, and without a last blank line", () => {
    expect(first(stream(delta({ content: "a" }), delta({}, "stop").trimEnd())).content).toBe("a");
    expect(first(stream(delta({ content: "a" }), "data: [DONE]")).finishReason).toBeNull();
  });

  it("is truncated without [DONE] and without the end of each choice", () => {
    const failure = {
      kind: "truncated_stream",
      message: "the stream ended before `[DONE]` or a finish reason",
      code: null,
      retryable: true,
      maybeBilled: true,
    };
    expect(stream(delta({ content: "a" }))).toEqual({ status: "failed", failure });
    expect(stream("")).toEqual({ status: "failed", failure });
    const other = event({ choices: [{ index: 1, delta: { content: "b" } }] });
    expect(stream(delta({ content: "a" }, "stop"), other)).toEqual({ status: "failed", failure });
  });

  it("that breaks keeps what the server had said of its use", () => {
    const usage = { prompt_tokens: 7, completion_tokens: 3 };
    const stated = { promptTokens: 7, completionTokens: 3, totalTokens: 10 };
    const begun = delta({ content: "a" }, null, { usage });
    const error = event({ error: { message: "boom", type: "server_error" } });
    const cut = new AnswerDecoder("text/event-stream", url);
    cut.write(Buffer.from(begun));
    for (const decoded of [
      stream(begun),
      stream(begun, error),
      stream(begun, event("[1]")),
      stream(event({ choices: [], usage }), done),
      stream(begun, delta({}, "error"), done),
      cut.end("reset"),
    ])
      expect(decoded).toMatchObject({ status: "failed", usage: stated, failure: { maybeBilled: true } });
    expect(stream(delta({ content: "a" }))).not.toHaveProperty("usage");
  });

  it("with an error is charged where the server says that it wrote something, and not before", () => {
    const error = event({ error: { message: "boom", type: "server_error" } });
    const charged = (completion: number): unknown => {
      const usage = { prompt_tokens: 7, completion_tokens: completion };
      const decoded = stream(event({ choices: [], usage }), error);
      return decoded.status === "failed" ? decoded.failure.maybeBilled : null;
    };
    expect([charged(0), charged(3)]).toEqual([false, true]);
  });

  it("without any choice is no answer", () => {
    expect(stream(event({ choices: [] }), done)).toMatchObject({
      status: "failed",
      failure: { kind: "bad_response" },
    });
  });

  it.each<[string, string, object]>([
    [
      "OpenAI",
      event({ error: { message: "The server had an error", type: "server_error" } }),
      { kind: "server", retryable: true, message: "The server had an error" },
    ],
    [
      "OpenRouter",
      event({
        error: { code: 429, message: "slow" },
        choices: [{ index: 0, delta: {}, finish_reason: "error" }],
      }),
      { kind: "rate_limited", code: "429" },
    ],
    [
      "vLLM",
      event({ error: { message: "oom", type: "InternalServerError", code: 500 } }) + done,
      { kind: "server", code: "500" },
    ],
    ["SiliconFlow", event({ code: 50507, message: "failed" }), { kind: "server", code: "50507" }],
    [
      "a named event",
      `event: error\n${event({ message: "bad", code: 20015 })}`,
      { kind: "invalid_request", code: "20015" },
    ],
    [
      "a named event that is no JSON",
      `event: error\n${event("it broke")}`,
      { kind: "server", message: "it broke" },
    ],
  ])("with the error of %s is a failure, charged when it had begun", (_name, events, expected) => {
    expect(stream(events)).toMatchObject({ status: "failed", failure: { ...expected, maybeBilled: false } });
    expect(stream(delta({ content: "a" }), events)).toMatchObject({
      status: "failed",
      failure: { ...expected, maybeBilled: true },
    });
  });

  it.each(["oops", '"text"', "[1]", '{"choices":[{'])(
    "with the event %j keeps the line in its failure",
    (line) => {
      expect(stream(delta({ content: "a" }), event(line))).toEqual({
        status: "failed",
        failure: {
          kind: "bad_response",
          message: `an event of the stream is not a JSON object: ${line}`,
          code: null,
          retryable: true,
          maybeBilled: true,
        },
      });
    },
  );
});
