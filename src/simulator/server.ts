import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Exchange, writeHead, writeRefusal } from "./answer-head.ts";
import { BatchDesk } from "./batches/batch-desk.ts";
import { answerBatchCall, isBatchPath } from "./batches/batch-wire.ts";
import { Counters } from "./counters.ts";
import { Decider } from "./decision.ts";
import { countedId } from "./draw.ts";
import { answerChat, header } from "./exchange.ts";
import { checkFaults } from "./faults.ts";
import { LessonBook } from "./lesson-book.ts";
import { simulatedModels } from "./models.ts";
import type { Simulator, SimulatorOptions } from "./options.ts";
import { recordedModel } from "./recordings.ts";
import { bareRefusal, refusal } from "./refusal.ts";
import { loadTokenizer } from "./tokens.ts";

const largestBody = 64 * 1024 * 1024;
const largestUpload = 256 * 1024 * 1024;
const tooLarge = refusal(413, 20042, "request body too large");

/**
 * Starts the local endpoint on 127.0.0.1: `POST /v1/chat/completions`, `GET /v1/models`, `/v1/files` and `/v1/batches` as
 * SiliconFlow speaks them.
 * Rejects with the system's error (`EADDRINUSE`, `EACCES`) when the port cannot be had, and with a `UsageError` for
 * faults that add up to more than 1.
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  checkFaults(options.faults ?? []);
  const now = (): number => performance.timeOrigin + performance.now();
  const counters = new Counters(options.countRequestIds ?? false);
  const lessons = new LessonBook(options.awaitLessons ?? null);
  const decider = new Decider(options, await loadTokenizer(), lessons, now);
  const models = modelList(options);
  const desk = new BatchDesk({
    options: options.batches ?? {},
    seed: options.seed ?? 1,
    counters,
    now,
    answer: ({ customId, body }) => decider.answerLine(body, customId),
  });
  let exchanges = 0;

  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const id = countedId(options.seed ?? 1, exchanges++);
    const exchange = { request, response, id, trace: traceOf(request) ?? `ti_${id.slice(0, 20)}` };
    const path = request.url?.split("?")[0];
    if (path === "/v1/chat/completions" && request.method === "POST") {
      readBody(request, (body) => {
        if (body === null) writeRefusal(exchange, tooLarge);
        else
          answerChat(exchange, body.toString("utf8"), decider, counters).catch((error: unknown) =>
            fail(exchange, error),
          );
      });
      return;
    }
    if (path !== undefined && isBatchPath(path)) {
      readBody(
        request,
        (body) => {
          const refused =
            decider.denies(header(request, "authorization")) ?? (body === null ? tooLarge : null);
          if (body === null || refused !== null) writeRefusal(exchange, refused ?? tooLarge);
          else answerBatchCall(exchange, path, body, desk).catch((error: unknown) => fail(exchange, error));
        },
        largestUpload,
      );
      return;
    }
    request.resume();
    if (path !== "/v1/models" || request.method !== "GET") {
      writeRefusal(exchange, bareRefusal(404, "404 page not found"));
      return;
    }
    const denied = decider.denies(header(request, "authorization"));
    if (denied === null) {
      writeHead(exchange, 200, "application/json; charset=utf-8", Buffer.byteLength(models));
      response.end(models);
    } else writeRefusal(exchange, denied);
  };
  const fail = (exchange: Exchange, error: unknown): void => {
    counters.rejected(500);
    const message = error instanceof Error ? error.message : String(error);
    if (exchange.response.headersSent) exchange.response.destroy();
    else writeRefusal(exchange, refusal(500, 50500, `the simulator failed: ${message}`));
  };

  const server = createServer(
    { keepAliveTimeout: 65_000, headersTimeout: 66_000, requestTimeout: 0 },
    handle,
  );
  const port = await listen(server, options.port ?? 0);
  return {
    port,
    baseUrl: `http://127.0.0.1:${port}/v1`,
    stats: () => counters.stats(),
    teach: (requestId, lesson) => lessons.teach(requestId, lesson, now()),
    close: () => {
      lessons.close();
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host: "127.0.0.1", backlog: 4096 }, () => {
      server.off("error", reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** Hands over the body once it is complete; null for one that is too large. A broken upload is dropped. */
function readBody(
  request: IncomingMessage,
  done: (body: Buffer | null) => void,
  largest: number = largestBody,
): void {
  const chunks: Buffer[] = [];
  let length = 0;
  request.on("data", (chunk: Buffer) => {
    length += chunk.length;
    if (length <= largest) chunks.push(chunk);
    else chunks.length = 0;
  });
  request.once("end", () => {
    if (length > largest) return done(null);
    const [first, second] = chunks;
    done(first !== undefined && second === undefined ? first : Buffer.concat(chunks));
  });
  request.on("error", () => {});
}

/** The caller's own id of the exchange (`x-trace-id`, or the trace of a W3C `traceparent`); null when it has none. */
function traceOf(request: IncomingMessage): string | null {
  const own = header(request, "x-trace-id") ?? "";
  if (/^[\x21-\x7e]{1,128}$/.test(own)) return own;
  return /^[\da-f]{2}-([\da-f]{32})-/.exec(header(request, "traceparent") ?? "")?.[1] ?? null;
}

function modelList(options: SimulatorOptions): string {
  const simulated = [...Object.keys(simulatedModels), ...Object.keys(options.modelAbilities ?? {})];
  const ids = options.replay === undefined ? simulated : [...options.replay.keys()].map(recordedModel);
  const data = [...new Set(ids)].map((id) => ({ id, object: "model", created: 0, owned_by: "" }));
  return JSON.stringify({ object: "list", data });
}
