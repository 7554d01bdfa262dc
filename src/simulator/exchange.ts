import type { IncomingMessage, ServerResponse } from "node:http";
import type { Counters } from "./counters.ts";
import type { Decider, Decision } from "./decision.ts";
import type { Refusal } from "./refusal.ts";
import { waitUntil, writeSteps } from "./stream-writer.ts";
import { ChunkStream, completionBody, emptyAnswer, stepsOf, usedTokens } from "./wire.ts";

const jsonType = "application/json; charset=utf-8";
const eventType = "text/event-stream; charset=utf-8";

/** One HTTP exchange under way. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** 32 hex digits, unique to this exchange: the `id` of its answer. */
  readonly id: string;
  /** Sent as `x-siliconcloud-trace-id`. */
  readonly trace: string;
}

type ReplyDecision = Extract<Decision, { kind: "reply" }>;

/** Answers a `POST /v1/chat/completions` whose body has arrived, and counts what became of it. */
export async function answerChat(
  exchange: Exchange,
  body: string,
  decider: Decider,
  counters: Counters,
): Promise<void> {
  const startMs = performance.now();
  const { request, response } = exchange;
  const requestId = header(request, "x-promptgrid-request");
  const index = counters.arrived(requestId);
  let cutOnPurpose = false;
  response.once("close", () => counters.left(response.writableEnded || cutOnPurpose));

  const decision = await decider.decide({
    index,
    authorization: header(request, "authorization"),
    requestId,
    body,
  });
  const { fault } = decision;
  if (fault !== null) counters.struck(fault);
  cutOnPurpose = fault === "reset" || fault === "hang" || fault === "truncate";
  if (decision.kind === "refuse") {
    if (decision.refusal.status >= 400) counters.rejected(decision.refusal.status);
    writeRefusal(exchange, decision.refusal);
  } else if (decision.kind === "silence") {
    if (fault === "reset") request.socket.resetAndDestroy();
  } else if (decision.stream && fault !== "empty") {
    await writeStream(exchange, decision, startMs, counters);
  } else {
    await writeWhole(exchange, decision, startMs, counters);
  }
}

/** Writes an error, whole. */
export function writeRefusal(exchange: Exchange, refused: Refusal): void {
  writeHead(exchange, refused.status, refused.contentType, Buffer.byteLength(refused.body));
  exchange.response.end(refused.body);
}

/** Writes a head; a null length means chunks. */
export function writeHead(
  exchange: Exchange,
  status: number,
  contentType: string,
  length: number | null,
): void {
  exchange.response.writeHead(status, {
    "content-type": contentType,
    ...(length === null ? { "cache-control": "no-cache" } : { "content-length": length }),
    "x-siliconcloud-trace-id": exchange.trace,
  });
}

async function writeStream(
  exchange: Exchange,
  decision: ReplyDecision,
  startMs: number,
  counters: Counters,
): Promise<void> {
  const { response } = exchange;
  const { reply, latency, fault } = decision;
  if (!(await waitUntil(response, startMs + latency.firstMs))) return;
  writeHead(exchange, 200, eventType, null);
  const chunks = new ChunkStream(reply, { id: exchange.id, created: unixSeconds() });
  const limit = fault === "truncate" ? Math.floor(chunks.steps / 2) : chunks.steps;
  if (!(await writeSteps(response, chunks, limit, startMs, latency))) return;
  if (fault === "truncate") {
    // A cut stream ends in either of the two ways that are seen: the connection goes, or the body just ends.
    response.flushHeaders();
    if (Number.parseInt(exchange.id.slice(0, 8), 16) % 2 === 0) response.end();
    else response.socket?.destroySoon();
  } else {
    countAnswer(reply, counters);
    response.end();
  }
}

async function writeWhole(
  exchange: Exchange,
  decision: ReplyDecision,
  startMs: number,
  counters: Counters,
): Promise<void> {
  const { response } = exchange;
  const { reply, latency, fault, stream } = decision;
  const doneMs = startMs + latency.firstMs + (stepsOf(reply) - 1) * latency.perTokenMs;
  if (!(await waitUntil(response, doneMs))) return;
  const head = { id: exchange.id, created: unixSeconds() };
  const text = fault === "empty" ? emptyAnswer(reply, head, stream) : completionBody(reply, head);
  writeHead(exchange, 200, stream ? eventType : jsonType, Buffer.byteLength(text));
  if (fault === "truncate") {
    response.write(text.slice(0, text.length / 2));
    response.socket?.destroySoon();
  } else {
    if (fault !== "empty") countAnswer(reply, counters);
    response.end(text);
  }
}

function countAnswer(reply: ReplyDecision["reply"], counters: Counters): void {
  const used = usedTokens(reply);
  counters.answered(used.prompt, used.completion);
}

function unixSeconds(): number {
  return Math.floor(Date.now() / 1000);
}

/** A request header's single value; null when absent. */
export function header(request: IncomingMessage, name: string): string | null {
  const value = request.headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? null;
}
