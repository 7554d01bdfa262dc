// How long stored answers take to be read and scored again, and what that holds: `npm run build`, then
//   npm run bench:score                  1 000 000 answers
//   npm run bench:score -- 100000        other sizes
// Each pass is a process of its own over the same run directory, which is written without sending anything. The time is that
// of the results alone: `open_s` is what it takes before to read the inputs and to index the journal.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openRun } from "../dist/run/open-run.js";
import { runResults } from "../dist/run/results.js";
import { runFiles } from "../dist/run/run-directory.js";
import { compileScoring } from "../dist/run/scoring.js";
import { writeStoredAnswers } from "./stored-answers.mjs";

const scorers = [
  { type: "exact", expected: "{{ answer }}" },
  { type: "numeric", expected: "{{ expected }}", extract: "first" },
  {
    type: "json_schema",
    schema: {
      type: "object",
      required: ["answer", "name"],
      properties: { answer: { type: "integer" }, name: { type: "string" } },
    },
  },
];
/** What is measured: the types of the scorers that judge. */
const passes = [[], ["exact", "numeric"], scorers.map(({ type }) => type)];

const [command, ...rest] = process.argv.slice(2);
if (command === "pass") console.log(JSON.stringify(measure(rest[0], rest.slice(1))));
else {
  for (const count of command === undefined ? [1_000_000] : [command, ...rest].map(Number)) {
    const folder = mkdtempSync(join(tmpdir(), "promptgrid-bench-"));
    try {
      const directory = writeStoredAnswers(folder, count, scorers);
      for (const types of passes) runPass(directory, types);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

function runPass(directory, types) {
  const script = fileURLToPath(import.meta.url);
  const { status } = spawnSync(process.execPath, ["--expose-gc", script, "pass", directory, ...types], {
    stdio: "inherit",
  });
  if (status !== 0) throw new Error(`the pass ended with ${status}`);
}

function measure(directory, types) {
  const openedAt = performance.now();
  const { prepared, index } = openRun(directory);
  const { config, dataset, plan } = prepared;
  const chosen = { ...config, scorers: config.scorers.filter(({ type }) => types.includes(type)) };
  const judged = { ...prepared, scoring: compileScoring(chosen, dataset).scoring };
  const startedAt = performance.now();
  const heap = [];
  let answers = 0;
  let passed = 0;
  for (const result of runResults(judged, index, join(directory, runFiles.journal))) {
    answers += result.completions.length;
    for (const completion of result.completions) if (completion.passed === true) passed++;
    if (result.index + 1 === Math.ceil(plan.length / 10)) heap.push(heapMb());
  }
  const ms = performance.now() - startedAt;
  heap.push(heapMb());
  return {
    scorers: types.join(" + ") || "none",
    answers,
    passed,
    open_s: seconds(startedAt - openedAt),
    read_s: seconds(ms),
    answers_per_s: Math.round((answers / ms) * 1_000),
    heap_mb_at_10_percent: heap[0],
    heap_mb_at_100_percent: heap[1],
    peak_rss_mb: Math.round(process.resourceUsage().maxRSS / 1024),
  };
}

function heapMb() {
  globalThis.gc();
  return Math.round(process.memoryUsage().heapUsed / 1e5) / 10;
}

function seconds(ms) {
  return Math.round(ms / 10) / 100;
}
