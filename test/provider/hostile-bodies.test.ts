import { gzipSync } from "node:zlib";
import { describe, expect, it, vi } from "vitest";
import type { AttemptOutcome } from "../../src/outcome/attempt.ts";
import { HeldBytes } from "../../src/provider/held-bytes.ts";
import {
  client,
  delta,
  endpoint,
  event,
  helloBody,
  json,
  serve,
  streamed,
  unstreamed,
} from "./test-server.ts";

const deep = `${'{"message":'.repeat(10_000)}1${"}".repeat(10_000)}`;
const brackets = "[".repeat(10_000) + "]".repeat(10_000);

/** What comes of one body, sent as it stands; a second, good answer proves that the client lives on. */
async function outcomeOf(
  status: number,
  body: string | Buffer,
  headers: Record<string, string> = { "content-type": "application/json" },
  stream = false,
): Promise<AttemptOutcome> {
  const server = await serve((response, _seen, nth) => {
    if (nth > 1) return json(response, 200, helloBody);
    response.writeHead(status, headers);
    response.end(body);
  });
  const provider = client(endpoint(server.origin));
  const outcome = await provider.send(stream ? streamed : unstreamed);
  expect(await provider.send(unstreamed)).toMatchObject({ status: "ok" });
  expect(server.seen).toHaveLength(2);
  return outcome;
}

describe("JSON ten thousand levels deep", () => {
  const places: readonly [string, string][] = [
    ["the message of an error", `{"error":{"message":${deep}}}`],
    ["the detail of an error", `{"detail":${brackets}}`],
    ["the error itself", `{"error":${deep}}`],
    ["a list for an error", brackets],
    ["the choices", `{"choices":${brackets}}`],
    [
      "the arguments of a tool call",
      `{"choices":[{"message":{"tool_calls":[{"function":{"name":"f","arguments":${deep}}}]},"finish_reason":"stop"}]}`,
    ],
  ];
  const kinds: readonly [number, string][] = [
    [200, "bad_response"],
    [400, "invalid_request"],
    [500, "server"],
  ];
  for (const [where, body] of places) {
    for (const [status, kind] of kinds) {
      it(`in ${where} of a ${status} fails its request and nothing else`, async () => {
        expect(await outcomeOf(status, body)).toMatchObject({ status: "failed", failure: { kind } });
        const gzip = { "content-type": "application/json", "content-encoding": "gzip" };
        expect(await outcomeOf(status, gzipSync(body), gzip)).toMatchObject({ failure: { kind } });
      });
    }
    it(`in ${where} of a stream's event is no answer`, async () => {
      const events = `data: ${body}\n\ndata: [DONE]\n\n`;
      const outcome = await outcomeOf(200, events, { "content-type": "text/event-stream" }, true);
      expect(outcome).toMatchObject({ status: "failed", failure: { kind: "bad_response" } });
    });
  }

  it("in an error too small to be measured is written again without harm", async () => {
    const small = `{"error":{"message":${'{"m":'.repeat(650)}1${"}".repeat(650)}}}`;
    expect(small.length).toBeLessThan(4096);
    expect(await outcomeOf(400, small)).toMatchObject({ failure: { kind: "invalid_request" } });
  });
});

describe("an answer too large", () => {
  const choices = (count: number): readonly object[] =>
    Array.from({ length: count }, (_, index) => ({
      index,
      message: { content: "x" },
      finish_reason: "stop",
    }));

  it("has more choices than were asked for, beyond the 128 that any server allows", async () => {
    expect(await outcomeOf(200, JSON.stringify({ choices: choices(129) }))).toMatchObject({
      failure: { kind: "bad_response", message: "the server answered with more than 128 choices" },
    });
    const server = await serve((response) => json(response, 200, { choices: choices(200) }));
    const asked = { ...unstreamed, body: '{"model":"m","messages":[],"n":200}' };
    expect(await client(endpoint(server.origin)).send(asked)).toMatchObject({ status: "ok" });
  });

  it("has more than 1024 tool calls, while ten thousand fragments of one call are an answer", async () => {
    const fragment = (index: number, text: string): string =>
      delta({ tool_calls: [{ index, id: index === 0 ? null : `c${index}`, function: { arguments: text } }] });
    const many = Array.from({ length: 10_000 }, (_, i) => fragment(i, "1")).join("");
    const type = { "content-type": "text/event-stream" };
    expect(await outcomeOf(200, many, type, true)).toMatchObject({
      failure: { kind: "bad_response", message: "the answer has more than 1024 tool calls" },
    });
    const one = Array.from({ length: 10_000 }, () => fragment(0, "1")).join("");
    const outcome = await outcomeOf(200, one + delta({}, "stop") + event("[DONE]"), type, true);
    expect(outcome).toMatchObject({
      answer: { completions: [{ toolCalls: [{ arguments: "1".repeat(10_000) }] }] },
    });
  });

  it("streams more than 16 million characters of text, in however many events", async () => {
    const piece = delta({ content: "x".repeat(1_000_000) });
    expect(
      await outcomeOf(200, piece.repeat(17), { "content-type": "text/event-stream" }, true),
    ).toMatchObject({
      failure: { kind: "bad_response", message: "the answer is longer than 16 million characters" },
    });
  });

  it("is one event without an end", async () => {
    const body = `data: {"choices":[{"delta":{"content":"${"x".repeat(9_000_000)}`;
    expect(await outcomeOf(200, body, { "content-type": "text/event-stream" }, true)).toMatchObject({
      failure: { kind: "bad_response", message: "one event of the stream is larger than 8 MB" },
    });
  });
});

describe("text that is no text", () => {
  it("keeps NUL, escapes and lone surrogates as the answer's own", async () => {
    const content = "a\u0000b\u001b[31mc\ud800d";
    const body = `{"choices":[{"message":{"content":${JSON.stringify(content)}},"finish_reason":"stop"}]}`;
    expect(await outcomeOf(200, body)).toMatchObject({ answer: { completions: [{ content }] } });
  });

  it("with raw NUL bytes is no JSON", async () => {
    const body = '{"choices":[{"message":{"content":"a\u0000b"},"finish_reason":"stop"}]}';
    expect(await outcomeOf(200, body)).toMatchObject({ failure: { kind: "bad_response" } });
    const event = `data: ${body}\n\n`;
    expect(await outcomeOf(200, event, { "content-type": "text/event-stream" }, true)).toMatchObject({
      failure: { kind: "bad_response" },
    });
  });

  it("in too many headers is refused at once", async () => {
    const headers = Object.fromEntries(
      Array.from({ length: 90 }, (_, i) => [`x-bomb-${i}`, "y".repeat(1000)]),
    );
    expect(await outcomeOf(200, "{}", headers)).toMatchObject({
      failure: { kind: "bad_response", retryable: false },
    });
  });

  it("and a choice without a message are no answer", async () => {
    expect(await outcomeOf(200, '{"choices":[{"finish_reason":"stop"}]}')).toMatchObject({
      failure: { kind: "bad_response", message: "the server answered a choice without a message" },
    });
    const older = '{"choices":[{"text":"4","finish_reason":"stop"}]}';
    expect(await outcomeOf(200, older)).toMatchObject({ answer: { completions: [{ content: "4" }] } });
  });
});

describe("what unfinished answers hold together", () => {
  it("is bounded by giving up the largest", () => {
    const held = new HeldBytes(100 * 1024 * 1024);
    const given: string[] = [];
    const holder = (name: string) => ({ giveUp: (message: string) => given.push(`${name}: ${message}`) });
    const [small, large] = [holder("small"), holder("large")];
    const mb = 1024 * 1024;
    held.grew(large, 70 * mb);
    held.grew(small, 30 * mb);
    expect(given).toEqual([]);
    held.grew(small, 31 * mb);
    expect(given).toEqual(["large: unfinished answers hold more than 100 MB together"]);
    held.release(small);
    held.grew(large, 100 * mb);
    expect(given).toHaveLength(1);
  });

  it("counts bodies on their way through sockets", async () => {
    const server = await serve((response, _seen, nth) => {
      if (nth > 12) return json(response, 200, helloBody);
      response.writeHead(200, { "content-type": "application/json" });
      response.write(`{"x":"${"x".repeat(30 * 1024 * 1024)}`);
    });
    const provider = client(endpoint(server.origin), { connections: 16 });
    const large = Array.from({ length: 12 }, () => provider.send(unstreamed));
    const given: AttemptOutcome[] = [];
    for (const one of large) void one.then((outcome) => given.push(outcome));
    await vi.waitFor(() => expect(given.length).toBeGreaterThanOrEqual(4), { timeout: 20_000 });
    expect(given[0]).toMatchObject({ status: "failed", failure: { kind: "bad_response", retryable: false } });
    expect(await provider.send(unstreamed)).toMatchObject({ status: "ok" });
    provider.cancel();
    const kinds = (await Promise.all(large)).map((one) =>
      one.status === "failed" ? one.failure.kind : "ok",
    );
    expect(kinds.filter((kind) => kind === "bad_response").length).toBeLessThanOrEqual(5);
  });
});
