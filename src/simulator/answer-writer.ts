import { type Exchange, writeHead } from "./answer-head.ts";
import type { LatencyModel } from "./latency.ts";
import type { Reply } from "./reply.ts";
import { waitUntil, writeSteps } from "./stream-writer.ts";
import { type AnswerHead, ChunkStream, completionBody, stepsOf } from "./wire.ts";
import { plainForm, type WireForm } from "./wire-form.ts";

/** An answer that is to be written. */
export interface AnswerJob {
  readonly exchange: Exchange;
  readonly reply: Reply;
  readonly stream: boolean;
  readonly latency: LatencyModel;
  /** When the request had arrived, on the clock of `performance.now()`. */
  readonly startMs: number;
  /** To be called just before the last bytes of an answer that is one. */
  readonly answered: () => void;
}

/** Writes an answer, streamed or whole, at its times. */
export function writeAnswer(job: AnswerJob, form: WireForm = plainForm): Promise<void> {
  return job.stream ? writeStream(job, form) : writeWhole(job, form);
}

async function writeStream(job: AnswerJob, form: WireForm): Promise<void> {
  const { exchange, reply, startMs, latency } = job;
  if (!(await firstTokenDue(job))) return;
  writeHead(exchange, 200, typeOf(job, form), null);
  const chunks = new ChunkStream(reply, headOf(exchange), form);
  if (!(await writeSteps(exchange.response, chunks, chunks.steps, startMs, latency))) return;
  job.answered();
  exchange.response.end();
}

async function writeWhole(job: AnswerJob, form: WireForm): Promise<void> {
  const { exchange, reply } = job;
  if (!(await lastTokenDue(job))) return;
  const text = completionBody(reply, headOf(exchange), form);
  writeHead(exchange, 200, typeOf(job, form), Buffer.byteLength(text));
  job.answered();
  exchange.response.end(text);
}

/** Waits for the moment of the first token. False when the client has gone. */
export function firstTokenDue({ exchange, startMs, latency }: AnswerJob): Promise<boolean> {
  return waitUntil(exchange.response, startMs + latency.firstMs);
}

/** Waits for the moment of the last token. False when the client has gone. */
export function lastTokenDue({ exchange, reply, startMs, latency }: AnswerJob): Promise<boolean> {
  const furtherMs = (stepsOf(reply) - 1) * latency.perTokenMs;
  return waitUntil(exchange.response, startMs + latency.firstMs + furtherMs);
}

/** What names the answer of an exchange that is written now. */
export function headOf(exchange: Exchange): AnswerHead {
  return { id: exchange.id, created: Math.floor(Date.now() / 1000) };
}

/** The content type of an answer; null where the form has none. */
export function typeOf({ stream }: Pick<AnswerJob, "stream">, form: WireForm = plainForm): string | null {
  if (!form.contentType) return null;
  return stream ? "text/event-stream; charset=utf-8" : "application/json; charset=utf-8";
}
