// Workers that share one lane, while one of them and then Redis are killed: `npm run bench:queue` (about two minutes).
// Needs `redis-server`. Prints how much of the limit was used while Redis was there, refusals, and what was asked twice.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startSimulator } from "../dist/simulator/server.js";

const { values } = parseArgs({
  options: {
    rpm: { type: "string", default: "600" },
    requests: { type: "string", default: "1000" },
    workers: { type: "string", default: "4" },
    window: { type: "string", default: "bucket-second" },
    /** Seconds that Redis is away. */
    away: { type: "string", default: "5" },
  },
});
const rpm = Number(values.rpm);
const requests = Number(values.requests);
const bin = fileURLToPath(new URL("../dist/cli/bin.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "promptgrid-queue-"));
const children = new Set();

function start(command, args, options = {}) {
  const child = spawn(command, args, { cwd: folder, stdio: "ignore", ...options });
  children.add(child);
  child.once("exit", () => children.delete(child));
  return child;
}

const ended = (child) => new Promise((done) => child.once("exit", done));

async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

const port = await freePort();
const startRedis = async () => {
  const child = start("redis-server", [
    ...["--port", String(port), "--bind", "127.0.0.1", "--dir", folder],
    ...["--save", "", "--appendonly", "yes"],
  ]);
  await sleep(500);
  return child;
};

try {
  execFileSync("redis-server", ["--version"], { stdio: "ignore" });
} catch {
  console.log("skipped: there is no `redis-server` on this machine");
  process.exit(0);
}

let redis = await startRedis();
const simulator = await startSimulator({
  countRequestIds: true,
  limits: { rpm, window: values.window },
  latency: { firstMs: 300, perTokenMs: 0 },
});
writeFileSync(
  join(folder, "rows.csv"),
  `id,a\n${Array.from({ length: requests }, (_, i) => `r${i},${i}`).join("\n")}\n`,
);
writeFileSync(
  join(folder, "m.yaml"),
  `provider: local
providers: { local: { preset: simulator, base_url: "${simulator.baseUrl}", api_key_env: null } }
prompts: [{ id: p, user: "What is {{ a }} + 1?" }]
parameters: { model: Qwen/Qwen3-8B }
dataset: rows.csv
limits: { rpm: ${rpm} }
`,
);
const url = `redis://127.0.0.1:${port}`;
try {
  const node = (...args) => start(process.execPath, [bin, ...args]);
  const workers = Array.from({ length: Number(values.workers) }, () =>
    node("worker", "--queue", url, "--grace", "1s"),
  );
  const coordinator = node("run", "m.yaml", "--queue", url, "--out", "out");
  const done = ended(coordinator);
  const { stats } = simulator;
  const answered = () => stats().answered;
  while (answered() < 10) await sleep(50);
  const spans = [];
  const span = async (until) => {
    const from = { at: performance.now(), count: answered() };
    await until();
    spans.push({ seconds: (performance.now() - from.at) / 1_000, count: answered() - from.count });
  };
  await span(async () => {
    while (answered() < requests * 0.3) await sleep(50);
    workers[0].kill("SIGKILL");
    while (answered() < requests * 0.5) await sleep(50);
  });
  redis.kill("SIGKILL");
  await sleep(1_000 * Number(values.away));
  redis = await startRedis();
  const back = performance.now();
  const before = answered();
  while (answered() === before) await sleep(10);
  const resumedAfter = (performance.now() - back) / 1_000;
  await span(async () => {
    while (answered() < requests * 0.97) await sleep(50);
  });
  const code = await done;
  const lines = readFileSync(join(folder, "out", "journal.jsonl"), "utf8").split("\n");
  const ids = lines.flatMap((line) => {
    const { kind, status, request_id: id } = line === "" ? {} : JSON.parse(line);
    return kind === "attempt" && status === "ok" ? [id] : [];
  });
  const { rejected, peakConcurrent, byRequestId } = stats();
  const twice = Object.values(byRequestId).reduce((sum, count) => sum + Math.max(0, count - 1), 0);
  const count = spans.reduce((sum, one) => sum + one.count, 0);
  const seconds = spans.reduce((sum, one) => sum + one.seconds, 0);
  const rate = count / seconds / (rpm / 60);
  console.log(
    `${values.workers} workers, one lane of ${rpm} requests a minute, ${requests} requests, one worker and Redis killed`,
  );
  console.log(`use of the limit while Redis was there: ${(100 * rate).toFixed(1)} %`);
  console.log(`refused: ${JSON.stringify(rejected)}`);
  console.log(`first request ${resumedAfter.toFixed(1)} s after Redis was back`);
  console.log(`answered: ${ids.length}, different: ${new Set(ids).size}; exit ${code}`);
  console.log(`asked twice: ${twice}; in flight at most: ${peakConcurrent}`);
} finally {
  for (const child of [...children]) {
    const gone = ended(child);
    child.kill("SIGKILL");
    await gone;
  }
  await simulator.close();
  rmSync(folder, { recursive: true, force: true });
}
