import type { ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { writeHead, writeRefusal } from "./answer-head.ts";
import { dripPieces, ornateJson, ornateStream, withCrlf } from "./answer-text.ts";
import { type AnswerJob, firstTokenDue, headOf, lastTokenDue, typeOf, writeAnswer } from "./answer-writer.ts";
import { faultForms } from "./fault-forms.ts";
import { faultRefusals } from "./fault-refusals.ts";
import type { FormFault } from "./faults.ts";
import { writeHuge } from "./huge-answer.ts";
import type { Reply, ReplyChoice } from "./reply.ts";
import { waitUntil, writeSteps } from "./stream-writer.ts";
import { noTokens } from "./tokens.ts";
import { ChunkStream, completionBody, emptyAnswer } from "./wire.ts";

/** Milliseconds between the pieces of a dripping answer. */
const dripMs = 5;

/** Whether a fault ends the exchange before the answer is complete, so that nobody went away too early. */
export function cutsAnswer(fault: FormFault): boolean {
  return fault === "truncate" || fault === "reset-stream" || fault === "huge";
}

/** Writes an answer as a fault has it. `shape`, an integer, chooses where a fault has several shapes. */
export async function writeFaulty(job: AnswerJob, fault: FormFault, shape: number): Promise<void> {
  const form = faultForms[fault].form;
  switch (fault) {
    case "slow":
    case "no-content-type":
    case "no-done":
    case "no-usage":
    case "last-usage":
      return writeAnswer(job, form);
    case "eos":
      return writeAnswer({ ...job, reply: changed(job.reply, endedByEos) }, form);
    case "thinking-only":
      return writeAnswer({ ...job, reply: changed(job.reply, allThought) });
    case "json-for-stream":
      return writeAnswer({ ...job, stream: false });
    case "stream-for-json":
      return writeAnswer({ ...job, stream: true });
    case "drip":
    case "crlf":
    case "gzip":
      return writeRewritten(job, fault);
    case "empty":
      return writeText(job, emptyAnswer(job.reply, headOf(job.exchange), job.stream));
    case "huge":
      if (await firstTokenDue(job)) await writeHuge(job);
      return;
    case "truncate":
    case "reset-stream":
    case "error-stream":
    case "malformed":
      return job.stream ? breakStream(job, fault, shape) : breakWhole(job, fault, shape);
  }
}

type Break = "truncate" | "reset-stream" | "error-stream" | "malformed";

/** Events that confess an error in the midst of a stream: OpenAI's, SiliconFlow's own form, and a named event. */
const errorEvents: readonly string[] = [
  'data: {"error":{"message":"The model service is overloaded.","type":"overloaded_error","code":503}}\n\ndata: [DONE]\n\n',
  'data: {"code":50508,"message":"System is too busy now. Please try again later.","data":null}\n\n',
  'event: error\ndata: {"message":"The model service is overloaded.","type":"overloaded_error"}\n\n',
];

async function breakStream(job: AnswerJob, fault: Break, shape: number): Promise<void> {
  const { exchange, reply, startMs, latency } = job;
  const { response } = exchange;
  if (!(await firstTokenDue(job))) return;
  writeHead(exchange, 200, typeOf(job), null);
  const chunks = new ChunkStream(reply, headOf(exchange));
  const half = Math.floor(chunks.steps / 2);
  if (!(await writeSteps(response, chunks, half, startMs, latency))) return;
  if (fault === "error-stream") response.end(errorEvents[shape % errorEvents.length]);
  else if (fault === "malformed")
    response.end(`data: {"id":"${exchange.id}","choices":[{\n\n${rest(chunks)}`);
  else {
    response.flushHeaders();
    // A cut stream ends in either of the two ways that are seen: the connection goes, or the body just ends.
    if (fault === "reset-stream") await resetAfterWrites(response);
    else if (shape % 2 === 0) response.end();
    else response.socket?.destroySoon();
  }
}

async function breakWhole(job: AnswerJob, fault: Break, shape: number): Promise<void> {
  const { exchange, reply } = job;
  const { response } = exchange;
  if (!(await lastTokenDue(job))) return;
  if (fault === "error-stream") {
    const { answers } = faultRefusals["error-200"];
    writeRefusal(exchange, answers[shape % answers.length] ?? answers[0]);
    return;
  }
  const text = completionBody(reply, headOf(exchange));
  const half = text.slice(0, text.length / 2);
  writeHead(exchange, 200, typeOf(job), Buffer.byteLength(fault === "malformed" ? half : text));
  if (fault === "malformed") response.end(half);
  else {
    response.write(half);
    if (fault === "reset-stream") await resetAfterWrites(response);
    else response.socket?.destroySoon();
  }
}

/** Resets the connection once the system has taken all that was written, which a reset would else throw away. */
async function resetAfterWrites(response: ServerResponse): Promise<void> {
  const { socket } = response;
  // The response hands its chunks to the socket in the next tick.
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise<void>((resolve) => {
    if (socket === null || socket.destroyed) resolve();
    else socket.write("", () => resolve());
  });
  socket?.resetAndDestroy();
}

async function writeRewritten(job: AnswerJob, fault: "drip" | "crlf" | "gzip"): Promise<void> {
  const { exchange, reply, stream } = job;
  const { response } = exchange;
  if (!(await lastTokenDue(job))) return;
  const head = headOf(exchange);
  const text = stream ? rest(new ChunkStream(reply, head)) : completionBody(reply, head);
  if (fault === "gzip") {
    const packed = gzipSync(text);
    writeHead(exchange, 200, typeOf(job), packed.length, { "content-encoding": "gzip" });
    job.answered();
    response.end(packed);
    return;
  }
  if (fault === "crlf") {
    const ornate = stream ? ornateStream(text) : ornateJson(text);
    writeHead(exchange, 200, typeOf(job), Buffer.byteLength(ornate));
    job.answered();
    response.end(ornate);
    return;
  }
  writeHead(exchange, 200, typeOf(job), null);
  const startMs = performance.now();
  for (const [at, piece] of dripPieces(stream ? withCrlf(text) : text).entries()) {
    if (!(await waitUntil(response, startMs + at * dripMs))) return;
    response.write(piece);
  }
  job.answered();
  response.end();
}

async function writeText(job: AnswerJob, text: string): Promise<void> {
  if (!(await lastTokenDue(job))) return;
  writeHead(job.exchange, 200, typeOf(job), Buffer.byteLength(text));
  job.exchange.response.end(text);
}

/** What is left of a stream. */
function rest(chunks: ChunkStream): string {
  let text = "";
  for (let step = chunks.next(); step !== ""; step = chunks.next()) text += step;
  return text;
}

function changed(reply: Reply, change: (choice: ReplyChoice) => ReplyChoice): Reply {
  return { ...reply, choices: reply.choices.map(change) };
}

function endedByEos(choice: ReplyChoice): ReplyChoice {
  return choice.finishReason === "stop" ? { ...choice, finishReason: "eos" } : choice;
}

/** The choice with its answer in the reasoning, as models with thinking switched off were seen to send it. */
function allThought(choice: ReplyChoice): ReplyChoice {
  const thought = choice.reasoning ?? noTokens;
  const reasoning = {
    text: thought.text + choice.content.text,
    pieces: [...thought.pieces, ...choice.content.pieces],
    counts: [...thought.counts, ...choice.content.counts],
    total: thought.total + choice.content.total,
  };
  return { ...choice, reasoning, content: noTokens };
}
