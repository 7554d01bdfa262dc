import { expect } from "vitest";
import { key } from "./exchange.ts";
import { base, body, csv, hi, jsonCells, requestRow, seenOf } from "./request-row.ts";
import { asCode, shown, type WireGroup, type WireRow } from "./row.ts";
import type { Files, Json } from "./run-written.ts";

const reference = "SiliconFlow §2";
const later = "dialects §1";

const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);
const talk = [
  { role: "user", content: "1?" },
  { role: "assistant", content: "one" },
];
const toolTalk = [
  { role: "user", content: "2?" },
  {
    role: "assistant",
    content: null,
    tool_calls: [{ id: "c1", type: "function", function: { name: "f", arguments: "{}" } }],
  },
  { role: "tool", tool_call_id: "c1", content: "two" },
];
const image = (url: string): readonly Json[] => [
  {
    role: "user",
    content: [
      { type: "text", text: "what?" },
      { type: "image_url", image_url: { url, detail: "low" } },
    ],
  },
];
const messageRow = (
  name: string,
  from: string,
  messages: readonly unknown[],
  sent: readonly Json[] = messages as readonly Json[],
  files: Files = {},
): WireRow =>
  requestRow(
    name,
    from,
    { prompts: [{ messages }], ...("d.csv" in files ? { dataset: jsonCells } : {}) },
    [body({ messages: sent })],
    files,
    asCode(shown(messages)),
  );

/** Messages. */
export const prompts: WireGroup = {
  title: "Messages",
  text: "As above, with a prompt of these `messages`.",
  heads: ["the prompt", "is sent"],
  rows: [
    ...["system", "user", "assistant", "tool", "developer"].map((role) =>
      messageRow(`role \`${role}\``, role === "developer" ? later : reference, [
        { role, content: "x" },
        ...hi,
      ]),
    ),
    requestRow("`system` and `user`", reference, { prompts: [{ system: "s", user: "u" }] }, [
      body({
        messages: [
          { role: "system", content: "s" },
          { role: "user", content: "u" },
        ],
      }),
    ]),
    messageRow("a tool call and its answer", reference, toolTalk),
    messageRow("`name`, `prefix` and members unknown to us", reference, [
      ...hi,
      { role: "assistant", content: "The answer is", prefix: true, name: "bot", x: [1] },
    ]),
    messageRow(
      "a talk from the row, spliced in",
      reference,
      ["{{ value }}", ...hi],
      [...talk, ...hi],
      csv("value", JSON.stringify(talk)),
    ),
    messageRow(
      "a talk with tool calls from the row",
      reference,
      [...hi, "{{ value }}"],
      [...hi, ...toolTalk],
      csv("value", JSON.stringify(toolTalk)),
    ),
    messageRow(
      "text of the row in the middle of text",
      reference,
      [{ role: "user", content: "<{{ value }}>" }],
      [{ role: "user", content: '<{{ 1 }} "😀">' }],
      csv("value", JSON.stringify('{{ 1 }} "😀"')),
    ),
    messageRow("an image by URL", reference, image("https://x.example/a.png")),
    messageRow(
      "an image from a file becomes a data URL",
      "issue 5",
      image("file://a.png"),
      image(`data:image/png;base64,${png.toString("base64")}`),
      { "a.png": png },
    ),
    messageRow("sound and video", reference, [
      {
        role: "user",
        content: [
          { type: "video_url", video_url: { url: "https://x.example/a.mp4", fps: 1 } },
          { type: "audio_url", audio_url: { url: "data:audio/wav;base64,AA==" } },
        ],
      },
    ]),
    requestRow(
      "a message list from a file",
      "issue 5",
      { prompts: [{ file: "p.json" }] },
      [body({ messages: toolTalk })],
      { "p.json": JSON.stringify(toolTalk) },
    ),
  ],
};

/** A provider's entry, and what of the request it changes. */
function dialectRow(
  name: string,
  from: string,
  entry: Json,
  sent: { readonly path?: string; readonly headers?: Json; readonly body?: Json },
  parameters: Json = {},
): WireRow {
  const { path = "/v1/chat/completions", headers = {}, body: rest = {} } = sent;
  return {
    name,
    wire: asCode(shown({ ...entry, ...parameters })),
    becomes: asCode(shown({ path, ...headers, ...rest })),
    from,
    check: async () => {
      const [one, ...more] = await seenOf({ ...base, parameters: { model: "m", ...parameters } }, {}, entry);
      expect(more).toEqual([]);
      expect(one?.path).toBe(path);
      expect(one?.headers).toMatchObject(headers);
      expect(one?.headers.authorization).toBe(headers.authorization);
      expect(JSON.parse(one?.body ?? "")).toEqual(body(rest));
    },
  };
}

const bearer = { authorization: `Bearer ${key}` };
const withUsage = { stream_options: { include_usage: true } };
const asksForUsage = ["openai", "together"];
const tellsUnasked = [
  "siliconflow",
  "siliconflow-intl",
  "deepseek",
  "moonshot",
  "zai",
  "groq",
  "mistral",
  "openrouter",
];

/** What a provider wants different. */
export const dialects: WireGroup = {
  title: "Dialects",
  text: "As above, with this entry of `providers`; path, headers and body are compared.",
  heads: ["the provider's entry", "is sent"],
  rows: [
    dialectRow(
      "no key",
      "SiliconFlow §1",
      {},
      {
        headers: {
          "content-type": "application/json",
          accept: "text/event-stream",
          "accept-encoding": "identity",
        },
      },
    ),
    dialectRow("a key", "SiliconFlow §1", { api_key_env: "WIRE_KEY" }, { headers: bearer }),
    dialectRow(
      "headers of the user",
      "SiliconFlow §1",
      { headers: { "X-Trace-Id": "mine" } },
      { headers: { "x-trace-id": "mine" } },
    ),
    dialectRow(
      "Azure's header and query",
      "dialects §8",
      { headers: { "api-key": "azure-secret" }, query: { "api-version": "2024-10-21" } },
      {
        path: "/v1/chat/completions?api-version=2024-10-21",
        headers: { "api-key": "azure-secret" },
      },
    ),
    dialectRow(
      "another name of the model",
      "SiliconFlow §2",
      { models: { m: "LoRA/org/m" } },
      { body: { model: "LoRA/org/m" } },
    ),
    ...asksForUsage.map((preset) =>
      dialectRow(
        `\`${preset}\` is asked for the usage of a stream`,
        later,
        { preset, api_key_env: "WIRE_KEY" },
        { headers: bearer, body: withUsage },
      ),
    ),
    dialectRow(
      "`openai`, unstreamed, is not",
      later,
      { preset: "openai", api_key_env: "WIRE_KEY" },
      { headers: { ...bearer, accept: "application/json" }, body: { stream: false } },
      { stream: false },
    ),
    dialectRow(
      "`stream_options` of the matrix go before ours",
      "dialects §2",
      { preset: "openai", api_key_env: "WIRE_KEY" },
      { headers: bearer, body: { stream_options: { include_usage: false } } },
      { stream_options: { include_usage: false } },
    ),
    ...tellsUnasked.map((preset) =>
      dialectRow(
        `\`${preset}\` tells it unasked`,
        later,
        { preset, api_key_env: "WIRE_KEY" },
        { headers: bearer },
      ),
    ),
  ],
};
