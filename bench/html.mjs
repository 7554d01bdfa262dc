// What the report page of a large run costs: `npm run build`, then
//   npm run bench:html                   100 000 completions
//   npm run bench:html -- 10000 1000000  other sizes
// The run is written without sending anything; its answers are 60 random words each. `reports_s` is all reports, the page
// among them; `page_s` is what the page takes beside reading the results. Where there is a
// chromium, the page is opened from disk: `paint_ms` is the first contentful paint, `ready_ms` when all is drawn.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { HtmlTally } from "../dist/report/html-tally.js";
import { writeHtml } from "../dist/run/html-report.js";
import { openRun } from "../dist/run/open-run.js";
import { runResults } from "../dist/run/results.js";
import { runFiles } from "../dist/run/run-directory.js";
import { writeReports } from "../dist/run/write-reports.js";
import { writeStoredAnswers } from "./stored-answers.mjs";

const scorers = [{ type: "numeric", expected: "{{ expected }}", extract: "first" }];
const words = 60;

const [command, ...rest] = process.argv.slice(2);
if (command === "page") console.log(JSON.stringify(measure(rest[0])));
else {
  for (const count of command === undefined ? [100_000] : [command, ...rest].map(Number)) {
    const folder = mkdtempSync(join(tmpdir(), "promptgrid-bench-"));
    try {
      const directory = writeStoredAnswers(folder, count, scorers, words);
      const script = fileURLToPath(import.meta.url);
      const { stdout, status } = spawnSync(process.execPath, [script, "page", directory], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "inherit"],
      });
      if (status !== 0) throw new Error(`writing ended with ${status}`);
      const seen = await opened(join(directory, "report.html"));
      console.log(JSON.stringify({ completions: count, ...JSON.parse(stdout), ...seen }));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

function measure(directory) {
  const { run, prepared, index } = openRun(directory);
  const startedAt = performance.now();
  const summary = writeReports(directory, run, prepared, index);
  const all = performance.now() - startedAt;
  const tally = new HtmlTally(prepared.plan.rows.length);
  const readAt = performance.now();
  const results = () => runResults(prepared, index, join(directory, runFiles.journal));
  for (const result of results()) tally.add(result);
  const read = performance.now() - readAt;
  const pageAt = performance.now();
  writeHtml(directory, prepared, index, summary, tally);
  return {
    reports_s: seconds(all),
    page_s: seconds(performance.now() - pageAt),
    read_s: seconds(read),
    peak_rss_mb: Math.round(process.resourceUsage().maxRSS / 1_024),
    file_mb: megabytes(statSync(join(directory, "report.html")).size),
  };
}

async function opened(file) {
  const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find((path) => existsSync(path));
  if (executablePath === undefined) return {};
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
  try {
    const page = await browser.newPage();
    const startedAt = performance.now();
    await page.goto(pathToFileURL(file).href);
    await page.waitForSelector('html[data-ready="true"]', { state: "attached" });
    const ready = performance.now() - startedAt;
    const paint = await page.evaluate(
      "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null",
    );
    return { paint_ms: Math.round(paint), ready_ms: Math.round(ready) };
  } finally {
    await browser.close();
  }
}

function seconds(ms) {
  return Math.round(ms / 10) / 100;
}

function megabytes(bytes) {
  return Math.round(bytes / 1e5) / 10;
}
