import { writeHead } from "./answer-head.ts";
import { type AnswerJob, headOf, typeOf } from "./answer-writer.ts";
import { drained } from "./stream-writer.ts";

const block = Buffer.alloc(64 * 1024, "a");
const blocks = 1600;

/**
 * Writes an answer of 100 MiB: unstreamed one long text in good JSON, streamed the beginning of an event that never ends.
 * Waits for a slow reader, and stops when the reader has gone.
 */
export async function writeHuge(job: AnswerJob): Promise<void> {
  const { exchange, reply, stream } = job;
  const { response } = exchange;
  const { id, created } = headOf(exchange);
  const named = `"id":"${id}","created":${created},"model":${JSON.stringify(reply.model)}`;
  const start = stream
    ? `data: {${named},"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"`
    : `{${named},"object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"`;
  const end = stream ? "" : '"},"finish_reason":"stop"}]}';
  const length = Buffer.byteLength(start) + blocks * block.length + Buffer.byteLength(end);
  writeHead(exchange, 200, typeOf(job), stream ? null : length);
  response.write(start);
  for (let written = 0; written < blocks; written++) {
    if (!response.write(block) && !(await drained(response))) return;
  }
  response.end(end);
}
