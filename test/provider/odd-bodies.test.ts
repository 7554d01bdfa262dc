import { createGzip } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { Decoded } from "../../src/provider/answer-builder.ts";
import { AnswerDecoder } from "../../src/provider/answer-decoder.ts";
import { readErrorValue } from "../../src/provider/error-body.ts";
import { classifyHiddenError, classifyResponse } from "../../src/provider/failure-classifier.ts";
import { client, delta, endpoint, event, serve, streamed, unstreamed } from "./test-server.ts";

const url = "http://127.0.0.1/v1/chat/completions";

/** An answer in two chunks, cut at each byte. */
function atEachByte(contentType: string, body: Buffer): readonly Decoded[] {
  return Array.from({ length: body.length - 1 }, (_, i) => {
    const decoder = new AnswerDecoder(contentType, url);
    return decoder.write(body.subarray(0, i + 1)) ?? decoder.write(body.subarray(i + 1)) ?? decoder.end(null);
  });
}

function contentOf(decoded: Decoded | undefined): string {
  return decoded?.status === "ok" ? (decoded.answer.completions[0]?.content ?? "") : "failed";
}

const json = JSON.stringify({ choices: [{ index: 0, message: { content: "hé" }, finish_reason: "stop" }] });
const events = delta({ content: "hé" }) + delta({}, "stop") + event("[DONE]");

describe("a body with a byte order mark", () => {
  it.each([
    ["", `\uFEFF${events}`],
    ["application/json", `\uFEFF${events}`],
    ["text/event-stream", `\uFEFF${json}`],
    ["", `\uFEFF${json}`],
  ])("under the content type %j is read at every chunk border", (contentType, body) => {
    for (const decoded of atEachByte(contentType, Buffer.from(body))) expect(contentOf(decoded)).toBe("hé");
  });
});

describe("an answer", () => {
  const decoded = (...bodies: readonly unknown[]): Decoded => {
    const decoder = new AnswerDecoder("text/event-stream", url);
    return (
      decoder.write(
        Buffer.from(bodies.map((body) => (typeof body === "string" ? body : event(body))).join("")),
      ) ?? decoder.end(null)
    );
  };

  it("with an empty delta beside its message has the message", () => {
    const choice = { index: 0, delta: {}, message: { content: "hello" }, finish_reason: "stop" };
    expect(contentOf(decoded({ choices: [choice] }))).toBe("hello");
  });

  it("keeps its usage when a last chunk knows of none", () => {
    const zero = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };
    const used = { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 };
    const answer = decoded(
      delta({ content: "a" }, "stop"),
      { choices: [], usage: used },
      { choices: [], usage: zero },
    );
    expect(answer).toMatchObject({
      status: "ok",
      answer: { usage: { totalTokens: 7, completionTokens: 4 } },
    });
  });

  it("has no ids and names of any length", () => {
    const long = "x".repeat(100_000);
    const answer = decoded(delta({ content: "a" }, "stop", { id: long, model: long }));
    expect(JSON.stringify(answer).length).toBeLessThan(2_000);
  });

  it("counts the ids of tool calls as part of its size", () => {
    const decoder = new AnswerDecoder("text/event-stream", url);
    let result: Decoded | null = null;
    for (let i = 0; i < 20 && result === null; i++) {
      const call = { index: i, id: "i".repeat(1_000_000), function: { name: "f", arguments: "{}" } };
      result = decoder.write(Buffer.from(delta({ tool_calls: [call] })));
    }
    expect(result).toMatchObject({ status: "failed", failure: { kind: "bad_response" } });
  });
});

describe("an error", () => {
  const response = { location: null, waitKnown: false, url };
  const error = (message: string, code?: string): string => JSON.stringify({ error: { message, code } });

  it("inside a 200 is one line, whatever its type is", () => {
    const { message } = classifyHiddenError(readErrorValue({ error: { type: "x\n".repeat(50_000) } }), false);
    expect(message.length).toBeLessThanOrEqual(2_000);
    expect(message).not.toContain("\n");
  });

  it("inside a 200 with a word of the server's for its pace is no end of the lane", () => {
    const facts = readErrorValue({ error: { message: "slow", code: "insufficient_quota" } });
    expect(classifyHiddenError(facts, false, ["insufficient_quota"]).kind).toBe("rate_limited");
    expect(classifyHiddenError(facts, false).kind).not.toBe("rate_limited");
  });

  it("that quotes what was sent is not taken for what it quotes", () => {
    const quoted = error('the text "your balance is insufficient" is no valid value');
    expect(classifyResponse({ ...response, status: 400, body: quoted }).kind).toBe("invalid_request");
    const account = error("Account balance is insufficient");
    expect(classifyResponse({ ...response, status: 403, body: account }).kind).toBe("quota");
  });

  it("of a server that broke is one, whatever it broke over", () => {
    for (const text of ["content_filter service timed out", "cannot count tokens per day"])
      expect(classifyResponse({ ...response, status: 502, body: error(text) })).toMatchObject({
        kind: "server",
        retryable: true,
      });
  });

  it("of control characters alone has a message", () => {
    expect(classifyResponse({ ...response, status: 500, body: "\0\0" }).message).toBe(
      "HTTP 500 without a message",
    );
  });

  it("whose body never ends is one after 256 KB", async () => {
    const server = await serve((answer) => {
      answer.writeHead(500, { "content-type": "text/plain" });
      const chunk = "e".repeat(64 * 1024);
      const more = (): void => {
        while (!answer.destroyed && answer.write(chunk));
        if (!answer.destroyed) answer.once("drain", more);
      };
      more();
    });
    expect(await client(endpoint(server.origin)).send(unstreamed)).toMatchObject({
      status: "failed",
      failure: { kind: "server" },
    });
  });
});

it("a compressed body that comes faster than it is read waits at the server", async () => {
  let compressed = 0;
  const server = await serve((answer) => {
    answer.writeHead(200, { "content-type": "text/event-stream", "content-encoding": "gzip" });
    const gzip = createGzip({ level: 1 });
    gzip.on("data", (chunk: Buffer) => {
      compressed += chunk.length;
    });
    gzip.pipe(answer);
    const comments = `: ${"c".repeat(1_000)}\n`.repeat(4_000);
    for (let i = 0; i < 20; i++) gzip.write(comments);
    gzip.end(delta({ content: "at last" }, "stop") + event("[DONE]"));
  });
  const outcome = await client(endpoint(server.origin)).send(streamed);
  expect(outcome).toMatchObject({ status: "ok", answer: { completions: [{ content: "at last" }] } });
  expect(compressed).toBeGreaterThan(64 * 1024);
});
