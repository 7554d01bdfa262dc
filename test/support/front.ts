import { createServer, type IncomingMessage, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** What a front does with an exchange: nothing, answers in place of the server, or cuts before or after it was forwarded. */
export type FrontMood =
  | "pass"
  | "cut-before"
  | "cut-after"
  | { readonly status: number; readonly body: string };

/** A proxy in front of a local server that misbehaves as it is told. */
export interface Front {
  readonly baseUrl: string;
  /** `GET /v1/batches` and so on, in the order they came. */
  readonly calls: readonly string[];
  close(): Promise<void>;
}

/** Starts a front; `mood` is asked about each exchange, with its number among equal calls, from 0. */
export async function startFront(
  target: string,
  mood: (call: string, nth: number) => FrontMood,
): Promise<Front> {
  const { port } = new URL(target);
  const calls: string[] = [];
  const server: Server = createServer((incoming, response) => {
    const call = `${incoming.method} ${incoming.url}`;
    const wanted = mood(call, calls.filter((one) => one === call).length);
    calls.push(call);
    void bodyOf(incoming).then((body) => {
      if (wanted === "cut-before") return incoming.socket.destroy();
      if (typeof wanted === "object")
        return response.writeHead(wanted.status, { "content-type": "application/json" }).end(wanted.body);
      const forwarded = request(
        {
          port,
          host: "127.0.0.1",
          method: incoming.method,
          path: incoming.url,
          headers: { ...incoming.headers, host: `127.0.0.1:${port}` },
        },
        (answer) => {
          if (wanted === "cut-after") {
            answer.resume();
            answer.once("end", () => incoming.socket.destroy());
            return;
          }
          response.writeHead(answer.statusCode ?? 500, answer.headers);
          answer.pipe(response);
        },
      );
      forwarded.once("error", () => incoming.socket.destroy());
      return forwarded.end(body);
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    calls,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

async function bodyOf(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
