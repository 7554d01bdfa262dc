import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import {
  client,
  delta,
  endpoint,
  event,
  helloAnswer,
  helloBody,
  helloStream,
  json,
  serve,
  streamed,
  unstreamed,
} from "./test-server.ts";

const sse = { "content-type": "text/event-stream; charset=utf-8" };

describe("the request", () => {
  it("is the body as given, with our headers and no others", async () => {
    const server = await serve((response) => json(response, 200, helloBody));
    await client(endpoint(server.origin)).send(unstreamed);
    expect(server.seen).toEqual([
      {
        method: "POST",
        path: "/v1/chat/completions",
        body: unstreamed.body,
        headers: {
          host: server.origin.slice(7),
          connection: "keep-alive",
          "content-type": "application/json",
          accept: "application/json",
          "accept-encoding": "identity",
          "user-agent": "promptgrid/test",
          "content-length": String(unstreamed.body.length),
        },
      },
    ]);
  });

  it("carries the key, the user's headers in place of ours, the query and, where wanted, the request id", async () => {
    const server = await serve((response) => json(response, 200, helloBody));
    const to = endpoint(server.origin, {
      baseUrl: `${server.origin}/openai/`,
      apiKey: "sk-0123456789abcdef",
      headers: { "User-Agent": "mine", "x-team": "evals" },
      query: { "api-version": "2024-10-21" },
      sendRequestId: true,
    });
    await client(to).send({ ...streamed, requestId: "abc" });
    const [seen] = server.seen;
    expect(seen?.path).toBe("/openai/chat/completions?api-version=2024-10-21");
    expect(seen?.headers).toMatchObject({
      accept: "text/event-stream",
      authorization: "Bearer sk-0123456789abcdef",
      "user-agent": "mine",
      "x-team": "evals",
      "x-promptgrid-request": "abc",
    });
  });

  it("sends a body of a megabyte in any script whole", async () => {
    const server = await serve((response, seen) =>
      json(response, 200, { ...helloBody, id: String(seen.body.length) }),
    );
    const body = JSON.stringify({ text: "长文本😀".repeat(100_000) });
    const outcome = await client(endpoint(server.origin)).send({ ...unstreamed, body });
    expect(outcome.status === "ok" && outcome.answer.responseId).toBe(String(body.length));
  });
});

describe("an answer", () => {
  it("is the same streamed and unstreamed", async () => {
    const server = await serve((response, seen) => {
      if (!seen.body.includes('"stream":true')) return json(response, 200, helloBody);
      response.writeHead(200, sse);
      response.end(helloStream);
    });
    const provider = client(endpoint(server.origin));
    const plain = await provider.send(unstreamed);
    const stream = await provider.send(streamed);
    expect(plain).toEqual({
      status: "ok",
      answer: helloAnswer,
      times: { latencyMs: expect.any(Number), ttftMs: null },
      httpStatus: 200,
      traceId: null,
      hints: null,
    });
    expect(stream).toEqual({
      ...plain,
      times: { latencyMs: expect.any(Number), ttftMs: expect.any(Number) },
    });
  });

  it("is read as JSON when a stream was asked for, and as a stream when it was not", async () => {
    const server = await serve((response, seen) => {
      if (seen.body.includes('"stream":true')) return json(response, 200, helloBody);
      response.writeHead(200, sse);
      response.end(helloStream);
    });
    const provider = client(endpoint(server.origin));
    const asJson = await provider.send(streamed);
    const asStream = await provider.send(unstreamed);
    expect(asJson).toMatchObject({ status: "ok", answer: helloAnswer, times: { ttftMs: null } });
    expect(asStream).toMatchObject({
      status: "ok",
      answer: helloAnswer,
      times: { ttftMs: expect.any(Number) },
    });
  });

  it.each([
    ["text/plain", helloStream],
    ["application/octet-stream", `: ping\n\n${helloStream}`],
    ["application/json", helloStream],
    ["text/event-stream", `\n\n${JSON.stringify(helloBody)}`],
    ["text/event-stream", `\uFEFF${JSON.stringify(helloBody)}`],
    ["text/html", JSON.stringify(helloBody)],
    ["text/event-stream", `\uFEFF${helloStream}`],
    ["", helloStream],
  ])(
    "is known by its first byte when the content type is %s and the body begins as in row %#",
    async (type, body) => {
      const server = await serve((response) => {
        response.writeHead(200, type === "" ? {} : { "content-type": type });
        response.end(body);
      });
      expect(await client(endpoint(server.origin)).send(streamed)).toMatchObject({
        status: "ok",
        answer: helloAnswer,
      });
    },
  );

  it("is kept when the server says that no requests are left, with the hints beside it", async () => {
    const server = await serve((response) =>
      json(response, 200, helloBody, {
        "x-ratelimit-limit-requests": "60",
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": "1m0s",
        "retry-after": "7",
        "x-siliconcloud-trace-id": "ti_abc",
      }),
    );
    const outcome = await client(endpoint(server.origin)).send(unstreamed);
    expect(outcome).toMatchObject({
      status: "ok",
      answer: helloAnswer,
      traceId: "ti_abc",
      hints: {
        retryAfterMs: 7000,
        axes: [{ axis: "rpm", limit: 60, remaining: 0, resetMs: 60_000 }],
        exceeded: null,
      },
    });
    expect(server.seen).toHaveLength(1);
  });

  it.each([
    ["gzip", gzipSync],
    ["br", brotliCompressSync],
    ["deflate", deflateSync],
  ])("is understood in %s, though we asked for none", async (encoding, compress) => {
    const server = await serve((response, seen) => {
      const stream = seen.body.includes('"stream":true');
      response.writeHead(200, {
        "content-type": stream ? "text/event-stream" : "application/json",
        "content-encoding": encoding,
      });
      response.end(compress(stream ? helloStream : JSON.stringify(helloBody)));
    });
    const provider = client(endpoint(server.origin));
    expect(await provider.send(unstreamed)).toMatchObject({ status: "ok", answer: helloAnswer });
    expect(await provider.send(streamed)).toMatchObject({ status: "ok", answer: helloAnswer });
  });

  it("arrives at [DONE], even if the server then keeps the connection open", async () => {
    const server = await serve((response) => {
      response.writeHead(200, sse);
      response.write(`${helloStream}data: whatever comes after is nobody's business\n\n`);
    });
    const outcome = await client(endpoint(server.origin)).send(streamed);
    expect(outcome).toMatchObject({ status: "ok", answer: helloAnswer });
  });

  it("frees its connection from a server that never ends", async () => {
    const server = await serve((response, _seen, nth) => {
      response.writeHead(200, sse);
      if (nth === 1) response.write(helloStream);
      else response.end(helloStream);
    });
    const provider = client(endpoint(server.origin), { connections: 1 });
    await provider.send(streamed);
    expect(await provider.send(streamed)).toMatchObject({ status: "ok", answer: helloAnswer });
  });

  it("may follow blank lines and interim responses", async () => {
    const server = await serve((response) => {
      response.writeProcessing();
      response.writeHead(200, { "content-type": "application/json" });
      response.write("\n");
      setImmediate(() => {
        response.write("\n\n");
        setImmediate(() => response.end(JSON.stringify(helloBody)));
      });
    });
    expect(await client(endpoint(server.origin)).send(unstreamed)).toMatchObject({
      status: "ok",
      answer: helloAnswer,
    });
  });

  it("does not carry the key that a server wrote into it", async () => {
    const key = "sk-0123456789abcdef";
    const server = await serve((response, seen) =>
      json(
        response,
        200,
        {
          ...helloBody,
          id: `id ${key}`,
          choices: [
            {
              index: 0,
              message: { content: `You sent ${seen.headers.authorization}` },
              finish_reason: "stop",
            },
          ],
        },
        { "x-request-id": `trace ${key.slice(2, 14)}` },
      ),
    );
    const outcome = await client(endpoint(server.origin, { apiKey: key })).send(unstreamed);
    expect(outcome).toMatchObject({
      status: "ok",
      traceId: "trace ***",
      answer: { responseId: "id ***", completions: [{ content: "You sent Bearer ***" }] },
    });
  });
});

describe("times", () => {
  it("run from sent to the first delta with text and to the last byte", async () => {
    let now = 1000;
    let reads = 0;
    const clock = (): number => {
      reads++;
      return now;
    };
    const server = await serve((response) => {
      now = 1010;
      let before = reads;
      response.writeHead(200, sse);
      response.write(`: ping\n\n${delta({ role: "assistant", content: "" })}`);
      // The client reads its clock for the headers and for each piece of data.
      until(
        () => reads >= before + 2,
        () => {
          now = 1050;
          before = reads;
          response.write(delta({ reasoning_content: "hm" }));
          until(
            () => reads > before,
            () => {
              now = 1100;
              response.end(`${delta({ content: "hello" }, "stop")}${event("[DONE]")}`);
            },
          );
        },
      );
    });
    const outcome = await client(endpoint(server.origin), { clock }).send(streamed);
    expect(outcome).toMatchObject({ status: "ok", times: { ttftMs: 50, latencyMs: 100 } });
  });

  it("do not count the wait for a free connection", async () => {
    let now = 0;
    const server = await serve((response, _seen, nth) => {
      now = nth * 100;
      json(response, 200, helloBody);
    });
    const provider = client(endpoint(server.origin), { connections: 1, clock: () => now });
    const both = await Promise.all([provider.send(unstreamed), provider.send(unstreamed)]);
    expect(both.map((outcome) => outcome.times.latencyMs)).toEqual([100, 100]);
  });
});

describe("connections", () => {
  it("are kept and used again, after answers and after errors", async () => {
    const server = await serve((response, _seen, nth) => {
      if (nth % 3 === 0) json(response, 429, { message: "slow down" });
      else if (nth % 3 === 1) json(response, 200, helloBody);
      else {
        response.writeHead(200, sse);
        response.end(helloStream);
      }
    });
    const provider = client(endpoint(server.origin), { connections: 1 });
    for (let i = 0; i < 9; i++) await provider.send(i % 2 === 0 ? streamed : unstreamed);
    expect(server.seen).toHaveLength(9);
    expect(server.connections()).toBe(1);
  });

  it("are never more than allowed", async () => {
    const server = await serve((response) => json(response, 200, helloBody));
    const provider = client(endpoint(server.origin), { connections: 3 });
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => provider.send(unstreamed)));
    expect(outcomes.every((outcome) => outcome.status === "ok")).toBe(true);
    expect(server.connections()).toBeLessThanOrEqual(3);
  });
});

function until(condition: () => boolean, next: () => void): void {
  if (condition()) next();
  else setImmediate(() => until(condition, next));
}
