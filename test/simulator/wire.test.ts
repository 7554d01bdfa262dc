import { describe, expect, it } from "vitest";
import { answer, ask, chat, chunks, simulator, streamed } from "./client.ts";

const weather = {
  type: "function",
  function: {
    name: "get_weather",
    parameters: {
      type: "object",
      properties: { city: { type: "string" }, days: { type: "integer", minimum: 3 } },
      required: ["city"],
    },
  },
};

describe("an unstreamed answer", () => {
  it("has the form of SiliconFlow's", async () => {
    const running = await simulator();
    const { headers, text } = await chat(running, ask("What is the capital of France?"));
    const body = JSON.parse(text);
    expect(headers["content-type"]).toMatch(/^application\/json/);
    const { id, created, choices } = body;
    expect(id).toMatch(/^[\da-f]{32}$/);
    expect(Math.abs(created - Date.now() / 1000)).toBeLessThan(60);
    const content = choices[0].message.content;
    expect(content).toContain("What is the capital of France?");
    const completion = body.usage.completion_tokens;
    expect(completion).toBeGreaterThan(5);
    expect(body).toEqual({
      id,
      object: "chat.completion",
      created,
      model: "sim/strong",
      choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }],
      usage: {
        prompt_tokens: 14,
        completion_tokens: completion,
        total_tokens: 14 + completion,
        completion_tokens_details: { reasoning_tokens: 0 },
        prompt_tokens_details: { cached_tokens: 0 },
        prompt_cache_hit_tokens: 0,
        prompt_cache_miss_tokens: 14,
      },
      system_fingerprint: "",
    });
  });

  it("holds the reasoning of a model that thinks, unless thinking is switched off", async () => {
    const running = await simulator();
    const thinks = (rest: object) => answer(running, ask("Why?", { model: "sim/thinker", ...rest }));
    const usual = await thinks({});
    const on = await thinks({ enable_thinking: true });
    const off = await thinks({ enable_thinking: false });
    expect(usual.choices[0]?.message.reasoning_content).toMatch(/\w/);
    expect(usual.usage.completion_tokens_details?.reasoning_tokens).toBeGreaterThan(10);
    expect(on.choices[0]?.message.reasoning_content).toMatch(/\w/);
    expect(off.choices[0]?.message).not.toHaveProperty("reasoning_content");
    expect(off.usage.completion_tokens_details?.reasoning_tokens).toBe(0);
  });

  it("counts reasoning towards max_tokens, as SiliconFlow does", async () => {
    const running = await simulator();
    const cut = await answer(running, ask("Why?", { model: "sim/thinker", max_tokens: 10 }));
    expect(cut.choices[0]).toMatchObject({ finish_reason: "length", message: { content: "" } });
    expect(cut.usage).toMatchObject({
      completion_tokens: 10,
      completion_tokens_details: { reasoning_tokens: 10 },
    });
  });

  it("stops before a stop sequence and at max_tokens", async () => {
    const running = await simulator();
    const whole = await answer(running, ask("one two three"));
    const text = whole.choices[0]?.message.content ?? "";
    const stopped = await answer(running, ask("one two three", { stop: ["three", "never"] }));
    expect(stopped.choices[0]).toMatchObject({
      message: { content: text.slice(0, text.indexOf("three")) },
      finish_reason: "stop",
    });
    const cut = await answer(running, ask("one two three", { max_tokens: 4 }));
    const short = cut.choices[0]?.message.content ?? "";
    expect(cut.usage.completion_tokens).toBe(4);
    expect(cut.choices[0]?.finish_reason).toBe("length");
    expect(text.startsWith(short) && short !== "" && short.length < text.length).toBe(true);
    const exact = await answer(running, ask("one two three", { max_tokens: whole.usage.completion_tokens }));
    expect(exact.choices).toEqual(whole.choices);
  });

  it("gives n choices that differ, and equal ones at temperature 0", async () => {
    const running = await simulator();
    const warm = await answer(running, ask("Say something", { n: 8 }));
    expect(warm.choices.map((choice) => choice.index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(new Set(warm.choices.map((choice) => choice.message.content)).size).toBeGreaterThan(1);
    const cold = await answer(running, ask("Say something", { n: 3, temperature: 0 }));
    expect(new Set(cold.choices.map((choice) => choice.message.content)).size).toBe(1);
    const one = await answer(running, ask("Say something", { n: 1, temperature: 0 }));
    expect(cold.usage.completion_tokens).toBe(3 * one.usage.completion_tokens);
  });

  it("calls a tool with arguments that fit its schema", async () => {
    const running = await simulator();
    const body = await answer(running, ask("weather in Oslo", { tools: [weather] }));
    expect(body.choices[0]?.finish_reason).toBe("tool_calls");
    const [call] = body.choices[0]?.message.tool_calls ?? [];
    expect(call).toMatchObject({ type: "function", function: { name: "get_weather" } });
    expect(call?.id).toMatch(/^call_[\da-f]{24}$/);
    expect(JSON.parse(call?.function.arguments ?? "")).toEqual({ city: "simulated", days: 3 });
    const none = await answer(running, ask("weather in Oslo", { tools: [weather], tool_choice: "none" }));
    expect(none.choices[0]).toMatchObject({ finish_reason: "stop" });
    expect(none.choices[0]?.message).not.toHaveProperty("tool_calls");
  });

  it("answers with JSON when asked to", async () => {
    const running = await simulator();
    const object = await answer(running, ask("JSON please", { response_format: { type: "json_object" } }));
    expect(JSON.parse(object.choices[0]?.message.content ?? "")).toHaveProperty("answer");
    const schema = {
      type: "object",
      properties: {
        status: { enum: ["open", "closed"] },
        tags: { type: "array", items: { type: "string", maxLength: 5 }, minItems: 2 },
        owner: { $ref: "#/$defs/person" },
      },
      required: ["status", "tags", "owner"],
      $defs: {
        person: { type: "object", properties: { age: { type: "integer", minimum: 18 } }, required: ["age"] },
      },
    };
    const format = { type: "json_schema", json_schema: { name: "ticket", schema } };
    const fitted = await answer(running, ask("Hi", { response_format: format }));
    expect(JSON.parse(fitted.choices[0]?.message.content ?? "")).toEqual({
      status: "open",
      tags: ["You a", "You a"],
      owner: { age: 18 },
    });
  });

  it("answers Chinese prompts in Chinese", async () => {
    const running = await simulator();
    const body = await answer(running, ask("今天是星期四，后天是星期几？"));
    expect(body.choices[0]?.message.content).toMatch(
      /^您问的是“今天是星期四，后天是星期几？”。.*模拟的回答。$/s,
    );
  });

  it("reads text out of content parts", async () => {
    const running = await simulator();
    const parts = [
      { type: "text", text: "What is this" },
      { type: "image_url", image_url: { url: "data:image/png;base64,AA==" } },
    ];
    const body = await answer(running, { model: "m", messages: [{ role: "user", content: parts }] });
    expect(body.choices[0]?.message.content).toContain("“What is this”");
    expect(body.usage.prompt_tokens).toBe(3 + 4 + 3 + 256);
  });
});

describe("a streamed answer", () => {
  it("adds up to the unstreamed one, with the same usage, for every form of answer", async () => {
    const running = await simulator();
    for (const body of [
      ask("What is the capital of France?"),
      ask("为什么龘𠮷难写？", { model: "sim/thinker" }),
      ask("emoji 🧑‍🚀 and naïve café 龘", { temperature: 0.3 }),
      ask("hi", { model: "sim/thinker", max_tokens: 7 }),
      ask("say", { n: 3, model: "sim/thinker" }),
      ask("weather in Oslo", { tools: [weather] }),
      ask("JSON", { response_format: { type: "json_object" } }),
    ]) {
      const whole = await answer(running, body);
      const { headers, text } = await chat(running, { ...body, stream: true });
      expect(headers["content-type"]).toMatch(/^text\/event-stream/);
      const all = chunks(text);
      for (const { index, message, finish_reason } of whole.choices) {
        expect(streamed(all, index)).toBe(message.content);
        expect(streamed(all, index, "reasoning_content")).toBe(message.reasoning_content ?? "");
        const own = all.flatMap((chunk) => chunk.choices).filter((choice) => choice.index === index);
        expect(own.map((choice) => choice.delta.role)).toEqual([
          "assistant",
          ...own.slice(1).map(() => undefined),
        ]);
        expect(own.map((choice) => choice.finish_reason)).toEqual([
          ...own.slice(1).map(() => null),
          finish_reason,
        ]);
        const fragments = own.flatMap((choice) => choice.delta.tool_calls ?? []);
        expect(fragments.map((call) => call.function.arguments).join("")).toBe(
          (message.tool_calls ?? []).map((call) => call.function.arguments).join(""),
        );
        expect(fragments.flatMap((call) => (call.id === null ? [] : [call.id]))).toEqual(
          (message.tool_calls ?? []).map((call) => call.id),
        );
      }
      expect(all.at(-1)?.usage).toEqual(whole.usage);
      expect(new Set(all.map((chunk) => `${chunk.id} ${chunk.created} ${chunk.object}`)).size).toBe(1);
    }
  });

  it("sends one token a chunk, with usage so far in every chunk", async () => {
    const running = await simulator();
    const { text } = await chat(running, ask("How far is the moon?", { stream: true }));
    const all = chunks(text);
    const counts = all.map((chunk) => chunk.usage.completion_tokens);
    expect(counts).toEqual([0, ...counts.slice(1, -1).map((_, index) => index + 1), counts.at(-2)]);
    expect(
      all.every(({ usage }) => usage.total_tokens === usage.prompt_tokens + usage.completion_tokens),
    ).toBe(true);
    expect(all[0]?.choices).toEqual([
      { index: 0, delta: { content: "", reasoning_content: null, role: "assistant" }, finish_reason: null },
    ]);
    expect(all.at(-1)?.choices).toEqual([
      { index: 0, delta: { content: "", reasoning_content: null }, finish_reason: "stop" },
    ]);
  });

  it("sends reasoning with null content, then content with null reasoning", async () => {
    const running = await simulator();
    const { text } = await chat(running, ask("Why?", { model: "sim/thinker", stream: true }));
    const deltas = chunks(text)
      .slice(0, -1)
      .flatMap((chunk) => chunk.choices.map((choice) => choice.delta));
    const firstContent = deltas.findIndex((delta) => delta.content !== null);
    expect(firstContent).toBeGreaterThan(5);
    expect(deltas.slice(0, firstContent).every((delta) => delta.reasoning_content !== null)).toBe(true);
    expect(deltas.slice(firstContent).every((delta) => delta.reasoning_content === null)).toBe(true);
  });

  it("interleaves the choices", async () => {
    const running = await simulator();
    const { text } = await chat(running, ask("Say something", { n: 3, stream: true }));
    const order = chunks(text).flatMap((chunk) => chunk.choices.map((choice) => choice.index));
    expect(order.slice(0, 9)).toEqual([0, 0, 1, 1, 2, 2, 0, 1, 2]);
  });

  it("never cuts a character in two", async () => {
    const running = await simulator({
      replay: new Map([
        [
          "m\np",
          [{ content: "龘🧑‍🚀𠮷e\u0301ẞ", reasoning: null, toolCalls: [], finishReason: null, usage: null }],
        ],
      ]),
    });
    const { text } = await chat(running, { ...ask("p"), model: "m", stream: true });
    expect(text).not.toMatch(/\\ud[89a-f]|\uFFFD/i);
    expect(streamed(chunks(text))).toBe("龘🧑‍🚀𠮷e\u0301ẞ");
  });
});

describe("a fixed seed", () => {
  const texts = async (rest: object): Promise<ReadonlySet<string>> => {
    const running = await simulator();
    const found = new Set<string>();
    for (let trial = 0; trial < 8; trial++) {
      const body = await answer(
        running,
        ask("Say something", { temperature: 1.2, ...rest }),
        `trial-${trial}`,
      );
      found.add(JSON.stringify(body.choices));
    }
    return found;
  };

  it("makes equal requests equal, whatever their request ids and the temperature", async () => {
    expect((await texts({ seed: 5 })).size).toBe(1);
    expect((await texts({ seed: 0 })).size).toBe(1);
    expect((await texts({})).size).toBeGreaterThan(1);
    expect((await texts({ seed: null })).size).toBeGreaterThan(1);
  });

  it("gives other answers than another seed, and choices that differ", async () => {
    const all = await Promise.all([1, 2, 3, 4, 5, 6].map((seed) => texts({ seed })));
    expect(new Set(all.flatMap((found) => [...found])).size).toBeGreaterThan(1);
    const body = await answer(await simulator(), ask("Say something", { seed: 5, n: 8 }));
    expect(new Set(body.choices.map((choice) => choice.message.content)).size).toBeGreaterThan(1);
  });
});

describe("logprobs", () => {
  interface Logprobs {
    readonly content: readonly { readonly token: string; readonly logprob: number }[];
  }
  const of = (choice: object | undefined): Logprobs | undefined =>
    (choice as { readonly logprobs?: Logprobs } | undefined)?.logprobs;

  it("are one entry for each piece of every choice, the same streamed and unstreamed", async () => {
    const running = await simulator();
    const body = ask("Why?", { model: "sim/thinker", logprobs: true, n: 2 });
    const whole = await answer(running, body);
    const all = chunks((await chat(running, { ...body, stream: true })).text);
    for (const choice of whole.choices) {
      const entries = of(choice)?.content ?? [];
      expect(entries.map(({ token }) => token).join("")).toBe(choice.message.content);
      expect(entries.every(({ logprob }) => logprob <= 0 && logprob > -2.0001)).toBe(true);
      expect(new Set(entries.map(({ logprob }) => logprob)).size).toBeGreaterThan(3);
      const own = all.flatMap((chunk) => chunk.choices).filter(({ index }) => index === choice.index);
      expect(own.flatMap((part) => of(part)?.content ?? [])).toEqual(entries);
    }
  });

  it("are absent unless asked for", async () => {
    const running = await simulator();
    for (const rest of [{}, { logprobs: false }, { logprobs: null }]) {
      expect((await chat(running, ask("Why?", rest))).text).not.toContain("logprob");
      expect((await chat(running, ask("Why?", { ...rest, stream: true }))).text).not.toContain("logprob");
    }
  });
});
