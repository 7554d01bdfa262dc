import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { event } from "../provider/test-server.ts";
import {
  type Asked,
  bytesOf,
  compare,
  exchange,
  type Gives,
  type GivesFailure,
  givesText,
  keyVariable,
  plainJson,
  type Reply,
  sse,
  write,
} from "./exchange.ts";
import { asCode, shown, type WireGroup, type WireRow } from "./row.ts";

const done = event("[DONE]");
const part = (content: string, finish: string | null = null): string =>
  event({ choices: [{ index: 0, delta: { content }, finish_reason: finish }] });
const hello = part("hel") + part("lo") + part("", "stop") + done;
const gives: Gives = { completions: [{ content: "hello" }] };
const unended: Gives = { completions: [{ content: "hello", finishReason: null, finishReasonRaw: null }] };
const truncated: Gives = {
  kind: "truncated_stream",
  message: "the stream ended before `[DONE]` or a finish reason",
  retryable: true,
  maybeBilled: true,
};

/** Cuts of the same bytes: whole, byte by byte where they are few, and in threes, which no character of four bytes outlives. */
function cuttings(body: Buffer): readonly (readonly Buffer[])[] {
  const cut = (size: number): readonly Buffer[] =>
    Array.from({ length: Math.ceil(body.length / size) }, (_, i) => body.subarray(i * size, (i + 1) * size));
  return [[body], ...(body.length < 1e6 ? [cut(3)] : []), ...(body.length < 2000 ? [cut(1)] : [])];
}

function streamRow(
  name: string,
  from: string,
  body: unknown,
  expected: Gives = gives,
  more: Partial<Reply> & { readonly asked?: Asked } = {},
): WireRow {
  const { asked = { stream: true }, headers = sse } = more;
  const status = more.status ?? 200;
  const told = Object.entries(headers)
    .filter(([header, value]) => header !== "content-type" || value !== sse["content-type"])
    .map(([header, value]) => `${header}: ${value === "" ? "none" : value}`);
  const asCell =
    Buffer.isBuffer(body) && "content-encoding" in headers
      ? "compressed"
      : asCode(shown(bytesOf(body).toString())) || "no bytes";
  return {
    name,
    wire: [...(asked.stream ? [] : ["asked unstreamed"]), ...told, asCell].join(", "),
    becomes: givesText(expected),
    from,
    check: async () => {
      for (const pieces of cuttings(bytesOf(body))) {
        const { outcome, origin } = await exchange((response) => {
          write(response, { status, headers, body }, pieces);
        }, asked);
        compare(outcome, expected, status, origin);
      }
    },
  };
}

const tool = (index: unknown, id: unknown, name: unknown, args: unknown): string =>
  event({
    choices: [{ index: 0, delta: { tool_calls: [{ index, id, function: { name, arguments: args } }] } }],
  });
const calls = (...of: readonly (readonly [id: string | null, name: string, args: string])[]): Gives => ({
  completions: [
    {
      toolCalls: of.map(([id, name, args]) => ({ id, name, arguments: args })),
      finishReason: "tool_calls",
      finishReasonRaw: "tool_calls",
    },
  ],
});
const toolsEnd = event({ choices: [{ index: 0, delta: {}, finish_reason: "tool_calls" }] }) + done;
const broke = (line: string): Gives => ({
  kind: "bad_response",
  message: `an event of the stream is not a JSON object: ${line}`,
  retryable: true,
  maybeBilled: true,
});

const lines: readonly WireRow[] = [
  streamRow("lines end in LF", "dialects §5.1", hello),
  streamRow("lines end in CR LF", "dialects §5.1", hello.replaceAll("\n", "\r\n")),
  streamRow("lines end in CR", "dialects §5.1", hello.replaceAll("\n", "\r")),
  streamRow(
    "line ends are mixed",
    "dialects §5.1",
    `${part("hel").replaceAll("\n", "\r\n")}${part("lo").replaceAll("\n", "\r")}${part("", "stop")}${done}`,
  ),
  streamRow(
    "characters of two to four bytes",
    "dialects §5.2",
    part("é你好") + part("😀👨‍👩‍👧", "stop") + done,
    { completions: [{ content: "é你好😀👨‍👩‍👧" }] },
  ),
  streamRow("a BOM at the start", "dialects §5.2", `\uFEFF${hello}`),
  streamRow(
    "comments before and between",
    "dialects §5.3",
    `: OPENROUTER PROCESSING\n\n: keep-alive\n\n${hello.replaceAll("\n\n", "\n\n: ping\n\n")}`,
  ),
  streamRow("no space after `data:`", "dialects §5.4", hello.replaceAll("data: ", "data:")),
  streamRow(
    "one event over several `data:` lines",
    "dialects §5.4",
    `data: {"choices":[{"index":0,\ndata: "delta":{"content":"hello"},\ndata: "finish_reason":"stop"}]}\n\n${done}`,
  ),
  streamRow(
    "`event`, `id` and `retry` beside the data",
    "dialects §5.4",
    `retry: 1000\nid: 1\nevent: message\n${hello}`,
  ),
  streamRow("what comes after `[DONE]`", "dialects §5.5", `${hello}${event("not json")}${part("more")}`),
  streamRow("`[DONE]` between spaces", "dialects §5.5", hello.replace("[DONE]", "  [DONE] ")),
];

const ends: readonly WireRow[] = [
  streamRow("`[DONE]` without a finish reason", "dialects §5.8", part("hello") + done, unended),
  streamRow("a finish reason without `[DONE]`", "dialects §5.8", part("hello", "stop")),
  streamRow("neither", "dialects §5.8", part("hello"), truncated),
  streamRow("nothing at all", "dialects §5.8", "", truncated),
  streamRow("comments alone", "dialects §5.8", ": ping\n\n: ping\n\n", truncated),
  streamRow(
    "one of two choices has not ended",
    "dialects §5.8",
    part("a", "stop") + event({ choices: [{ index: 1, delta: { content: "b" } }] }),
    truncated,
    { asked: { stream: true, n: 2 } },
  ),
  streamRow("half an event at the end", "dialects §5.9", `${part("hello")}data: {"choices":[{"in`, truncated),
  streamRow("no blank line after the last event", "dialects §5.9", part("hello", "stop").trimEnd()),
  streamRow("no blank line after `[DONE]`", "dialects §5.9", part("hello") + done.trimEnd(), unended),
];

const chunks: readonly WireRow[] = [
  streamRow(
    "a first chunk without choices",
    "dialects §5.7",
    event({ id: "", model: "", choices: [], prompt_filter_results: [] }) + hello,
  ),
  streamRow(
    "deltas that are empty, missing or a role alone",
    "dialects §5.7",
    event({ choices: [{ index: 0, delta: { role: "assistant" } }] }) +
      event({ choices: [{ index: 0, delta: {} }] }) +
      event({ choices: [{ index: 0 }] }) +
      hello,
  ),
  streamRow(
    "pings, empty data and null",
    "dialects §5.3",
    event({ type: "ping" }) + event("") + event("null") + hello,
  ),
  streamRow(
    "padding",
    "dialects §2",
    part("hello").replace("}\n", ',"obfuscation":"zz"}\n') + part("", "stop") + done,
  ),
  streamRow(
    'the role in every chunk, `""` as a finish reason before the last',
    "SiliconFlow §7",
    event({ choices: [{ index: 0, delta: { role: "assistant", content: "hel" }, finish_reason: "" }] }) +
      event({ choices: [{ index: 0, delta: { role: "assistant", content: "lo" }, finish_reason: "stop" }] }) +
      done,
  ),
  streamRow(
    "reasoning first, null where the other speaks",
    "SiliconFlow §7",
    event({ choices: [{ index: 0, delta: { content: null, reasoning_content: "We" } }] }) +
      event({
        choices: [{ index: 0, delta: { content: "hello", reasoning_content: null }, finish_reason: "stop" }],
      }) +
      done,
    { completions: [{ content: "hello", reasoning: "We" }] },
  ),
  streamRow(
    "`<think>` cut between chunks",
    "dialects §2",
    part("<thi") + part("nk>hm</th") + part("ink>\nhello", "stop") + done,
    { completions: [{ content: "hello", reasoning: "hm" }] },
  ),
  streamRow("the answer in one chunk", "SiliconFlow §7", part("hello", "stop") + done),
  streamRow(
    "the whole message again at the end",
    "dialects §2",
    part("hel") +
      part("lo") +
      event({ choices: [{ index: 0, message: { content: "hello" }, finish_reason: "stop" }] }) +
      done,
  ),
];

const fragments: readonly WireRow[] = [
  streamRow(
    "id and name in the first fragment, null and empty later",
    "dialects §5.12",
    tool(0, "a", "f", "") + tool(0, null, null, '{"x"') + tool(0, "", "", ":1}") + toolsEnd,
    calls(["a", "f", '{"x":1}']),
  ),
  streamRow(
    "two calls interleaved, the second first",
    "dialects §5.12",
    tool(1, "b", "g", "") +
      tool(0, "a", "f", '{"x"') +
      tool(1, null, null, "{}") +
      tool(0, null, null, ":1}") +
      toolsEnd,
    calls(["a", "f", '{"x":1}'], ["b", "g", "{}"]),
  ),
  streamRow(
    "id and name repeated in each fragment",
    "dialects §5.12",
    tool(0, "a", "f", '{"x"') + tool(0, "a", "f", ":1}") + toolsEnd,
    calls(["a", "f", '{"x":1}']),
  ),
  streamRow(
    "calls that all have index 0, or none, and ids of their own",
    "dialects §5.12",
    tool(0, "a", "f", "{}") + tool(0, "b", "g", "{}") + tool(undefined, "c", "h", "{}") + toolsEnd,
    calls(["a", "f", "{}"], ["b", "g", "{}"], ["c", "h", "{}"]),
  ),
  streamRow(
    "the legacy `function_call` in fragments",
    "dialects §2",
    event({ choices: [{ index: 0, delta: { function_call: { name: "f", arguments: "" } } }] }) +
      event({ choices: [{ index: 0, delta: { function_call: { arguments: '{"x":1}' } } }] }) +
      toolsEnd,
    calls([null, "f", '{"x":1}']),
  ),
  streamRow(
    "broken as GLM-4-9B writes them: no id, the name inside the arguments",
    "SiliconFlow §7",
    tool(0, null, null, "f\n") + tool(0, null, null, '{"x":1}') + toolsEnd,
    calls([null, "", 'f\n{"x":1}']),
  ),
];

const failing = (name: string, from: string, events: string, failure: GivesFailure): readonly WireRow[] => [
  streamRow(name, from, events, { ...failure, maybeBilled: false }),
  streamRow(`${name}, after some text`, from, part("half") + events, {
    ...failure,
    maybeBilled: true,
  } as Gives),
];

const failures: readonly WireRow[] = [
  ...failing(
    "OpenAI's error",
    "dialects §5.6",
    event({ error: { message: "The server had an error", type: "server_error" } }),
    { kind: "server", message: "The server had an error", retryable: true },
  ),
  ...failing(
    "OpenRouter's error, with a finish reason",
    "dialects §5.6",
    event({
      error: { code: 429, message: "slow" },
      choices: [{ index: 0, delta: {}, finish_reason: "error" }],
    }),
    { kind: "rate_limited", message: "slow", code: "429", retryable: true },
  ),
  ...failing(
    "vLLM's error, then `[DONE]`",
    "dialects §5.6",
    event({ error: { message: "oom", type: "InternalServerError", code: 500 } }) + done,
    { kind: "server", message: "oom", code: "500", retryable: true },
  ),
  ...failing(
    "SiliconFlow's code and message",
    "SiliconFlow §7",
    event({ code: 50507, message: "Request processing failed" }),
    { kind: "server", message: "Request processing failed", code: "50507", retryable: true },
  ),
  ...failing(
    "an event named `error`",
    "dialects §5.6",
    `event: error\n${event({ message: "bad", code: 20015 })}`,
    { kind: "invalid_request", message: "bad", code: "20015" },
  ),
  ...failing(
    "an event named `error` that is no JSON",
    "dialects §5.6",
    `event: error\n${event("it broke")}`,
    {
      kind: "server",
      message: "it broke",
      retryable: true,
    },
  ),
  ...failing(
    "no money in mid-stream",
    "dialects §3",
    event({ error: { message: "Insufficient Balance", code: 402 } }),
    { kind: "quota", message: `Insufficient Balance (key from \`${keyVariable}\`)`, code: "402" },
  ),
  ...["oops", '"text"', "[1]", '{"choices":[{'].map((line) =>
    streamRow(
      `data that is no JSON object: \`${line}\``,
      "dialects §5.10",
      part("a") + event(line),
      broke(line),
    ),
  ),
];

const whole = { choices: [{ index: 0, message: { content: "hello" }, finish_reason: "stop" }] };
const type = (value: string): Partial<Reply> => ({ headers: { "content-type": value } });
const squeezed = (encoding: string, of: unknown): Partial<Reply> & { readonly asked: Asked } => ({
  headers: { ...(typeof of === "string" ? sse : plainJson), "content-encoding": encoding },
  asked: { stream: typeof of === "string" },
});
const compressors = { gzip: gzipSync, br: brotliCompressSync, deflate: deflateSync } as const;

const forms: readonly WireRow[] = [
  streamRow("JSON to a stream request", "dialects §5.11", whole, gives, type("application/json")),
  streamRow(
    "an error as JSON to a stream request",
    "dialects §5.11",
    { error: { message: "no", code: 400 } },
    { kind: "invalid_request", message: "no", code: "400" },
    type("application/json"),
  ),
  streamRow("a stream to an unstreamed request", "dialects §5.11", hello, gives, {
    asked: { stream: false },
  }),
  streamRow("a stream called JSON", "dialects §5.11", hello, gives, type("application/json")),
  streamRow("JSON called a stream", "dialects §5.11", whole),
  streamRow("a stream without content type", "dialects §5.11", hello, gives, type("")),
  streamRow("JSON without content type", "dialects §5.11", whole, gives, type("")),
  streamRow(
    "a stream that starts with a comment, called text",
    "dialects §5.11",
    `: ping\n\n${hello}`,
    gives,
    type("text/plain"),
  ),
  streamRow("blank lines before JSON", "dialects §5.15", `\n\n \r\n${JSON.stringify(whole)}`, gives, {
    ...type("application/json"),
    asked: { stream: false },
  }),
  ...Object.entries(compressors).flatMap(([encoding, compress]) => [
    streamRow(`a stream in ${encoding}`, "dialects §5.14", compress(hello), gives, squeezed(encoding, hello)),
    streamRow(
      `JSON in ${encoding}`,
      "dialects §5.14",
      compress(JSON.stringify(whole)),
      gives,
      squeezed(encoding, whole),
    ),
  ]),
  streamRow(
    "a web page",
    "dialects §2",
    "<!doctype html><title>Sign in</title>",
    {
      kind: "bad_response",
      message: '{url} answered an HTML page titled "Sign in", not JSON; is the base URL right?',
      maybeBilled: true,
    },
    type("text/html"),
  ),
  streamRow(
    "an empty body",
    "dialects §2",
    "",
    {
      kind: "bad_response",
      message: "{url} answered with an empty body",
      retryable: true,
      maybeBilled: true,
    },
    { ...type("application/json"), asked: { stream: false } },
  ),
  streamRow(
    "no choices",
    "dialects §2",
    { choices: [] },
    {
      kind: "bad_response",
      message: "the server answered without any choices",
      retryable: true,
      maybeBilled: true,
    },
    { ...type("application/json"), asked: { stream: false } },
  ),
];

const deep = 10_000;
const hostile: readonly WireRow[] = [
  streamRow(
    "10 000 fragments of one tool call",
    "issue 5",
    tool(0, "a", "f", "") + tool(0, null, null, "x").repeat(10_000) + toolsEnd,
    calls(["a", "f", "x".repeat(10_000)]),
  ),
  streamRow(
    "JSON 10 000 levels deep in an event",
    "issue 5",
    part("a") +
      event(`{"choices":[{"index":0,"delta":{},"x":${"[".repeat(deep)}${"]".repeat(deep)}}]}`) +
      part("", "stop") +
      done,
    {
      kind: "bad_response",
      message: "an event of the stream is not a JSON object: {any}",
      retryable: true,
      maybeBilled: true,
    },
  ),
  streamRow(
    "JSON 600 levels deep in more than a million characters",
    "issue 5",
    `{"x":${"[".repeat(600)}${"]".repeat(600)},"y":"${"x".repeat(1 << 20)}","choices":[${JSON.stringify(whole.choices[0])}]}`,
    {
      kind: "bad_response",
      message: "{url} answered something that is not JSON: {any}",
      retryable: true,
      maybeBilled: true,
    },
    { ...type("application/json"), asked: { stream: false } },
  ),
  streamRow(
    "an event of more than 8 MB",
    "issue 5",
    part("a") + event(`{"choices":[],"x":"${"x".repeat(9 << 20)}"}`) + part("", "stop") + done,
    { kind: "bad_response", message: "one event of the stream is larger than 8 MB", maybeBilled: true },
  ),
  streamRow(
    "NUL bytes in place of JSON",
    "issue 5",
    Buffer.alloc(64).toString(),
    {
      kind: "bad_response",
      message: "{url} answered 64 control characters",
      retryable: true,
      maybeBilled: true,
    },
    { ...type("application/json"), asked: { stream: false } },
  ),
  streamRow("bytes that are no UTF-8", "issue 5", Buffer.from(part("a\u00ffb", "stop") + done, "latin1"), {
    completions: [{ content: "a\uFFFDb" }],
  }),
];

const heads = ["the server sends", "becomes"] as const;
const cuts =
  "Each row arrives whole, in pieces of three bytes, and byte by byte where it is short, every piece an HTTP chunk of its own.";

/** Streams: the sixteen rules. */
export const streams: readonly WireGroup[] = [
  { title: "Streams: lines and events", text: cuts, heads, rows: lines },
  { title: "Streams: where they end", text: cuts, heads, rows: ends },
  { title: "Streams: chunks", text: cuts, heads, rows: chunks },
  { title: "Streams: tool calls in fragments", text: cuts, heads, rows: fragments },
  {
    title: "Streams: failures after a 200",
    text: `${cuts} With text before it the failure may have been billed.`,
    heads,
    rows: failures,
  },
  {
    title: "Form and content type",
    text: `What was asked for and what the content type says do not decide: the first bytes do. ${cuts}`,
    heads,
    rows: forms,
  },
  { title: "Answers that mean harm", text: cuts, heads, rows: hostile },
];
