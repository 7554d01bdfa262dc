import { spawnSync } from "node:child_process";
import { cpSync, createReadStream, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { bin, floor, promptgrid } from "./measured.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const round = (value, digits = 2) => Math.round(value * 10 ** digits) / 10 ** digits;
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** The parts of the bench by name; each gives the lines of its table. */
export const parts = { throughput, streams, memory, resume, limits, start, size };

/** Unstreamed and streamed, so many at once, at a server that takes so long. */
async function throughput({ endpoint, folder, isShort }) {
  const rows = [];
  const cases = [
    // at once, server's delay, requests
    [1, 0, 6_000],
    [64, 0, 100_000],
    [256, 0, 100_000],
    [1, 50, 200],
    [64, 50, 26_000],
    [256, 50, 100_000],
  ];
  for (const [concurrency, delayMs, full] of cases) {
    const requests = isShort ? Math.min(full, 2_000) : full;
    for (const stream of [false, true]) {
      const tokens = stream ? 20 : 8;
      const options = { requests, concurrency, stream, folder };
      const url = endpoint.url({ delayMs, tokens });
      const pairs = [];
      for (let i = 0; i < (isShort || delayMs > 0 ? 1 : 3); i++)
        pairs.push({ floor: await floor(url, options), own: await promptgrid(url, options) });
      rows.push({
        form: stream ? `stream of ${tokens}` : "whole",
        concurrency,
        delay_ms: delayMs,
        requests,
        floor_per_s: Math.round(requests / median(pairs.map((pair) => pair.floor.sending_s))),
        own_per_s: Math.round(requests / median(pairs.map(({ own }) => own.sending_s))),
        ratio: round(median(pairs.map((pair) => pair.floor.sending_s / pair.own.sending_s))),
        ratio_with_start_and_reports: round(median(pairs.map((pair) => pair.floor.wall_s / pair.own.wall_s))),
        bound:
          delayMs === 0
            ? null
            : round(
                ((requests / concurrency) * (delayMs / 1_000)) /
                  median(pairs.map(({ own }) => own.sending_s)),
              ),
        floor_cpu_us: Math.round((1e6 * median(pairs.map((pair) => pair.floor.cpu_s))) / requests),
        own_cpu_us: Math.round((1e6 * median(pairs.map(({ own }) => own.cpu_s))) / requests),
      });
    }
  }
  return rows;
}

/** Many streams: at once as fast as the server can, and at the pace of a model, where the server's own times are known. */
async function streams({ endpoint, folder, isShort }) {
  const rows = [];
  const requests = isShort ? 200 : 10_000;
  const fast = { requests, concurrency: 64, stream: true, folder };
  const url = endpoint.url({ tokens: 200 });
  const pairs = [];
  for (let i = 0; i < (isShort ? 1 : 3); i++)
    pairs.push({ floor: await floor(url, fast), own: await promptgrid(url, fast) });
  rows.push({
    what: "64 streams of 200 tokens",
    ratio: round(median(pairs.map((pair) => pair.floor.sending_s / pair.own.sending_s))),
    floor_cpu_us_per_token: round((1e6 * median(pairs.map((pair) => pair.floor.cpu_s))) / requests / 200),
    own_cpu_us_per_token: round((1e6 * median(pairs.map(({ own }) => own.cpu_s))) / requests / 200),
  });
  for (const concurrency of [256]) {
    const paced = {
      requests: isShort ? 2 * concurrency : 2_000,
      concurrency,
      stream: true,
      folder,
      keep: true,
    };
    const own = await promptgrid(endpoint.url({ delayMs: 200, gapMs: 20, tokens: isShort ? 20 : 150 }), {
      ...paced,
      models: 1,
    });
    rows.push({
      what: `${concurrency} streams × 50 tokens/s`,
      cpu_share: round(own.cpu_s / own.sending_s),
      loop_delay_p99_ms: own.loop_delay_p99_ms,
      ...(await errors(own.out)),
    });
  }
  return rows;
}

/** How far the times of a report are from those that the server measured itself and told in its answers, in milliseconds. */
async function errors(out) {
  const first = [];
  const whole = [];
  const lines = createInterface({ input: createReadStream(join(out, "completions.jsonl")) });
  for await (const line of lines) {
    const { output, times } = JSON.parse(line);
    const words = output.trim().split(" ");
    first.push(times.ttft_ms - Number(words[0]));
    whole.push(times.latency_ms - Number(words.at(-1)));
  }
  const at = (values, share) =>
    round([...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(share * values.length))]);
  return {
    ttft_error_p50_ms: at(first, 0.5),
    ttft_error_p95_ms: at(first, 0.95),
    ttft_error_p99_ms: at(first, 0.99),
    latency_error_p50_ms: at(whole, 0.5),
    latency_error_p99_ms: at(whole, 0.99),
  };
}

/** Peak memory and time of runs of 1 000 rows and 10 variants, all reports written. */
async function memory({ endpoint, folder, isShort, sizes }) {
  const rows = [];
  for (const requests of sizes ?? (isShort ? [10_000] : [10_000, 100_000])) {
    const options = { requests, concurrency: 64, stream: false, folder, models: 10, keep: true };
    const own = await promptgrid(endpoint.url({}), options);
    const files = readdirSync(own.out).map((name) => statSync(join(own.out, name)));
    rows.push({
      requests,
      peak_mb: Math.round(own.peak_mb),
      sending_s: round(own.sending_s),
      reports_and_start_s: round(own.wall_s - own.sending_s),
      cpu_us: Math.round((1e6 * own.cpu_s) / requests),
      written_mb: Math.round(files.reduce((sum, { size }) => sum + size, 0) / 1e6),
    });
  }
  return rows;
}

/** `resume` and the reports over a journal that is there, by bench/resume.mjs. */
function resume({ isShort, sizes }) {
  return (sizes ?? [isShort ? 10_000 : 1_000_000]).map((records) => {
    const { stdout, status } = spawnSync(process.execPath, [here("../resume.mjs"), String(records)], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "inherit"],
    });
    if (status !== 0) throw new Error(`bench/resume.mjs ended with ${status}`);
    return JSON.parse(stdout);
  });
}

/** The use of stated limits and what a throttled lane costs the other, in virtual time, by bench/limits.mjs. */
function limits({ isShort }) {
  const only = isShort ? "lanes" : "rpm,tpm,lanes";
  const { stdout } = spawnSync(process.execPath, [here("../limits.mjs"), "--only", only], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  return stdout
    .split(/^### /m)
    .slice(1)
    .flatMap((table) => {
      const lines = table
        .split("\n")
        .filter((line) => line.startsWith("|"))
        .map((line) =>
          line
            .split("|")
            .slice(1, -1)
            .map((cell) => cell.trim()),
        );
      const [head = [], , ...body] = lines;
      return body.map((cells) => ({
        group: table.split("\n")[0],
        ...Object.fromEntries(cells.map((cell, i) => [head[i], cell])),
      }));
    });
}

/** Start-up against that of Node itself, and the commands that a hand waits for. */
async function start({ folder, isShort }) {
  const times = { node: [], help: [], version: [], plan: [] };
  const plan = [bin, "plan", here("../../configs/quickstart.yaml")];
  for (let i = 0; i < (isShort ? 3 : 15); i++) {
    times.node.push((await timed(["-e", "0"], folder)) * 1_000);
    times.help.push((await timed([bin, "--help"], folder)) * 1_000);
    times.version.push((await timed([bin, "--version"], folder)) * 1_000);
    times.plan.push((await timed(plan, folder)) * 1_000);
  }
  const floorMs = median(times.node);
  return Object.entries(times).map(([what, all]) => ({
    what,
    ms: Math.round(median(all)),
    ratio: round(median(all) / floorMs),
  }));
}

async function timed(args, folder) {
  const startedAt = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, {
    cwd: folder,
    encoding: "utf8",
    env: { PATH: process.env.PATH },
  });
  if (status !== 0) throw new Error(`${args.join(" ")} ended with ${status}: ${stderr}`);
  return (performance.now() - startedAt) / 1_000;
}

/** What an installation for production takes. */
function size({ folder }) {
  const target = join(folder, "install");
  mkdirSync(target);
  for (const name of ["package.json", "package-lock.json"]) cpSync(here(`../../${name}`), join(target, name));
  const { status } = spawnSync(
    "npm",
    ["ci", "--omit=dev", "--omit=optional", "--ignore-scripts", "--silent"],
    { cwd: target, stdio: ["ignore", "ignore", "inherit"] },
  );
  if (status !== 0) throw new Error(`npm ci ended with ${status}`);
  const lock = JSON.parse(readFileSync(join(target, "package-lock.json"), "utf8"));
  const isProduction = ([path, { dev, optional, devOptional }]) =>
    path !== "" && !dev && !optional && !devOptional;
  return [
    {
      packages: Object.entries(lock.packages).filter(isProduction).length,
      mb: round(bytesIn(join(target, "node_modules")) / 1e6, 1),
      compiled: compiledIn(join(target, "node_modules")),
    },
  ];
}

function filesIn(path) {
  return readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.path, entry.name));
}

const bytesIn = (path) => filesIn(path).reduce((sum, file) => sum + statSync(file).size, 0);
const compiledIn = (path) => filesIn(path).filter((file) => file.endsWith(".node")).length;
