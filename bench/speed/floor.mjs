// The floor: a bare undici loop that posts the same bodies, parses the answers and appends JSONL and CSV. Nothing is checked,
// limited, scored, retried or resumable.
//   node bench/speed/floor.mjs URL REQUESTS CONCURRENCY whole|stream FOLDER
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { StringDecoder } from "node:string_decoder";
import { createParser } from "eventsource-parser";
import { Pool } from "undici";

const [base, requests, concurrency, form, folder] = process.argv.slice(2);
const total = Number(requests);
const { origin, pathname } = new URL(base);
const isStream = form === "stream";
const pool = new Pool(origin, { connections: Number(concurrency), pipelining: 1 });
const path = `${pathname}/chat/completions`;
const headers = { "content-type": "application/json", authorization: "Bearer none" };
const jsonl = createWriteStream(join(folder, "floor.jsonl"));
const csv = createWriteStream(join(folder, "floor.csv"));
let next = 0;

async function worker() {
  for (let i = next++; i < total; i = next++) {
    const row = i % 1_000;
    const body = JSON.stringify({
      model: i % 2 === 0 ? "m-large" : "m-small",
      messages: [{ role: "user", content: `What is ${row} plus one?` }],
      ...(isStream ? { stream: true, stream_options: { include_usage: true } } : {}),
      max_tokens: 8,
    });
    const at = performance.now();
    const { statusCode, body: stream } = await pool.request({ path, method: "POST", headers, body });
    const { content, usage, first } = isStream ? await readStream(stream) : await readWhole(stream);
    const latency = performance.now() - at;
    const ttft = first === null ? null : first - at;
    jsonl.write(`${JSON.stringify({ i, row, statusCode, latency, ttft, content, usage })}\n`);
    csv.write(
      `${i},r${row},${statusCode},${latency.toFixed(3)},${ttft?.toFixed(3) ?? ""},${usage.prompt_tokens},${usage.completion_tokens},"${content.replaceAll('"', '""')}"\n`,
    );
  }
}

async function readWhole(stream) {
  const { choices, usage } = await stream.json();
  return { content: choices[0].message.content, usage, first: null };
}

async function readStream(stream) {
  let content = "";
  let usage = null;
  let first = null;
  const parser = createParser({
    onEvent({ data }) {
      if (data === "[DONE]") return;
      const chunk = JSON.parse(data);
      first ??= performance.now();
      content += chunk.choices[0]?.delta.content ?? "";
      usage = chunk.usage ?? usage;
    },
  });
  const decoder = new StringDecoder("utf8");
  for await (const chunk of stream) parser.feed(decoder.write(chunk));
  return { content, usage, first };
}

const startedAt = performance.now();
await Promise.all(Array.from({ length: Number(concurrency) }, worker));
const sendingMs = performance.now() - startedAt;
await Promise.all([jsonl, csv].map((file) => new Promise((resolve) => file.end(resolve))));
await pool.close();
console.log(JSON.stringify({ sending_s: sendingMs / 1_000 }));
