// The limiter in real time, through sockets: `npm run bench:limits-real-time` (about three and a half minutes). The command
// line runs against the local endpoint in this process, all five kinds of limits at once, first of requests, then of tokens,
// then with nothing stated. What counts is a minute after the start (requests) or the second one (tokens, whose sizes are
// learned in the first). Exits 1 where a bound is not kept.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { startSimulator } from "../dist/simulator/server.js";

const bin = fileURLToPath(new URL("../dist/cli/bin.js", import.meta.url));
const kinds = ["fixed", "sliding", "sliding-counter", "bucket", "bucket-second"];
const minute = 60_000;
const rpm = 600;
const tpm = 120_000;
const failures = [];

const folder = mkdtempSync(join(tmpdir(), "promptgrid-bench-"));
const words = (n) => Array.from({ length: n }, (_, i) => `word${i}`).join(" ");
const rows = Array.from(
  { length: 5_000 },
  (_, i) => `r${i},What is ${i} plus one? ${words(40 + ((i * 37) % 160))}`,
);
writeFileSync(join(folder, "rows.csv"), `id,question\n${rows.join("\n")}\n`);

/** A run against a server with limits, for so many minutes; gives what the server saw in the last one. */
async function measure(name, limits, stated, minutes) {
  const simulator = await startSimulator({ limits, latency: { firstMs: 300, perTokenMs: 2 } });
  writeFileSync(
    join(folder, `${name}.yaml`),
    `providers: { local: { preset: simulator, base_url: "${simulator.baseUrl}" } }
provider: local
prompts: [{ id: p, user: "{{ question }}" }]
dataset: rows.csv
grid: { model: sim/thinker }
`,
  );
  const args = [
    "run",
    `${name}.yaml`,
    "--out",
    name,
    "-q",
    ...stated,
    "--budget",
    `time=${60 * minutes + 5}s`,
  ];
  const child = spawn(process.execPath, [bin, ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH, NO_COLOR: "1" },
    stdio: "ignore",
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  while (simulator.stats().requests === 0) await sleep(5);
  await sleep(minute * (minutes - 1));
  const before = simulator.stats();
  await sleep(minute);
  const after = simulator.stats();
  await ended;
  const all = simulator.stats();
  await simulator.close();
  const tokens = (one) => one.promptTokens + one.completionTokens;
  const { totals } = JSON.parse(readFileSync(join(folder, name, "summary.json"), "utf8"));
  return {
    requests: after.answered - before.answered,
    tokens: tokens(after) - tokens(before),
    sent: all.requests,
    refused: all.rejected["429"] ?? 0,
    failed: totals.failed,
  };
}

const percent = (share) => `${(100 * share).toFixed(1)} %`;

function row(what, kind, use, { sent, refused, failed }, bounds) {
  console.log(`| ${what} | ${kind} | ${percent(use)} | ${sent} | ${refused} | ${failed} |`);
  if (use < bounds.use) failures.push(`${what}, ${kind}: ${percent(use)} of the limit used`);
  if (refused > bounds.refused * sent) failures.push(`${what}, ${kind}: ${refused} of ${sent} refused`);
  if (failed > 0) failures.push(`${what}, ${kind}: ${failed} failed`);
}

try {
  console.log("| limit | server | used of the limit | sent | refused | failed |");
  console.log("| --- | --- | --- | --- | --- | --- |");
  const byRequests = await Promise.all(
    kinds.map((window) => measure(`rpm-${window}`, { rpm, window }, ["--rpm", String(rpm)], 1)),
  );
  kinds.forEach((kind, i) => {
    row("600 requests a minute", kind, byRequests[i].requests / rpm, byRequests[i], {
      use: 0.96,
      refused: 0,
    });
  });
  const byTokens = await Promise.all(
    kinds.map((window) => measure(`tpm-${window}`, { tpm, window }, ["--tpm", String(tpm)], 2)),
  );
  kinds.forEach((kind, i) => {
    // A second's worth of tokens is a few requests, whose lengths nobody knows before.
    const bounds = kind === "bucket-second" ? { use: 0.75, refused: 0.05 } : { use: 0.93, refused: 0.002 };
    row("120 000 tokens a minute", kind, byTokens[i].tokens / tpm, byTokens[i], bounds);
  });
} finally {
  rmSync(folder, { recursive: true });
}
for (const failure of failures) console.error(`out of bounds: ${failure}`);
if (failures.length > 0) process.exitCode = 1;
