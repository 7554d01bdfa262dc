import { describe, expect, it } from "vitest";
import { startSimulator } from "../../src/simulator/server.ts";
import { ask, chat, http, simulator } from "./client.ts";

describe("the local endpoint", () => {
  it("lists its models", async () => {
    const { baseUrl } = await simulator();
    const { status, text } = await http(`${baseUrl}/models?type=text`);
    expect(status).toBe(200);
    expect(JSON.parse(text)).toEqual({
      object: "list",
      data: ["sim/strong", "sim/medium", "sim/weak", "sim/fast", "sim/thinker"].map((id) => ({
        id,
        object: "model",
        created: 0,
        owned_by: "",
      })),
    });
  });

  it("answers any other path with 404 and a bare JSON string", async () => {
    const { baseUrl } = await simulator();
    for (const [url, body] of [
      [`${baseUrl}/chat`, "{}"],
      [`${baseUrl}/chat/completions`, null],
      [baseUrl, null],
    ] as const) {
      const answer = await http(url, body);
      expect([answer.status, answer.text]).toEqual([404, '"404 page not found"']);
      expect(answer.headers["x-siliconcloud-trace-id"]).toMatch(/^ti_[\da-f]{20}$/);
    }
  });

  it("sends a trace id of its own with every answer, and echoes the caller's", async () => {
    const running = await simulator();
    const ids = [];
    for (const body of [ask("a"), ask("a"), "not JSON"]) {
      ids.push((await chat(running, body)).headers["x-siliconcloud-trace-id"]);
    }
    expect(new Set(ids).size).toBe(3);
    const url = `${running.baseUrl}/chat/completions`;
    const own = await http(url, ask("a"), { "x-trace-id": "mine-1" });
    expect(own.headers["x-siliconcloud-trace-id"]).toBe("mine-1");
    const traceparent = `00-${"ab".repeat(16)}-${"cd".repeat(8)}-01`;
    const traced = await http(url, ask("a"), { traceparent });
    expect(traced.headers["x-siliconcloud-trace-id"]).toBe("ab".repeat(16));
  });

  it("rejects with EADDRINUSE when the port is taken", async () => {
    const { port } = await simulator();
    await expect(startSimulator({ port })).rejects.toMatchObject({ code: "EADDRINUSE" });
  });

  it("accepts only its key, when it has one", async () => {
    const { baseUrl } = await simulator({ apiKey: "sk-right" });
    const post = (headers: Record<string, string>) =>
      http(`${baseUrl}/chat/completions`, ask("hello"), headers);
    const none = await post({});
    expect([none.status, none.text]).toEqual([401, '"Invalid token"']);
    const wrong = await post({ authorization: "Bearer sk-wrong" });
    expect([wrong.status, wrong.text]).toEqual([401, '"Api key is invalid"']);
    expect((await post({ authorization: "Bearer sk-right" })).status).toBe(200);
    expect((await http(`${baseUrl}/models`)).status).toBe(401);
  });

  it("refuses bad requests with SiliconFlow's bodies", async () => {
    const running = await simulator();
    const user = [{ role: "user", content: "hello" }];
    const cases: readonly (readonly [unknown, number, string])[] = [
      ["{", 20015, "The parameter is invalid. Please check again."],
      ["[]", 20015, "The parameter is invalid. Please check again."],
      [{ messages: user }, 20013, "model is required"],
      [{ model: "m" }, 20014, "messages is required"],
      [{ model: "m", messages: [] }, 20014, "messages is required"],
      [{ model: "m", messages: "hello" }, 20029, "messages: Input should be a valid list"],
      [{ model: "m", messages: [{ content: "x" }] }, 20029, "messages: Field required: role"],
      [{ model: "m", messages: [{ role: "user" }] }, 20029, "messages: Field required: content"],
      [ask("x", { max_tokens: "5" }), 20015, "max_tokens: Input should be a valid integer"],
      [ask("x", { max_tokens: 0 }), 20015, "max_tokens: Input should be greater than or equal to 1"],
      [ask("x", { temperature: 2.1 }), 20015, "temperature: Input should be less than or equal to 2"],
      [ask("x", { top_p: "high" }), 20015, "top_p: Input should be a valid number"],
      [ask("x", { top_k: 101 }), 20060, "top_k must be -1 or between 1 and 100"],
      [ask("x", { n: 21 }), 20081, "n cannot exceed 20"],
      [ask("x", { stop: ["a", "b", "c", "d", "e"] }), 20015, "stop: List should have at most 4 items"],
      [ask("x", { stream: "yes" }), 20015, "stream: Input should be a valid boolean"],
      [
        ask("x", { thinking_budget: 1 }),
        20084,
        "thinking_budget: Input should be greater than or equal to 128",
      ],
      [ask("x", { tools: [{ type: "function" }] }), 20015, "tools: Field required: function.name"],
      [
        ask("x", { response_format: { type: "json_schema" } }),
        20015,
        "response_format: Field required: json_schema.schema",
      ],
      [
        ask("x", { enable_thinking: true }),
        20015,
        "Value error, current model does not support parameter `enable_thinking`.",
      ],
      [
        ask("word ".repeat(40_000), { model: "sim/weak" }),
        20015,
        "number of input tokens (40008) has exceeded max_prompt_tokens (32768) limit.",
      ],
    ];
    for (const [body, code, message] of cases) {
      const { status, text } = await chat(running, body);
      expect([status, text]).toEqual([400, JSON.stringify({ code, message, data: null })]);
    }
    expect(running.stats()).toMatchObject({
      requests: cases.length,
      answered: 0,
      rejected: { "400": cases.length },
    });
  });

  it("ignores unknown parameters and takes null for absent", async () => {
    const running = await simulator();
    const plain = await chat(running, ask("hello"));
    const nulls = await chat(
      running,
      ask("hello", { made_up: 1, temperature: null, stop: null, tools: null, n: null }),
    );
    expect(nulls.status).toBe(200);
    expect(JSON.parse(nulls.text).choices).toEqual(JSON.parse(plain.text).choices);
  });

  it("counts what it does", async () => {
    const running = await simulator({ countRequestIds: true });
    await Promise.all([
      chat(running, ask("a"), "r1"),
      chat(running, ask("b"), "r1"),
      chat(running, ask("c"), "r2"),
    ]);
    await chat(running, "{");
    const stats = running.stats();
    expect(stats).toMatchObject({
      requests: 4,
      answered: 3,
      rejected: { "400": 1 },
      abandoned: 0,
      faults: {},
    });
    expect(stats.byRequestId).toEqual({ r1: 2, r2: 1 });
    expect(stats.peakConcurrent).toBeGreaterThanOrEqual(1);
    expect(stats.promptTokens).toBe(24);
  });

  it("ends what is in flight when it is closed", async () => {
    const running = await startSimulator({ faults: [{ kind: "hang", rate: 1 }] });
    const waiting = chat(running, ask("hello")).catch((error: Error) => error);
    while (running.stats().requests === 0) await new Promise((resolve) => setImmediate(resolve));
    await running.close();
    expect(await waiting).toBeInstanceOf(Error);
    await expect(http(`${running.baseUrl}/models`)).rejects.toThrow();
  });
});
