import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { AttemptOutcome } from "../../src/outcome/attempt.ts";
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
  serveRaw,
  streamed,
  unstreamed,
} from "./test-server.ts";

const sse = { "content-type": "text/event-stream" };
const key = "sk-0123456789abcdef";
const time = expect.any(Number);

function failed(outcome: AttemptOutcome): AttemptOutcome & { status: "failed" } {
  if (outcome.status === "ok") throw new Error("answered");
  return outcome;
}

describe("an error answer", () => {
  it("is a failure with the server's message, code, status, trace id and hints", async () => {
    const server = await serve((response) =>
      json(
        response,
        429,
        {
          code: 50602,
          message: "Request was rejected due to rate limiting. Details: TPM limit reached.",
          data: null,
        },
        { "retry-after": "20", "x-siliconcloud-trace-id": "ti_1" },
      ),
    );
    expect(await client(endpoint(server.origin)).send(streamed)).toEqual({
      status: "failed",
      failure: {
        kind: "rate_limited",
        message: "Request was rejected due to rate limiting. Details: TPM limit reached.",
        code: "50602",
        retryable: true,
        maybeBilled: false,
      },
      times: { latencyMs: time, ttftMs: null },
      httpStatus: 429,
      traceId: "ti_1",
      hints: { retryAfterMs: 20_000, axes: [], exceeded: { axis: "tpm", limit: null } },
    });
  });

  it("gives the wait that only its message names", async () => {
    const server = await serve((response) =>
      json(response, 429, { error: { message: "Please try again in 5.289s.", code: "rate_limit_exceeded" } }),
    );
    const outcome = await client(endpoint(server.origin)).send(unstreamed);
    expect(outcome.hints?.retryAfterMs).toBe(5289);
  });

  it("about the key names its variable and never its value, whole or in pieces", async () => {
    const server = await serve((response, seen) =>
      json(
        response,
        401,
        {
          error: {
            message: `Incorrect API key: ${seen.headers.authorization}, or ${key.slice(4, 14)}…`,
            code: `bad_${key}`,
          },
        },
        { "x-request-id": key },
      ),
    );
    const outcome = await client(endpoint(server.origin, { apiKey: key, apiKeyEnv: "LAB_KEY" })).send(
      unstreamed,
    );
    expect(failed(outcome)).toMatchObject({
      traceId: "***",
      failure: {
        kind: "auth",
        message: "Incorrect API key: Bearer ***, or ***… (key from `LAB_KEY`)",
        code: "bad_***",
        retryable: false,
      },
    });
    expect(JSON.stringify(outcome)).not.toContain(key.slice(0, 8));
  });

  it("says so when no key was sent", async () => {
    const server = await serve((response) => json(response, 401, "Invalid token"));
    const outcome = await client(endpoint(server.origin)).send(unstreamed);
    expect(failed(outcome).failure.message).toBe("Invalid token (no key was sent)");
  });

  it("masks secrets that the user put into headers and query", async () => {
    const server = await serve((response, seen) =>
      json(response, 400, { message: `${seen.path} ${seen.headers["api-key"]}` }),
    );
    const to = endpoint(server.origin, {
      headers: { "api-key": "azure-secret-1" },
      query: { token: "query-secret-2" },
    });
    expect(failed(await client(to).send(unstreamed)).failure.message).toBe(
      "/v1/chat/completions?token=*** ***",
    );
  });

  it("is read compressed, in part and as a page", async () => {
    const server = await serve((response, _seen, nth) => {
      if (nth === 1) {
        response.writeHead(500, { "content-encoding": "gzip" });
        response.end(gzipSync('{"message":"squeezed"}'));
      } else if (nth === 2) {
        response.writeHead(503, { "content-length": "500" });
        response.write('{"message":"cut');
        setImmediate(() => response.destroy());
      } else {
        response.writeHead(502, { "content-type": "text/html" });
        response.end("<html><head><title>Bad Gateway</title></head></html>");
      }
    });
    const provider = client(endpoint(server.origin));
    const failures = [];
    for (let i = 0; i < 3; i++) failures.push(failed(await provider.send(unstreamed)).failure);
    expect(failures.map((failure) => [failure.kind, failure.message, failure.maybeBilled])).toEqual([
      ["server", "squeezed", false],
      ["overloaded", '{"message":"cut', false],
      [
        "server",
        `HTTP 502 with an HTML page titled "Bad Gateway" from ${server.origin}/v1/chat/completions`,
        true,
      ],
    ]);
  });

  it("does not make the client follow a redirect", async () => {
    const server = await serve((response) => {
      response.writeHead(307, { location: "/elsewhere" });
      response.end();
    });
    const outcome = await client(endpoint(server.origin)).send(unstreamed);
    expect(failed(outcome)).toMatchObject({
      httpStatus: 307,
      failure: { kind: "invalid_request", retryable: false },
    });
    expect(server.seen).toHaveLength(1);
  });
});

describe("a 200 that is no answer", () => {
  it("names the URL when it is a web page", async () => {
    const server = await serve((response) => {
      response.writeHead(200, { "content-type": "text/html" });
      response.end("<!DOCTYPE html><html><head><title>Sign in</title></head></html>");
    });
    expect(failed(await client(endpoint(server.origin)).send(streamed))).toMatchObject({
      httpStatus: 200,
      failure: {
        kind: "bad_response",
        message: `${server.origin}/v1/chat/completions answered an HTML page titled "Sign in", not JSON; is the base URL right?`,
        retryable: false,
      },
    });
  });

  it("is a bad response when its encoding is unknown or broken", async () => {
    const server = await serve((response, _seen, nth) => {
      response.writeHead(200, {
        "content-type": "application/json",
        "content-encoding": nth === 1 ? "zstd" : "gzip",
      });
      response.end("not compressed at all");
    });
    const provider = client(endpoint(server.origin));
    expect(failed(await provider.send(unstreamed)).failure).toMatchObject({
      kind: "bad_response",
      retryable: false,
    });
    expect(failed(await provider.send(unstreamed)).failure).toMatchObject({
      kind: "network",
      retryable: true,
    });
  });

  it("is given up when it has no end", async () => {
    const server = await serve((response) => {
      response.writeHead(200, { "content-type": "application/json" });
      const piece = Buffer.alloc(1024 * 1024, 0x20);
      const more = (): void => {
        while (response.write(piece));
        response.once("drain", more);
      };
      response.write('{"x":"');
      more();
    });
    const failure = failed(await client(endpoint(server.origin)).send(unstreamed)).failure;
    expect(failure).toMatchObject({ kind: "bad_response", retryable: false });
    expect(failure.message).toContain("is larger than 32 MB");
  });

  it("fails at the error in its stream, and uses the connection no longer", async () => {
    const server = await serve((response, _seen, nth) => {
      response.writeHead(200, sse);
      if (nth === 1)
        response.write(delta({ content: "half" }) + event({ error: { code: 503, message: `down ${key}` } }));
      else response.end(helloStream);
    });
    const provider = client(endpoint(server.origin, { apiKey: key }), { connections: 1 });
    expect(failed(await provider.send(streamed))).toMatchObject({
      httpStatus: 200,
      times: { ttftMs: time },
      failure: { kind: "overloaded", message: "down ***", code: "503", retryable: true, maybeBilled: true },
    });
    expect(await provider.send(streamed)).toMatchObject({ status: "ok", answer: helloAnswer });
  });
});

describe("a broken connection", () => {
  it("before the request is said with the address", async () => {
    const port = await closedPort();
    const outcome = await client(endpoint(`http://127.0.0.1:${port}`)).send(unstreamed);
    expect(outcome).toEqual({
      status: "failed",
      failure: {
        kind: "network",
        message: `cannot connect to http://127.0.0.1:${port}/v1 (connection refused)`,
        code: "ECONNREFUSED",
        retryable: true,
        maybeBilled: false,
      },
      times: { latencyMs: time, ttftMs: null },
      httpStatus: null,
      traceId: null,
      hints: null,
    });
  });

  it("to each address of a name is one failure", async () => {
    const port = await closedPort();
    const outcome = await client(endpoint(`http://localhost:${port}`)).send(unstreamed);
    expect(failed(outcome).failure).toMatchObject({
      message: `cannot connect to http://localhost:${port}/v1 (connection refused)`,
      retryable: true,
    });
  });

  it("to a name that does not exist may be tried again", async () => {
    const outcome = await client(endpoint("http://no-such-host.invalid")).send(unstreamed);
    const { kind, retryable, code, message } = failed(outcome).failure;
    expect([kind, retryable]).toEqual(["network", true]);
    expect(["ENOTFOUND", "EAI_AGAIN"]).toContain(code);
    expect(message).toMatch(
      /^cannot connect to http:\/\/no-such-host\.invalid\/v1 \((no such host|name server did not answer)\)$/,
    );
  });

  it("before the answer may have been charged", async () => {
    const port = await serveRaw((socket) => socket.end());
    const outcome = await client(endpoint(`http://127.0.0.1:${port}`)).send(unstreamed);
    expect(failed(outcome).failure).toEqual({
      kind: "network",
      message: `no answer from http://127.0.0.1:${port}/v1 (the other side closed the connection)`,
      code: "UND_ERR_SOCKET",
      retryable: true,
      maybeBilled: true,
    });
  });

  it("by something that does not speak HTTP is not tried again", async () => {
    const port = await serveRaw((socket) => socket.end("SSH-2.0-OpenSSH_9.2\r\n"));
    const outcome = await client(endpoint(`http://127.0.0.1:${port}`)).send(unstreamed);
    expect(failed(outcome).failure).toMatchObject({ kind: "bad_response", retryable: false });
  });

  it.each([
    ["content-length", { "content-type": "application/json", "content-length": "5000" }],
    ["chunked", { "content-type": "application/json" }],
  ])("inside an unstreamed answer (%s) is a network failure", async (_name, headers) => {
    const server = await serve((response) => {
      response.writeHead(200, headers);
      response.write(JSON.stringify(helloBody).slice(0, 40));
      setImmediate(() => response.destroy());
    });
    expect(failed(await client(endpoint(server.origin)).send(unstreamed))).toMatchObject({
      httpStatus: 200,
      failure: { kind: "network", retryable: true, maybeBilled: true },
    });
  });

  const cuts: readonly (readonly [string, string, boolean, "failed" | "ok"])[] = [
    ["in the middle", delta({ content: "hel" }), true, "failed"],
    ["in the middle, closed in order", delta({ content: "hel" }), false, "failed"],
    ["before anything", "", true, "failed"],
    ["before anything, closed in order", "", false, "failed"],
    ["after the finish reason", delta({ content: "hello" }) + delta({}, "stop"), true, "ok"],
    [
      "after the finish reason, closed in order",
      delta({ content: "hello" }) + delta({}, "stop"),
      false,
      "ok",
    ],
    ["after [DONE]", helloStream, true, "ok"],
  ];
  it.each(cuts)("inside a stream %s", async (_name, sent, abrupt, status) => {
    const server = await serve((response) => {
      response.writeHead(200, sse);
      response.flushHeaders();
      response.write(sent, () => {
        if (abrupt) response.destroy();
        else response.end();
      });
    });
    const outcome = await client(endpoint(server.origin)).send(streamed);
    if (status === "ok")
      expect(outcome).toMatchObject({ status: "ok", answer: { completions: [{ content: "hello" }] } });
    else
      expect(failed(outcome).failure).toMatchObject({
        kind: "truncated_stream",
        retryable: true,
        maybeBilled: true,
      });
  });

  it.each([
    ["by the connection", true],
    ["by silence", false],
  ])("ended %s leaves what the server had said of its use", async (_name, abrupt) => {
    const usage = { prompt_tokens: 7, completion_tokens: 3 };
    const server = await serve((response) => {
      response.writeHead(200, sse);
      response.write(delta({ content: "a" }, null, { usage }), () => {
        if (abrupt) response.destroy();
      });
    });
    const timeouts = { connectMs: 5000, firstTokenMs: null, idleMs: 50, totalMs: null };
    const outcome = failed(await client(endpoint(server.origin), { timeouts }).send(streamed));
    expect(outcome.usage).toMatchObject({ promptTokens: 7, completionTokens: 3, totalTokens: 10 });
    expect(outcome.failure.maybeBilled).toBe(true);
  });

  it("after the first of two choices is no answer", async () => {
    const server = await serve((response) => {
      response.writeHead(200, sse);
      response.write(delta({ content: "a" }) + delta({}, "stop"), () => response.destroy());
    });
    const body = '{"model":"m","n":2,"messages":[],"stream":true}';
    const outcome = await client(endpoint(server.origin)).send({ ...streamed, body });
    expect(failed(outcome).failure.kind).toBe("truncated_stream");
  });
});

describe("a limit in time", () => {
  const limits = { connectMs: 5000, firstTokenMs: null, idleMs: null, totalMs: null };

  it("on the first token is not put off by comments or empty deltas", async () => {
    const server = await serve((response) => {
      response.writeHead(200, sse);
      const timer = setInterval(
        () => response.write(`: keep-alive\n\n${delta({ role: "assistant", content: "" })}`),
        5,
      );
      response.on("close", () => clearInterval(timer));
    });
    const timeouts = { ...limits, firstTokenMs: 40, idleMs: 20 };
    const outcome = await client(endpoint(server.origin), { timeouts }).send(streamed);
    expect(failed(outcome)).toMatchObject({
      httpStatus: 200,
      failure: {
        kind: "timeout",
        message: `no first token within 40 ms from ${server.origin}/v1`,
        retryable: true,
        maybeBilled: true,
      },
    });
  });

  it("on the first token holds before the headers too", async () => {
    const server = await serve(() => undefined);
    const timeouts = { ...limits, firstTokenMs: 30 };
    const outcome = await client(endpoint(server.origin), { timeouts }).send(streamed);
    expect(failed(outcome)).toMatchObject({
      httpStatus: null,
      failure: { kind: "timeout", maybeBilled: true },
    });
  });

  it("on silence begins with the first token", async () => {
    const server = await serve((response) => {
      response.writeHead(200, sse);
      response.flushHeaders();
      setTimeout(() => response.write(delta({ content: "hel" })), 60);
    });
    const timeouts = { ...limits, idleMs: 30 };
    const outcome = await client(endpoint(server.origin), { timeouts }).send(streamed);
    expect(failed(outcome)).toMatchObject({
      times: { ttftMs: time },
      failure: { kind: "timeout", message: `nothing for 30 ms inside the answer from ${server.origin}/v1` },
    });
  });

  it("on silence is put off by blank lines before an unstreamed answer, and by comments inside a stream", async () => {
    const server = await serve((response, seen) => {
      const stream = seen.body.includes('"stream":true');
      response.writeHead(200, stream ? sse : { "content-type": "application/json" });
      if (stream) response.write(delta({ content: "hello" }));
      let left = 8;
      const timer = setInterval(() => {
        if (left-- > 0) response.write(stream ? ": keep-alive\n\n" : "\n");
        else {
          clearInterval(timer);
          response.end(stream ? delta({}, "stop") : JSON.stringify(helloBody));
        }
      }, 20);
    });
    const provider = client(endpoint(server.origin), { timeouts: { ...limits, idleMs: 120 } });
    const outcomes = await Promise.all([provider.send(unstreamed), provider.send(streamed)]);
    expect(outcomes.map((outcome) => outcome.status)).toEqual(["ok", "ok"]);
  });

  it("on the whole ends an unstreamed answer that does not come, and no other limit does", async () => {
    const server = await serve(() => undefined);
    const timeouts = { connectMs: 5000, firstTokenMs: 10, idleMs: 10, totalMs: 60 };
    const outcome = await client(endpoint(server.origin), { timeouts }).send(unstreamed);
    expect(failed(outcome)).toMatchObject({
      failure: {
        kind: "timeout",
        message: `no complete answer within 60 ms from ${server.origin}/v1`,
        retryable: true,
        maybeBilled: true,
      },
    });
    expect(outcome.times.latencyMs).toBeGreaterThanOrEqual(60);
  });

  it("on connecting covers the TLS handshake, and nothing was charged", async () => {
    const port = await serveRaw(() => undefined);
    const timeouts = { ...limits, connectMs: 40 };
    const outcome = await client(endpoint(`https://127.0.0.1:${port}`), { timeouts }).send(unstreamed);
    expect(failed(outcome).failure).toEqual({
      kind: "timeout",
      message: `cannot connect to https://127.0.0.1:${port}/v1 (connect timeout)`,
      code: "UND_ERR_CONNECT_TIMEOUT",
      retryable: true,
      maybeBilled: false,
    });
  });

  it("on the whole covers the wait for a free connection", async () => {
    const server = await serve(() => undefined);
    const provider = client(endpoint(server.origin), {
      connections: 1,
      timeouts: { ...limits, totalMs: 50 },
    });
    const [sent, unsent] = await Promise.all([provider.send(unstreamed), provider.send(unstreamed)]);
    expect([failed(sent).failure.maybeBilled, failed(unsent).failure.maybeBilled]).toEqual([true, false]);
    expect(server.seen).toHaveLength(1);
  });

  it("keeps the status of an error whose body never ends", async () => {
    const server = await serve((response) => {
      response.writeHead(500, { "content-type": "application/json" });
      response.write('{"message":"broken"}');
    });
    const timeouts = { ...limits, idleMs: 30 };
    const outcome = await client(endpoint(server.origin), { timeouts }).send(streamed);
    expect(failed(outcome)).toMatchObject({
      httpStatus: 500,
      failure: { kind: "server", message: "broken" },
    });
  });
});

describe("cancelling", () => {
  it("ends what was sent and what was not, and leaves the client usable", async () => {
    const server = await serve((response, _seen, nth) => {
      if (nth === 1) provider.cancel();
      else json(response, 200, helloBody);
    });
    const provider = client(endpoint(server.origin), { connections: 1 });
    const outcomes = await Promise.all([provider.send(unstreamed), provider.send(streamed)]);
    expect(outcomes.map((outcome) => failed(outcome).failure)).toEqual([
      { kind: "cancelled", message: "the run was stopped", code: null, retryable: false, maybeBilled: true },
      { kind: "cancelled", message: "the run was stopped", code: null, retryable: false, maybeBilled: false },
    ]);
    expect(await provider.send(unstreamed)).toMatchObject({ status: "ok", answer: helloAnswer });
    expect(server.seen.map((seen) => seen.body)).toEqual([unstreamed.body, unstreamed.body]);
  });

  it("ends a stream in its middle with the time of its first token", async () => {
    const server = await serve((response) => {
      response.writeHead(200, sse);
      response.write(delta({ content: "a" }));
    });
    let reads = 0;
    const provider = client(endpoint(server.origin), {
      clock: () => {
        // The clock is read when the request is made, sent, answered, and at each piece of data.
        if (++reads === 4) setImmediate(() => provider.cancel());
        return reads;
      },
    });
    expect(failed(await provider.send(streamed))).toMatchObject({ httpStatus: 200, times: { ttftMs: time } });
  });

  it("happens by closing, after which nothing is sent", async () => {
    const server = await serve(() => undefined);
    const provider = client(endpoint(server.origin));
    const pending = provider.send(unstreamed);
    await Promise.all([provider.close(), provider.close()]);
    expect(failed(await pending).failure.kind).toBe("cancelled");
    expect(failed(await provider.send(unstreamed)).failure).toMatchObject({
      kind: "cancelled",
      maybeBilled: false,
    });
  });
});

describe("a request that cannot be written", () => {
  it("is a failure that says which header, and not its value", async () => {
    const server = await serve((response) => json(response, 200, helloBody));
    const withKey = await client(endpoint(server.origin, { apiKey: `${key}\n` })).send(unstreamed);
    expect(failed(withKey).failure).toMatchObject({ kind: "auth", retryable: false, maybeBilled: false });
    expect(JSON.stringify(withKey)).not.toContain(key.slice(0, 8));
    const withHeader = await client(endpoint(server.origin, { headers: { "x-a": "é\u0001" } })).send(
      unstreamed,
    );
    expect(failed(withHeader).failure).toMatchObject({ kind: "invalid_request", retryable: false });
    expect(failed(withHeader).failure.message).toContain("invalid x-a header");
    expect(server.seen).toHaveLength(0);
  });
});

/** A loopback port on which nothing listens. */
async function closedPort(): Promise<number> {
  const { createServer } = await import("node:net");
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}
