import { spawn } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
export const bin = here("../../dist/cli/bin.js");
const rows = 1_000;

/** Starts the endpoint in a process of its own; `stop` ends it. */
export async function startEndpoint() {
  const child = spawn(process.execPath, [here("./endpoint.mjs")], {
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  const url = await new Promise((resolve) =>
    child.stdout.once("data", (data) => resolve(String(data).trim())),
  );
  const ended = new Promise((resolve) => child.once("exit", resolve));
  return {
    url: ({ delayMs = 0, gapMs = 0, tokens = 8 }) => `${url}/${delayMs}/${gapMs}/${tokens}/v1`,
    pid: child.pid,
    stop: () => {
      child.kill("SIGTERM");
      return ended;
    },
  };
}

/** Runs a Node script to its end: what it printed, and what it used. */
export async function measured(args, folder) {
  const usageFile = join(folder, `usage-${process.hrtime.bigint()}.json`);
  const startedAt = performance.now();
  const child = spawn(process.execPath, ["--import", here("./usage.mjs"), ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH, NO_COLOR: "1", USAGE_FILE: usageFile, KEY: "none" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let stdout = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    stdout += text;
  });
  const code = await new Promise((resolve) => child.once("close", resolve));
  const wall_s = (performance.now() - startedAt) / 1_000;
  if (code !== 0) throw new Error(`${args.join(" ")} ended with exit code ${code}:\n${stdout}`);
  const { cpu_us, peak_kb } = JSON.parse(readFileSync(usageFile, "utf8"));
  return { stdout, wall_s, cpu_s: cpu_us / 1e6, peak_mb: peak_kb / 1_024 };
}

/** The floor's loop over so many requests. */
export async function floor(url, { requests, concurrency, stream, folder }) {
  const args = [here("./floor.mjs"), url, requests, concurrency, stream ? "stream" : "whole", folder].map(
    String,
  );
  const { stdout, ...used } = await measured(args, folder);
  return { ...used, ...JSON.parse(stdout) };
}

/** `promptgrid run` of so many requests with everything on, its reports in `DIR`. */
export async function promptgrid(url, { requests, concurrency, stream, folder, models = 2, keep = false }) {
  writeRows(folder);
  const grid = Array.from({ length: models }, (_, i) =>
    i === 0 ? "m-large" : i === 1 ? "m-small" : `m-${i}`,
  );
  writeFileSync(
    join(folder, "matrix.yaml"),
    `name: bench
providers: { local: { base_url: "${url}", api_key_env: KEY } }
provider: local
prompts: [{ id: p, user: "{{ question }}" }]
dataset: rows.csv
grid: { model: [${grid.join(", ")}] }
parameters: { max_tokens: 8 }
stream: ${stream}
limits: { concurrency: ${concurrency} }
scorers: [{ type: numeric, expected: "{{ answer }}" }]
`,
  );
  const out = join(folder, "out");
  rmSync(out, { recursive: true, force: true });
  const trials = Math.max(1, Math.round(requests / (rows * models)));
  const limit = requests < rows * models ? ["--limit", String(Math.round(requests / models))] : [];
  const args = [bin, "run", "matrix.yaml", "--out", out, "--trials", String(trials), ...limit];
  const { stdout, ...used } = await measured([...args, "--yes", "-q", "--format", "json"], folder);
  const { totals, run } = JSON.parse(stdout);
  if (totals.answered !== requests)
    throw new Error(`${totals.answered} of ${requests} requests were answered`);
  if (!keep) rmSync(out, { recursive: true });
  return { ...used, out, sending_s: totals.wall_seconds, loop_delay_p99_ms: run.event_loop_delay_p99_ms };
}

function writeRows(folder) {
  const lines = Array.from({ length: rows }, (_, i) => `r${i},What is ${i} plus one?,${i + 1}\n`);
  writeFileSync(join(folder, "rows.csv"), `id,question,answer\n${lines.join("")}`);
}
