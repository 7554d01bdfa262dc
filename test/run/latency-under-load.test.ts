import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runWritten } from "../wire/run-written.ts";

/** A server in a thread of its own, so that it does not slow down whom it measures: every answer takes 100 ms. */
const program = `
const { createServer } = require("node:http");
const { parentPort } = require("node:worker_threads");
const answer = JSON.stringify({ choices: [{ index: 0, message: { content: "a" }, finish_reason: "stop" }] });
const server = createServer((request, response) => {
  request.resume().on("end", () => setTimeout(() => response.end(answer), 100));
});
server.listen(0, "127.0.0.1", 1024, () => parentPort.postMessage(server.address().port));
`;

let worker: Worker;
let origin: string;
beforeAll(async () => {
  worker = new Worker(program, { eval: true });
  origin = await new Promise((resolve) => {
    worker.once("message", (port: number) => resolve(`http://127.0.0.1:${port}`));
  });
});
afterAll(async () => {
  await worker.terminate();
});

/** The middle latency in the journal of a run. */
async function middle(inFlight: number, requests: number): Promise<number> {
  const { outcome, folder } = await runWritten(origin, {
    prompts: [{ user: "hi" }],
    parameters: { model: "m", stream: false },
    trials: requests,
    limits: { concurrency: inFlight },
  });
  expect(outcome.exitCode).toBe(0);
  const latencies = readFileSync(join(folder, "out", "journal.jsonl"), "utf8")
    .split("\n")
    .filter((line) => line.includes('"kind":"attempt"'))
    .map((line) => (JSON.parse(line) as { latency_ms: number }).latency_ms)
    .sort((a, b) => a - b);
  expect(latencies).toHaveLength(requests);
  return latencies[requests >> 1] ?? Number.NaN;
}

describe("the latency of a server that takes 100 ms", () => {
  // A machine that is busy elsewhere may spoil one measurement; a queue in the client spoils each.
  it("is the same with 8 and with 256 requests in flight", { retry: 2 }, async () => {
    const few = await middle(8, 40);
    const many = await middle(256, 2048);
    expect(few).toBeGreaterThanOrEqual(99);
    expect(few).toBeLessThan(150);
    expect(many / few).toBeLessThan(1.5);
  });
});
