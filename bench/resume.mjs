// How long `resume` takes until it sends again, and what it holds, with a journal of a million records of about 1 kB:
//   npm run bench:resume                 1 000 000 records
//   npm run bench:resume -- 100000       other sizes
// The run is a real one (50 records a row) whose journal is filled up: all but the last 500 requests are answered. Times depend on the
// machine and its disk; a plain read of the file beside them is the floor.
import { spawn } from "node:child_process";
import {
  appendFileSync,
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { noOverrides } from "../dist/config/overrides.js";
import { encodeRecord } from "../dist/journal/record.js";
import { bodyId } from "../dist/plan/plan.js";
import { prepare } from "../dist/run/prepare.js";
import { startSimulator } from "../dist/simulator/server.js";
import { DiskFiles } from "../dist/system/input-files.js";

const bin = fileURLToPath(new URL("../dist/cli/bin.js", import.meta.url));
const sizes = process.argv.slice(2).map(Number);
const unanswered = 500;
const text = "An answer of a usual length, as models give it when they are asked. ".repeat(8);

for (const records of sizes.length > 0 ? sizes : [1_000_000]) {
  const folder = mkdtempSync(join(tmpdir(), "promptgrid-bench-"));
  const simulator = await startSimulator({});
  try {
    console.log(JSON.stringify(await measure(records, folder, simulator)));
  } finally {
    await simulator.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(records, folder, simulator) {
  const rows = Math.ceil(records / 50);
  const lines = Array.from({ length: rows }, (_, i) => `r${i},What is ${i} plus one?`);
  writeFileSync(join(folder, "rows.csv"), `id,question\n${lines.join("\n")}\n`);
  writeFileSync(
    join(folder, "m.yaml"),
    `providers: { local: { preset: simulator, base_url: "${simulator.baseUrl}" } }
provider: local
prompts: [{ id: p, user: "{{ question }}" }]
dataset: rows.csv
grid: { model: [sim/strong, sim/weak], temperature: [0, 0.25, 0.5, 0.75, 1] }
limits: { concurrency: 64 }
trials: 5
`,
  );
  await cli(folder, ["run", "m.yaml", "--out", "out", "-q", "--yes"], (child) => {
    const watch = setInterval(() => {
      if (simulator.stats().answered >= 200) child.kill("SIGKILL");
    }, 5);
    child.once("exit", () => clearInterval(watch));
  });
  const journal = join(folder, "out", "journal.jsonl");
  fill(journal, folder);
  const bytes = plainRead(journal);
  const before = simulator.stats().requests;
  const startedAt = performance.now();
  let firstSentMs = null;
  let peakWhenFirstSent = null;
  let peak = 0;
  const resumed = cli(folder, ["resume", "out", "-q"], (child) => {
    const watch = setInterval(() => {
      const memory = peakKb(child.pid);
      if (memory > 0) peak = memory;
      if (firstSentMs !== null || simulator.stats().requests === before) return;
      firstSentMs = performance.now() - startedAt;
      peakWhenFirstSent = memory;
    }, 10);
    child.once("exit", () => clearInterval(watch));
  });
  const { code } = await resumed;
  if (code !== 0) throw new Error(`resume ended with ${code}`);
  const { totals } = JSON.parse(readFileSync(join(folder, "out", "summary.json"), "utf8"));
  return {
    records,
    journal_mb: Math.round(bytes.bytes / 1e6),
    plain_read_s: seconds(bytes.ms),
    first_sent_s: seconds(firstSentMs),
    peak_mb_when_first_sent: Math.round(peakWhenFirstSent / 1024),
    all_s: seconds(performance.now() - startedAt),
    peak_mb: Math.round(peak / 1024),
    sent: simulator.stats().requests - before,
    answered: totals.answered,
  };
}

/** Answers all requests of the plan but the last, in the form of the first answer there is. */
function fill(journal, folder) {
  const { prepared } = prepare("m.yaml", noOverrides, new DiskFiles(folder));
  const [session, ...rest] = readFileSync(journal, "utf8").split("\n");
  const { crc, ...example } = JSON.parse(rest.find((line) => line.includes('"kind":"attempt"')));
  void crc;
  writeFileSync(journal, `${session}\n`);
  let pending = [];
  const { plan } = prepared;
  for (let i = 0; i < plan.length - unanswered; i++) {
    const request = plan.request(i);
    const [choice] = example.choices;
    pending.push(
      encodeRecord({
        ...example,
        request_id: request.requestId,
        variant_id: request.variant.id,
        row_id: request.row.id,
        trial: request.trial,
        body_id: bodyId(request),
        choices: [{ ...choice, content: text }],
      }),
    );
    if (pending.length < 10_000) continue;
    appendFileSync(journal, pending.join(""));
    pending = [];
  }
  appendFileSync(journal, pending.join(""));
}

/** Reads a file once, in blocks. */
function plainRead(path) {
  const block = Buffer.alloc(1 << 20);
  const fd = openSync(path, "r");
  const startedAt = performance.now();
  let bytes = 0;
  for (let got = readSync(fd, block); got > 0; got = readSync(fd, block)) bytes += got;
  closeSync(fd);
  return { bytes, ms: performance.now() - startedAt };
}

function cli(cwd, args, onStart = () => undefined) {
  const child = spawn(process.execPath, [bin, ...args], { cwd, stdio: ["ignore", "ignore", "inherit"] });
  const ended = new Promise((resolve) => child.once("exit", (code) => resolve({ code })));
  setImmediate(() => onStart(child));
  return ended;
}

/** Kilobytes that a process held at most (Linux). */
function peakKb(pid) {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
  } catch {
    return null;
  }
}

function seconds(ms) {
  return Math.round(ms / 10) / 100;
}
