import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import type { AttemptOutcome } from "../../src/outcome/attempt.ts";
import {
  client,
  endpoint,
  helloAnswer,
  helloBody,
  json,
  serve,
  serveRaw,
  unstreamed,
} from "./test-server.ts";

const fixture = (name: string): string =>
  readFileSync(new URL(`./fixtures/${name}`, import.meta.url), "utf8");
const ca = fixture("authority.pem");
const localhost = { key: fixture("localhost.key"), cert: fixture("localhost.pem") };
const otherHost = { key: fixture("otherhost.key"), cert: fixture("otherhost.pem") };

const failure = (outcome: AttemptOutcome): unknown =>
  outcome.status === "failed" ? outcome.failure : outcome;

describe("TLS", () => {
  it("works with an authority of one's own", async () => {
    const server = await serve((response) => json(response, 200, helloBody), localhost);
    const outcome = await client(endpoint(server.origin, { ca })).send(unstreamed);
    expect(outcome).toMatchObject({ status: "ok", answer: helloAnswer });
  });

  it.each([
    [
      "an authority that nobody trusts",
      localhost,
      null,
      "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
      "its authority is not trusted; `ca_file` can name it as trusted",
    ],
    [
      "a certificate for another host",
      otherHost,
      ca,
      "ERR_TLS_CERT_ALTNAME_INVALID",
      "its certificate is for another host",
    ],
  ])(
    "refuses %s, for good, before anything is sent, whatever the environment says",
    async (_name, tls, authority, code, reason) => {
      const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED;
      process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
      try {
        const server = await serve((response) => json(response, 200, helloBody), tls);
        const outcome = await client(
          endpoint(server.origin, { ca: authority, apiKey: "sk-0123456789" }),
        ).send(unstreamed);
        expect(failure(outcome)).toEqual({
          kind: "network",
          message: `cannot connect to ${server.origin}/v1 (${reason})`,
          code,
          retryable: false,
          maybeBilled: false,
        });
        expect(server.seen).toEqual([]);
      } finally {
        if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
        else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before;
      }
    },
  );

  it("to a server without it is a failure for good", async () => {
    const server = await serve((response) => json(response, 200, helloBody));
    const outcome = await client(endpoint(server.origin.replace("http:", "https:"))).send(unstreamed);
    expect(failure(outcome)).toMatchObject({ kind: "network", retryable: false, maybeBilled: false });
  });
});

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

/** A proxy that tunnels, or answers CONNECT with a status. */
async function proxy(status = 200): Promise<{ url: string; asked: IncomingMessage[] }> {
  const asked: IncomingMessage[] = [];
  const sockets = new Set<Socket>();
  const server = createServer();
  server.on("connection", (socket) => sockets.add(socket));
  server.on("connect", (request: IncomingMessage, socket: Socket, head: Buffer) => {
    asked.push(request);
    if (status !== 200) {
      socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const [host, port] = (request.url ?? "").split(":");
    const target = connect(Number(port), host, () => {
      socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      target.write(head);
      target.pipe(socket).pipe(target);
    });
    sockets.add(target);
    target.on("error", () => socket.destroy());
    socket.on("error", () => target.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  open.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  return { url: `http://user:p%40ss@127.0.0.1:${typeof address === "object" ? address?.port : 0}`, asked };
}

describe("a proxy", () => {
  it.each([
    ["http", undefined],
    ["https", localhost],
  ])("carries %s through a tunnel, with its own credentials and without ours", async (_name, tls) => {
    const server = await serve((response) => json(response, 200, helloBody), tls);
    const through = await proxy();
    const provider = client(endpoint(server.origin, { ca, apiKey: "sk-0123456789" }), {
      proxy: through.url,
      connections: 1,
    });
    expect(await provider.send(unstreamed)).toMatchObject({ status: "ok", answer: helloAnswer });
    expect(await provider.send(unstreamed)).toMatchObject({ status: "ok", answer: helloAnswer });
    expect(through.asked.map((request) => [request.url, request.headers.authorization])).toEqual([
      [`127.0.0.1:${server.port}`, undefined],
    ]);
    expect(through.asked[0]?.headers["proxy-authorization"]).toBe(
      `Basic ${Buffer.from("user:p@ss").toString("base64")}`,
    );
  });

  it.each([
    [407, false, "the proxy asks for a user and a password: HTTP 407"],
    [403, false, "the proxy answered HTTP 403"],
    [502, true, "the proxy answered HTTP 502"],
  ])("that answers %i is said, and asked once", async (status, retryable, reason) => {
    const through = await proxy(status);
    const outcome = await client(endpoint("https://api.example.invalid"), { proxy: through.url }).send(
      unstreamed,
    );
    expect(failure(outcome)).toEqual({
      kind: "network",
      message: `cannot connect to https://api.example.invalid/v1 (${reason})`,
      code: null,
      retryable,
      maybeBilled: false,
    });
    expect(through.asked).toHaveLength(1);
  });

  it("that hangs up is asked once", async () => {
    let asked = 0;
    const port = await serveRaw((socket) => {
      asked++;
      socket.destroy();
    });
    const provider = client(endpoint("https://api.example.invalid"), { proxy: `http://127.0.0.1:${port}` });
    expect(failure(await provider.send(unstreamed))).toMatchObject({
      kind: "network",
      code: "ECONNRESET",
      retryable: true,
    });
    expect(asked).toBe(1);
  });

  it("that says nothing runs into the connect limit", async () => {
    const port = await serveRaw(() => undefined);
    const timeouts = { connectMs: 40, firstTokenMs: null, idleMs: null, totalMs: null };
    const provider = client(endpoint("https://api.example.invalid"), {
      proxy: `http://127.0.0.1:${port}`,
      timeouts,
    });
    expect(failure(await provider.send(unstreamed))).toMatchObject({
      kind: "timeout",
      retryable: true,
      maybeBilled: false,
    });
  });
});
