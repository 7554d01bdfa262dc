import { countTokens } from "gpt-tokenizer/encoding/o200k_base";
import { describe, expect, it } from "vitest";
import { mediaTokens } from "../../src/cost/chat-overhead.ts";
import { loadTokenCounter, mediaParts, simulatedModel } from "../../src/cost/token-counter.ts";
import { tokenizerFamily } from "../../src/cost/tokenizer-family.ts";
import { decodeChatRequest } from "../../src/simulator/chat-request.ts";
import { countPrompt } from "../../src/simulator/reply.ts";
import { loadTokenizer } from "../../src/simulator/tokens.ts";

const counter = await loadTokenCounter();
const qwen = "Qwen/Qwen3-8B";

const tool = {
  type: "function",
  function: {
    name: "refund",
    description: "Pay an order back",
    parameters: { type: "object", properties: { order: { type: "string" } }, required: ["order"] },
  },
};

describe("counting a text", () => {
  it.each([
    "",
    "Hello, world! It's 2024 and they've 1,234,567.89 reasons.",
    "客服团队每天要处理上千条来信，其中大部分是关于账单、登录和发货的问题。",
    "日本語と한국어, русский и العربية, हिन्दी",
    "if (a >= b) {\n\treturn `${a}\\n`;\n}\r\n\r\n   \n  // done",
    "👩‍👩‍👧 family 🏳️‍🌈, a lone \ud800 half",
    "<|endoftext|> is text here",
  ])("counts as o200k does: %j", (text) => {
    const asText = { allowedSpecial: new Set<string>(), disallowedSpecial: new Set<string>() };
    expect(counter.text("gpt-4o", text)).toBe(countTokens(text, asText));
  });

  it("counts every digit for Qwen, where o200k has three in a token", () => {
    expect(counter.text("gpt-4o", "123456789")).toBe(3);
    expect(counter.text(qwen, "123456789")).toBe(9);
  });

  // The expected counts were made with Qwen's own vocabulary and pre-tokenizer.
  it.each([
    [
      "English",
      74,
      "A support ticket arrives every four minutes on a working day. The person who answers first reads it, decides which team it belongs to, and writes a short note for that team. Nobody enjoys the deciding, which is why we are asking a model to do it: it should name one team, give its reason in a sentence, and say plainly when it cannot tell.",
    ],
    [
      "Chinese",
      72,
      "客服团队每天要处理上千条来信，其中大部分是关于账单、登录和发货的问题。请先判断这封信属于哪一类，再用一句话说明理由。如果信里没有足够的信息，就直接回答无法判断，不要编造内容。回答时请使用简洁、礼貌的中文，不要重复用户的原话。",
    ],
    [
      "numbers",
      154,
      "2024-03-31,1042,19.95,20893.90\n2024-04-30,1187,19.95,23680.65\n2024-05-31,1250,21.50,26875.00\n2024-06-30,998,21.50,21457.00\n2024-07-31,1403,21.50,30164.50\n",
    ],
    [
      "code",
      85,
      "export function median(values) {\n  if (values.length === 0) return null;\n  const sorted = [...values].sort((a, b) => a - b);\n  const middle = Math.floor(sorted.length / 2);\n  return sorted.length % 2 === 0\n    ? (sorted[middle - 1] + sorted[middle]) / 2\n    : sorted[middle];\n}\n",
    ],
    [
      "JSON",
      71,
      '{"type": "object", "properties": {"category": {"type": "string", "enum": ["billing", "technical", "account", "other"]}, "urgent": {"type": "boolean", "description": "Whether someone must answer within the hour"}}, "required": ["category", "urgent"], "additionalProperties": false}',
    ],
  ])("is within a tenth of Qwen's own tokenizer on %s", (_, actual, text) => {
    expect(Math.abs(counter.text(qwen, text) - actual) / actual).toBeLessThan(0.1);
  });

  it.each([
    ["Qwen/Qwen2.5-7B-Instruct", 6],
    ["qwen3:8b", 6],
    ["Qwen/Qwen3.5-9B", 6],
    ["Qwen/QwQ-32B", 6],
    ["deepseek-ai/DeepSeek-R1-0528-Qwen3-8B", 6],
    ["Pro/deepseek-ai/DeepSeek-V3.2", 2],
    ["zai-org/GLM-5.2", 2],
    ["gpt-5", 2],
    ["sim/strong", 2],
  ])("takes the digits of %s as its vocabulary has them", (model, tokens) => {
    expect(counter.text(model, "123456")).toBe(tokens);
  });
});

describe("the family of a model", () => {
  it.each([
    ["Qwen/Qwen3-8B", "qwen", "chatml"],
    ["Qwen-72B-Chat", "qwen", "chatml"],
    ["deepseek-ai/DeepSeek-R1-Distill-Qwen-7B", "qwen", "deepseek"],
    ["Qwen/Qwen3.6-27B", "qwen3.5", "chatml"],
    ["Qwen4-8B", "qwen3.5", "chatml"],
    ["deepseek-ai/DeepSeek-V3", "deepseek", "deepseek"],
    ["meituan-longcat/LongCat-2.0", "single-digits", "openai"],
    ["moonshotai/Kimi-K2.6", "o200k", "openai"],
  ])("is told by its name: %s", (model, name, template) => {
    expect(tokenizerFamily(model)).toMatchObject({ name, template });
  });
});

describe("counting a request", () => {
  it.each([
    ["one message", { messages: [{ role: "user", content: "How many legs has a spider?" }] }],
    [
      "a conversation with tools and a call",
      {
        messages: [
          { role: "system", content: "You help." },
          { role: "user", content: "退款订单 12345" },
          {
            role: "assistant",
            content: null,
            tool_calls: [{ id: "c1", type: "function", function: { name: "refund", arguments: "{}" } }],
          },
          { role: "tool", tool_call_id: "c1", content: "done" },
        ],
        tools: [tool],
        response_format: { type: "json_object" },
      },
    ],
    [
      "parts with an image",
      {
        messages: [
          {
            role: "user",
            content: [
              { type: "text", text: "What is this?" },
              { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
            ],
          },
        ],
      },
    ],
  ])("agrees with the local endpoint: %s", async (_, { messages, ...parameters }) => {
    const request = decodeChatRequest(JSON.stringify({ model: "m", messages, ...parameters }));
    if ("status" in request) throw new Error("the request was refused");
    const expected = countPrompt(request, await loadTokenizer());
    expect(counter.request(simulatedModel, messages, parameters)).toBe(expected);
  });

  it.each(["deepseek-v4-pro", "deepseek-v4-flash", "deepseek-chat"])(
    "agrees with what %s reported",
    (model) => {
      const messages = [
        { role: "system", content: "You are a helpful assistant" },
        { role: "user", content: "Hi" },
      ];
      expect(counter.request(model, messages, {})).toBe(10);
    },
  );

  it("adds the marks of Qwen's template, and its system message where it has one of its own", () => {
    const messages = [{ role: "user", content: "hi" }];
    expect(counter.request(qwen, messages, {})).toBe(9);
    expect(counter.request(qwen, messages, { enable_thinking: false })).toBe(13);
    expect(counter.request("Qwen/QwQ-32B", messages, {})).toBe(11);
    expect(counter.request("Qwen/Qwen2.5-7B-Instruct", messages, {})).toBe(30);
    const system = { role: "system", content: "" };
    expect(counter.request("Qwen/Qwen2.5-7B-Instruct", [system, ...messages], {})).toBe(14);
  });

  it("counts tools as templates write them, with spaces", () => {
    const messages = [{ role: "system", content: "" }];
    const spaced = `\n${JSON.stringify(tool).replaceAll('":', '": ').replaceAll(',"', ', "')}`;
    const without = counter.request(qwen, messages, {});
    expect(counter.request(qwen, messages, { tools: [tool] })).toBe(
      without + 86 + counter.text(qwen, spaced),
    );
    expect(counter.request(qwen, messages, { tools: [] })).toBe(without);
  });

  it("counts a schema where it becomes part of the prompt", () => {
    const messages = [{ role: "user", content: "hi" }];
    const format = { type: "json_schema", json_schema: { name: "a", schema: { type: "object" } } };
    const added = (model: string): number =>
      counter.request(model, messages, { response_format: format }) - counter.request(model, messages, {});
    expect(added("gpt-4o")).toBe(counter.text("gpt-4o", JSON.stringify(format.json_schema)));
    expect(added(qwen)).toBe(0);
  });

  it("takes a flat number for what is no text, and says how many such parts there are", () => {
    const image = { type: "image_url", image_url: { url: "https://example.org/a.png" } };
    const text = { type: "text", text: "hi" };
    const message = (content: readonly unknown[]) => [{ role: "user", content }];
    expect(mediaParts(message([text, image, image]))).toBe(2);
    expect(mediaParts([{ role: "user", content: "hi" }])).toBe(0);
    expect(
      counter.request(qwen, message([text, image, image]), {}) - counter.request(qwen, message([text]), {}),
    ).toBe(2 * mediaTokens);
  });
});
