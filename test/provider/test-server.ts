import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { createServer as createRawServer, type Server as RawServer, type Socket } from "node:net";
import { afterEach } from "vitest";
import type { Answer } from "../../src/outcome/completion.ts";
import { type ChatClientOptions, createChatClient } from "../../src/provider/chat-client.ts";
import type { Endpoint } from "../../src/provider/endpoint.ts";
import { plainPreset } from "../../src/provider/presets.ts";
import type { Provider } from "../../src/provider/provider.ts";

/** One request as the server saw it. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export interface TestServer {
  readonly origin: string;
  readonly port: number;
  readonly seen: Seen[];
  /** Connections accepted so far. */
  connections(): number;
}

export type Respond = (response: ServerResponse, seen: Seen, nth: number) => void;

const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** An HTTP server on a free loopback port, closed after the test. */
export async function serve(respond: Respond, tls?: { key: string; cert: string }): Promise<TestServer> {
  const seen: Seen[] = [];
  let connections = 0;
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const one: Seen = {
        method: request.method ?? "",
        path: request.url ?? "",
        headers: request.headers,
        body: Buffer.concat(chunks).toString("utf8"),
      };
      seen.push(one);
      respond(response, one, seen.length);
    });
  };
  const server: Server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  server.on("connection", () => {
    connections++;
  });
  const port = await listen(server);
  closers.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return {
    origin: `${tls === undefined ? "http" : "https"}://127.0.0.1:${port}`,
    port,
    seen,
    connections: () => connections,
  };
}

/** A TCP server on a free loopback port, closed after the test; `onData` gets what a client sends. */
export async function serveRaw(onData: (socket: Socket, data: Buffer) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createRawServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("data", (data) => onData(socket, data));
  });
  const port = await listen(server);
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return port;
}

function listen(server: Server | RawServer): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
}

export function endpoint(origin: string, changes: Partial<Endpoint> = {}): Endpoint {
  return {
    key: "test",
    preset: "generic",
    baseUrl: `${origin}/v1`,
    apiKey: null,
    apiKeyEnv: null,
    authHeader: "authorization",
    headers: {},
    query: {},
    ca: null,
    models: {},
    dialect: plainPreset,
    streamUsageOption: false,
    sendRequestId: false,
    ...changes,
  };
}

/** A client with generous limits, closed after the test. */
export function client(to: Endpoint, options: Partial<ChatClientOptions> = {}): Provider {
  const provider = createChatClient(to, {
    timeouts: { connectMs: 5000, firstTokenMs: null, idleMs: null, totalMs: 20_000 },
    connections: 8,
    userAgent: "promptgrid/test",
    ...options,
  });
  closers.push(() => provider.close());
  return provider;
}

export const unstreamed = { requestId: "r1", body: '{"model":"m","messages":[]}', stream: false } as const;
export const streamed = {
  requestId: "r1",
  body: '{"model":"m","messages":[],"stream":true}',
  stream: true,
} as const;

export function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
}

export const helloBody: Readonly<Record<"id" | "object" | "model", string>> & {
  readonly choices: readonly object[];
  readonly usage: object;
} = {
  id: "resp-1",
  object: "chat.completion",
  model: "m-2025",
  choices: [{ index: 0, message: { role: "assistant", content: "hello" }, finish_reason: "stop" }],
  usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
};

export const helloAnswer: Answer = {
  completions: [
    {
      choice: 0,
      content: "hello",
      reasoning: "",
      toolCalls: [],
      refusal: null,
      finishReason: "stop",
      finishReasonRaw: "stop",
    },
  ],
  usage: {
    promptTokens: 3,
    completionTokens: 2,
    reasoningTokens: null,
    cachedTokens: null,
    totalTokens: 5,
    estimated: false,
  },
  responseId: "resp-1",
  responseModel: "m-2025",
};

/** One event of a stream. */
export function event(value: unknown): string {
  return `data: ${typeof value === "string" ? value : JSON.stringify(value)}\n\n`;
}

/** A chunk with one delta of choice 0. */
export function delta(part: object, finish: string | null = null, rest: object = {}): string {
  return event({
    id: "resp-1",
    model: "m-2025",
    choices: [{ index: 0, delta: part, finish_reason: finish }],
    ...rest,
  });
}

export const helloStream: string = [
  delta({ role: "assistant", content: "" }),
  delta({ content: "hel" }),
  delta({ content: "lo" }),
  delta({}, "stop", { usage: helloBody.usage }),
  event("[DONE]"),
].join("");
