// Measures a long run against the local endpoint in another process, at no latency: requests a second and memory.
//   npm run bench                     20 000 and 200 000 requests
//   npm run bench -- 1000 10000       other sizes
// Prints a table and writes bench/results/memory.json. Absolute times depend on the machine; the ratio of the two
// peaks is what tells whether memory grows with the run.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const bin = fileURLToPath(new URL("../dist/cli/bin.js", import.meta.url));
const sizes = process.argv.slice(2).map(Number);
const rows = 1_000;
const folder = mkdtempSync(join(tmpdir(), "promptgrid-bench-"));

const simulator = spawn(process.execPath, [bin, "simulate", "--port", "0", "-q"], {
  stdio: ["ignore", "pipe", "inherit"],
});
try {
  const url = await new Promise((resolve) =>
    simulator.stdout.once("data", (data) => resolve(String(data).trim())),
  );
  writeFileSync(
    join(folder, "rows.csv"),
    `id,question,answer\n${Array.from({ length: rows }, (_, i) => `r${i},What is ${i} plus one?,${i + 1}`).join("\n")}\n`,
  );
  writeFileSync(
    join(folder, "matrix.yaml"),
    `name: bench
provider: local
providers: { local: { base_url: "${url}" } }
prompts: [{ id: p, user: "{{ question }}" }]
dataset: rows.csv
grid: { model: [sim/strong, sim/weak] }
parameters: { max_tokens: 8 }
stream: false
limits: { concurrency: 64 }
scorers: [{ type: numeric, expected: "{{ answer }}" }]
`,
  );
  const results = [];
  for (const requests of sizes.length > 0 ? sizes : [20_000, 200_000]) results.push(await measure(requests));
  print(results);
  mkdirSync(new URL("./results/", import.meta.url), { recursive: true });
  writeFileSync(
    new URL("./results/memory.json", import.meta.url),
    `${JSON.stringify({ node: process.version, cpu: cpus()[0]?.model, cores: cpus().length, results }, null, 2)}\n`,
  );
} finally {
  simulator.kill("SIGTERM");
  rmSync(folder, { recursive: true, force: true });
}

async function measure(requests) {
  const trials = Math.max(1, Math.round(requests / (rows * 2)));
  const out = join(folder, `out-${requests}`);
  const startedAt = performance.now();
  const child = spawn(
    process.execPath,
    [bin, "run", "matrix.yaml", "--out", out, "--trials", String(trials), "--yes", "-q", "--format", "json"],
    {
      cwd: folder,
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  let stdout = "";
  child.stdout.on("data", (data) => {
    stdout += data;
  });
  const samples = [];
  const timer = setInterval(() => {
    const memory = readMemory(child.pid);
    if (memory !== null) samples.push(memory);
  }, 100);
  const code = await new Promise((resolve) => child.once("close", resolve));
  clearInterval(timer);
  if (code !== 0) throw new Error(`run of ${requests} ended with exit code ${code}`);
  const { totals, run } = JSON.parse(stdout);
  rmSync(out, { recursive: true, force: true });
  return {
    requests: totals.requests,
    answered: totals.answered,
    seconds: Math.round(performance.now() - startedAt) / 1_000,
    sending_seconds: totals.wall_seconds,
    requests_per_second: Math.round(totals.requests_per_second),
    peak_mb: Math.round(Math.max(...samples.map((sample) => sample.peak)) / 1024),
    rss_mb_at_quarter: megabytes(samples, 0.25),
    rss_mb_at_half: megabytes(samples, 0.5),
    rss_mb_at_end: megabytes(samples, 0.99),
    event_loop_delay_p99_ms: run.event_loop_delay_p99_ms,
  };
}

function megabytes(samples, share) {
  return Math.round((samples[Math.floor(samples.length * share)]?.now ?? 0) / 1024);
}

/** Kilobytes a process holds now and held at most, from /proc (Linux). */
function readMemory(pid) {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const field = (name) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0);
    return { now: field("VmRSS"), peak: field("VmHWM") };
  } catch {
    return null;
  }
}

function print(results) {
  const names = Object.keys(results[0]);
  const lines = names.map((name) => [name, ...results.map((result) => String(result[name]))]);
  for (const line of lines)
    console.log(line.map((cell, i) => (i === 0 ? cell.padEnd(26) : cell.padStart(12))).join(""));
  const [first, last] = [results[0], results.at(-1)];
  if (first !== last)
    console.log(
      `peak of ${last.requests} / peak of ${first.requests}: ${(last.peak_mb / first.peak_mb).toFixed(2)}`,
    );
}
