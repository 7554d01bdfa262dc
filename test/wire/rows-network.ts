import { createServer, type Socket } from "node:net";
import { delta, event, serve, serveRaw } from "../provider/test-server.ts";
import { type Asked, ask, compare, type Gives, givesText, plainJson, sse } from "./exchange.ts";
import { asCode, type WireGroup, type WireRow } from "./row.ts";

const whole: Asked = { stream: false };
const stream: Asked = { stream: true };
const local = (port: number, scheme = "http"): string => `${scheme}://127.0.0.1:${port}`;

/** A port on which nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer();
  const port = await new Promise<number>((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function networkRow(
  name: string,
  from: string,
  origin: () => Promise<string>,
  gives: Gives,
  asked: Asked = whole,
  status: number | null = null,
): WireRow {
  const limits = Object.entries(asked.timeouts ?? {}).map(([limit, ms]) => asCode(`${limit}: ${ms}`));
  return {
    name,
    wire: [asked.stream ? "streamed" : "unstreamed", ...limits].join(", "),
    becomes: givesText(gives),
    from,
    check: async () => {
      const at = await origin();
      compare(await ask(at, asked), gives, status, at);
    },
  };
}

const raw = (onData: (socket: Socket) => void) => async (): Promise<string> => local(await serveRaw(onData));
const lost = { kind: "network", retryable: true, maybeBilled: true } as const;
const truncated: Gives = {
  kind: "truncated_stream",
  message: "the stream broke off (the other side closed the connection) before `[DONE]` or a finish reason",
  retryable: true,
  maybeBilled: true,
};
const anonymous = { id: undefined, model: undefined };
const hel = delta({ content: "hel" }, null, anonymous);

/** Sends headers and a first piece, then breaks the connection. */
const cutAfter =
  (headers: Readonly<Record<string, string>>, text: string, status = 200) =>
  async (): Promise<string> => {
    const server = await serve((response) => {
      response.writeHead(status, headers);
      response.flushHeaders();
      response.write(text, () => response.destroy());
    });
    return server.origin;
  };

/** Connections that break. */
export const network: WireGroup = {
  title: "Connections that break",
  text: "Before the request was written nothing can have been billed; after that it may have been.",
  heads: ["asked", "becomes"],
  rows: [
    networkRow("nobody listens", "dialects §6", async () => local(await closedPort()), {
      kind: "network",
      message: "cannot connect to {base} (connection refused)",
      code: "ECONNREFUSED",
      retryable: true,
    }),
    networkRow(
      "closed before the status line",
      "dialects §6",
      raw((socket) => socket.end()),
      {
        ...lost,
        message: "no answer from {base} (the other side closed the connection)",
        code: "UND_ERR_SOCKET",
      },
    ),
    networkRow(
      "reset before the status line",
      "dialects §6",
      raw((socket) => socket.resetAndDestroy()),
      {
        ...lost,
        message: "no answer from {base} (connection reset)",
        code: "ECONNRESET",
      },
    ),
    networkRow(
      "closed before the length that was promised",
      "dialects §6",
      cutAfter({ ...plainJson, "content-length": "500" }, '{"choices":['),
      { ...lost, message: "the answer of {url} broke off (the other side closed the connection)" },
      whole,
      200,
    ),
    networkRow(
      "closed inside a chunked body",
      "dialects §6",
      cutAfter(plainJson, '{"choices":['),
      { ...lost, message: "the answer of {url} broke off (the other side closed the connection)" },
      whole,
      200,
    ),
    networkRow("closed inside a stream", "dialects §6", cutAfter(sse, hel), truncated, stream, 200),
    networkRow("closed before the first event", "dialects §6", cutAfter(sse, ""), truncated, stream, 200),
    networkRow(
      "closed after the finish reason",
      "dialects §5",
      cutAfter(sse, hel + delta({ content: "lo" }, "stop", anonymous)),
      { completions: [{ content: "hello" }] },
      stream,
      200,
    ),
    networkRow(
      "closed after `[DONE]`",
      "dialects §5",
      cutAfter(sse, hel + delta({ content: "lo" }, "stop", anonymous) + event("[DONE]")),
      { completions: [{ content: "hello" }] },
      stream,
      200,
    ),
    networkRow(
      "closed after the first of two choices",
      "dialects §5",
      cutAfter(sse, delta({ content: "a" }, "stop", anonymous)),
      truncated,
      { stream: true, n: 2 },
      200,
    ),
    networkRow(
      "closed inside an error",
      "dialects §3",
      cutAfter({ ...plainJson, "content-length": "500" }, '{"message":"cut', 503),
      { kind: "overloaded", message: '{"message":"cut', retryable: true },
      whole,
      503,
    ),
    networkRow(
      "something that does not speak HTTP",
      "dialects §6",
      raw((socket) => socket.end("SSH-2.0-x\r\n")),
      {
        kind: "bad_response",
        message: "no answer from {base} (it does not speak HTTP: {any})",
        maybeBilled: true,
      },
    ),
    networkRow(
      "`https` to a server without TLS",
      "dialects §6",
      async () => {
        const server = await serve((response) => response.end());
        return local(server.port, "https");
      },
      {
        kind: "network",
        message: "cannot connect to {base} (it does not speak TLS; is `https` right?)",
        code: "ERR_SSL_WRONG_VERSION_NUMBER",
      },
    ),
    networkRow(
      "headers without end",
      "issue 5",
      raw((socket) => socket.end(`HTTP/1.1 200 OK\r\n${`x-pad: ${"x".repeat(1000)}\r\n`.repeat(100)}\r\n`)),
      {
        kind: "bad_response",
        message: "no answer from {base} (the response headers are too large)",
        code: "UND_ERR_HEADERS_OVERFLOW",
        maybeBilled: true,
      },
    ),
  ],
};

const silent = async (): Promise<string> => (await serve(() => undefined)).origin;
const timeout = { kind: "timeout", retryable: true, maybeBilled: true } as const;
const limits = { firstTokenMs: null, idleMs: null, totalMs: null } as const;

/** A stream that goes on: a line every 5 ms. */
const drip = (line: string) => async (): Promise<string> => {
  const server = await serve((response) => {
    response.writeHead(200, sse);
    const timer = setInterval(() => response.write(line), 5);
    response.on("close", () => clearInterval(timer));
  });
  return server.origin;
};

/** Headers and a first piece, then nothing more. */
const stuck =
  (headers: Readonly<Record<string, string>>, text: string, status = 200) =>
  async (): Promise<string> => {
    const server = await serve((response) => {
      response.writeHead(status, headers);
      response.flushHeaders();
      response.write(text);
    });
    return server.origin;
  };

/** Limits in time. */
export const timeLimits: WireGroup = {
  title: "Limits in time",
  text: "Each limit on its own, with its own message. What is not set is no limit.",
  heads: ["asked", "becomes"],
  rows: [
    networkRow(
      "connect: the TLS handshake does not end",
      "dialects §5.16",
      async () => local(await serveRaw(() => undefined), "https"),
      {
        kind: "timeout",
        message: "cannot connect to {base} (connect timeout)",
        code: "UND_ERR_CONNECT_TIMEOUT",
        retryable: true,
      },
      { stream: false, timeouts: { ...limits, connectMs: 40 } },
    ),
    networkRow(
      "first token: no status line",
      "dialects §5.16",
      silent,
      { ...timeout, message: "no first token within 40 ms from {base}" },
      { stream: true, timeouts: { ...limits, firstTokenMs: 40 } },
    ),
    networkRow(
      "first token: comments do not put it off",
      "dialects §5.3",
      drip(": keep-alive\n\n"),
      { ...timeout, message: "no first token within 40 ms from {base}" },
      { stream: true, timeouts: { ...limits, firstTokenMs: 40, idleMs: 20 } },
      200,
    ),
    networkRow(
      "first token: deltas without text do not put it off",
      "dialects §5.7",
      drip(delta({ role: "assistant", content: "" }, null, anonymous)),
      { ...timeout, message: "no first token within 40 ms from {base}" },
      { stream: true, timeouts: { ...limits, firstTokenMs: 40 } },
      200,
    ),
    networkRow(
      "idle: nothing after the first token",
      "dialects §5.16",
      stuck(sse, hel),
      { ...timeout, message: "nothing for 40 ms inside the answer from {base}" },
      { stream: true, timeouts: { ...limits, idleMs: 40 } },
      200,
    ),
    networkRow(
      "idle: comments put it off, until the total",
      "dialects §5.3",
      async () => {
        const server = await serve((response) => {
          response.writeHead(200, sse);
          response.write(hel);
          const timer = setInterval(() => response.write(": ping\n\n"), 5);
          response.on("close", () => clearInterval(timer));
        });
        return server.origin;
      },
      { ...timeout, message: "no complete answer within 200 ms from {base}" },
      { stream: true, timeouts: { ...limits, idleMs: 100, totalMs: 200 } },
      200,
    ),
    networkRow(
      "idle: nothing after the first bytes of JSON",
      "dialects §5.16",
      stuck(plainJson, "{"),
      { ...timeout, message: "nothing for 40 ms inside the answer from {base}" },
      { stream: false, timeouts: { ...limits, idleMs: 40 } },
      200,
    ),
    networkRow(
      "total: the only limit of an unstreamed answer that does not begin",
      "dialects §5.16",
      silent,
      { ...timeout, message: "no complete answer within 60 ms from {base}" },
      { stream: false, timeouts: { firstTokenMs: 10, idleMs: 10, totalMs: 60 } },
    ),
    networkRow(
      "total: a stream that goes on",
      "dialects §5.16",
      drip(hel),
      { ...timeout, message: "no complete answer within 60 ms from {base}" },
      { stream: true, timeouts: { ...limits, totalMs: 60 } },
      200,
    ),
    networkRow(
      "an error whose body does not end keeps its status",
      "dialects §3",
      stuck(plainJson, '{"message":"broken"}', 500),
      { kind: "server", message: "broken", retryable: true },
      { stream: true, timeouts: { ...limits, idleMs: 40 } },
      500,
    ),
  ],
};
