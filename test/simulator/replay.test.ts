import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseAnswers } from "../../src/simulator/answer-key.ts";
import { parseRecordings, RecordingError, recordingKey } from "../../src/simulator/recordings.ts";
import { answer, ask, chat, chunks, said, simulator, streamed } from "./client.ts";

const lines = (...values: readonly object[]): string =>
  values.map((value) => `${JSON.stringify(value)}\n`).join("");

describe("replay", () => {
  it("serves recorded answers byte for byte, streamed and not", async () => {
    const content = '  "quoted"\r\n\ttab 龘🧑‍🚀 <|endoftext|> \u2028 \ud800 end  ';
    const replay = parseRecordings(
      lines({ model: "m", prompt: "p\n", content, reasoning_content: "hm " }),
      "r.jsonl",
    );
    const running = await simulator({ replay });
    const body = { ...ask("p\n"), model: "m", max_tokens: 2, stop: ["quoted"] };
    const whole = await answer(running, body);
    expect(whole.choices).toEqual([
      { index: 0, message: { role: "assistant", content, reasoning_content: "hm " }, finish_reason: "stop" },
    ]);
    const all = chunks((await chat(running, { ...body, stream: true })).text);
    expect([streamed(all), streamed(all, 0, "reasoning_content")]).toEqual([content, "hm "]);
  });

  it("serves recorded finish reasons, tool calls and usage", async () => {
    const usage = { prompt_tokens: 5, completion_tokens: 7, total_tokens: 12, prompt_cache_hit_tokens: 4 };
    const call = { id: "c1", type: "function", function: { name: "f", arguments: '{"a":' } };
    const replay = parseRecordings(
      lines(
        { model: "m", prompt: "p", content: "cut", finish_reason: "length", usage },
        { model: "m", prompt: "tool", content: null, tool_calls: [call] },
        { model: "m", prompt: "ours", content: "", tool_calls: [{ id: null, name: "g", arguments: "{}" }] },
      ),
      "r.jsonl",
    );
    const running = await simulator({ replay });
    const cut = await answer(running, ask("p", { model: "m" }));
    expect([cut.choices[0]?.finish_reason, cut.usage]).toEqual(["length", usage]);
    const all = chunks((await chat(running, ask("p", { model: "m", stream: true }))).text);
    expect(all.at(-1)?.usage).toEqual(usage);
    const called = await answer(running, ask("tool", { model: "m" }));
    expect(called.choices[0]).toEqual({
      index: 0,
      message: { role: "assistant", content: "", tool_calls: [call] },
      finish_reason: "tool_calls",
    });
    const ours = await answer(running, ask("ours", { model: "m" }));
    expect(ours.choices[0]?.message.tool_calls).toMatchObject([
      { type: "function", function: { name: "g", arguments: "{}" } },
    ]);
  });

  it("counts the tokens of what was recorded without usage", async () => {
    const running = await simulator({
      replay: parseRecordings(lines({ model: "m", prompt: "p", content: "one two three" }), "f"),
    });
    expect((await answer(running, ask("p", { model: "m" }))).usage).toMatchObject({
      prompt_tokens: 8,
      completion_tokens: 3,
    });
  });

  it("deals several recordings of one prompt in turn, and the same again to the same request id", async () => {
    const recorded = ["a", "b", "c"].map((content) => ({ model: "m", prompt: "p", content }));
    const running = await simulator({ replay: parseRecordings(lines(...recorded), "f") });
    const take = (id?: string) => said(running, ask("p", { model: "m" }), id);
    expect([await take(), await take(), await take("x"), await take("x"), await take()]).toEqual([
      "a",
      "b",
      "c",
      "c",
      "a",
    ]);
    const both = await answer(running, ask("p", { model: "m", n: 2 }));
    expect(both.choices.map((choice) => choice.message.content)).toEqual(["b", "c"]);
  });

  it("answers a request without a recording with 404, and lists the recorded models", async () => {
    const running = await simulator({
      replay: parseRecordings(lines({ model: "m", prompt: "p", content: "x" }), "f"),
    });
    const missing = await chat(running, ask("p", { model: "other" }));
    expect([missing.status, missing.text]).toEqual([
      404,
      '{"code":20012,"message":"no recording for model `other` and this prompt","data":null}',
    ]);
    expect((await chat(running, ask("q", { model: "m" }))).status).toBe(404);
  });

  it("names every bad line of a file", () => {
    const text = `\uFEFF${lines({ model: "m", prompt: "p", content: "x" })}\n{"model":"m"\n[]\n${lines(
      { prompt: "p", content: "x" },
      { model: "m", content: "x" },
      { model: "m", prompt: "p" },
      { model: "m", prompt: "p", content: "x", tool_calls: [{}] },
    )}`;
    const parse = () => parseRecordings(text, "answers.jsonl");
    expect(parse).toThrow(RecordingError);
    let message = "";
    try {
      parse();
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message.replace(/(not JSON): .*/, "$1")).toBe(
      [
        "answers.jsonl:3: not JSON",
        "answers.jsonl:4: expected a JSON object",
        "answers.jsonl:5: `model` must be a text of one line",
        "answers.jsonl:6: `prompt` must be a text",
        "answers.jsonl:7: `content` must be a text",
        "answers.jsonl:8: `tool_calls` must be a list of function calls",
      ].join("\n"),
    );
  });

  const published = new URL("../../../shared/datasets/gsm8k-published-solutions.jsonl", import.meta.url);
  it.skipIf(!existsSync(published))(
    "serves published answers of four models to 1319 questions unchanged",
    { timeout: 120_000 },
    async () => {
      const text = readFileSync(published, "utf8");
      const replay = parseRecordings(text, "gsm8k-published-solutions.jsonl");
      expect(replay.size).toBe(5276);
      const running = await simulator({ replay });
      const recorded = text
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as { model: string; prompt: string; content: string });
      let next = 0;
      let equal = 0;
      const worker = async (): Promise<void> => {
        for (let index = next++; index < recorded.length; index = next++) {
          const { model, prompt, content } = recorded[index] ?? { model: "", prompt: "", content: "" };
          const { text } = await chat(running, ask(prompt, { model, stream: index % 4 === 0 }));
          const got = index % 4 === 0 ? streamed(chunks(text)) : JSON.parse(text).choices[0].message.content;
          if (got === content) equal++;
        }
      };
      await Promise.all(Array.from({ length: 32 }, worker));
      expect(equal).toBe(5276);
    },
  );
});

describe("parseAnswers", () => {
  it("infers the kind of an answer", () => {
    const key = parseAnswers(
      lines(
        { prompt: "a", answer: 18, difficulty: 0.4 },
        { prompt: "b", answer: "$1,234.50" },
        { prompt: "c", answer: "(B)" },
        { prompt: "d", answer: "Paris" },
        { prompt: "e", answer: [{ name: "f", arguments: {} }] },
        { prompt: "f", answer: { x: 1 } },
        { prompt: "g", answer: "B", kind: "contains", choices: ["A", "B"] },
      ),
      "answers.jsonl",
    );
    expect(Object.fromEntries(key)).toEqual({
      a: { kind: "numeric", expected: 18, difficulty: 0.4 },
      b: { kind: "numeric", expected: "$1,234.50" },
      c: { kind: "choice", expected: "(B)" },
      d: { kind: "exact", expected: "Paris" },
      e: { kind: "tool_call", expected: [{ name: "f", arguments: {} }] },
      f: { kind: "json", expected: { x: 1 } },
      g: { kind: "contains", expected: "B", choices: ["A", "B"] },
    });
  });

  it("names bad lines and contradictions", () => {
    const text = lines(
      { prompt: "a", answer: "x" },
      { prompt: "a", answer: "y" },
      { prompt: "b" },
      { prompt: "c", answer: 1, difficulty: 2 },
      { prompt: "d", answer: 1, kind: "magic" },
    );
    expect(() => parseAnswers(text, "k.jsonl")).toThrow(
      /^k\.jsonl:2: another answer to the same `prompt` stands above\nk\.jsonl:3: `answer` is missing\nk\.jsonl:4: `difficulty` must be a number from 0 to 1\nk\.jsonl:5: `kind` must be one of numeric, .*$/,
    );
  });
});

it("keys recordings by model and prompt without mixing them up", () => {
  expect(recordingKey("a", "b\nc")).not.toBe(recordingKey("a\nb".replace("\n", ""), "c"));
});
