import { readFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { client, delta, endpoint, helloBody, serve, streamed, unstreamed } from "./test-server.ts";

/** Lets undici's own clock run for so many minutes, in which the sockets are read. */
async function pass(minutes: number): Promise<void> {
  for (let second = 0; second < minutes * 60; second++) {
    vi.advanceTimersByTime(1000);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const patient = { connectMs: 5000, firstTokenMs: null, idleMs: null, totalMs: null };

describe("an answer that thinks for ten minutes", () => {
  // undici keeps one timer for all that it does: it must be of one and the same clock.
  beforeAll(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  });
  afterAll(() => {
    vi.useRealTimers();
  });

  it.each(["before its status line", "in its middle"])("%s is waited for", async (where) => {
    let held: ServerResponse | null = null;
    let arrived = (): void => undefined;
    const asked = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const stream = where === "in its middle";
    const server = await serve((response) => {
      held = response;
      if (stream) {
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.write(delta({ content: "hel" }), arrived);
      } else arrived();
    });
    const outcome = client(endpoint(server.origin), { timeouts: patient }).send(
      stream ? streamed : unstreamed,
    );
    await asked;
    await pass(10);
    const response = held as ServerResponse | null;
    if (stream) response?.end(delta({ content: "lo" }, "stop"));
    else response?.end(JSON.stringify(helloBody));
    expect(await outcome).toMatchObject({ status: "ok", answer: { completions: [{ content: "hello" }] } });
  });
});

const fixture = (name: string): string =>
  readFileSync(new URL(`./fixtures/${name}`, import.meta.url), "utf8");

describe("a proxy that is spoken to over TLS", () => {
  it("is verified: nothing is asked of one that nobody vouches for", async () => {
    const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
    const asked: string[] = [];
    const proxy = createTlsServer({ key: fixture("localhost.key"), cert: fixture("localhost.pem") });
    proxy.on("connect", (request, socket) => {
      asked.push(request.url ?? "");
      socket.destroy();
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    try {
      const address = proxy.address();
      const port = typeof address === "object" ? address?.port : 0;
      const to = endpoint("https://api.example.invalid", { apiKey: "sk-0123456789" });
      const outcome = await client(to, { proxy: `https://user:pass@127.0.0.1:${port}` }).send(unstreamed);
      expect(outcome).toMatchObject({
        status: "failed",
        failure: {
          kind: "network",
          code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
          retryable: false,
          maybeBilled: false,
        },
      });
      expect(asked).toEqual([]);
    } finally {
      if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
      else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before;
      await new Promise((resolve) => proxy.close(resolve));
    }
  });
});
