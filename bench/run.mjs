// How close promptgrid is to the limit of the machine, as ratios in one run against a floor (bench/speed/floor.mjs: a bare
// undici loop that posts the same bodies, parses the answers and appends JSONL and CSV):
//   npm run bench                        all parts, about 15 minutes
//   npm run bench -- --only memory       one part of: throughput, streams, memory, resume, limits, start, size
//   npm run bench -- --short             small sizes, a minute: whether the bench itself works; its figures say little
//   npm run bench -- --requests 1000000  the memory part with another size (given more than once: several)
// Prints the table of targets and writes bench/results/speed.json with machine and versions. The endpoint is a process of
// its own, so that two cores are the least for figures that mean something. Never fails for a figure, only for an answer
// that is missing.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startEndpoint } from "./speed/measured.mjs";
import { parts } from "./speed/parts.mjs";
import { targets } from "./speed/targets.mjs";

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    short: { type: "boolean", default: false },
    requests: { type: "string", multiple: true },
  },
});
const wanted = values.only?.split(",") ?? Object.keys(parts);
const unknown = wanted.filter((name) => parts[name] === undefined);
if (unknown.length > 0)
  throw new Error(`no part ${unknown.join(", ")}: there are ${Object.keys(parts).join(", ")}`);

const folder = mkdtempSync(join(tmpdir(), "promptgrid-bench-"));
const endpoint = await startEndpoint();
const results = {};
try {
  const setting = { folder, endpoint, isShort: values.short, sizes: values.requests?.map(Number) ?? null };
  for (const name of wanted) {
    console.log(`\n## ${name}`);
    results[name] = await parts[name](setting);
    console.table(results[name]);
  }
} finally {
  await endpoint.stop();
  rmSync(folder, { recursive: true, force: true });
}

const rows = targets(results);
console.log("\n## targets");
console.log("| what | target | measured |\n|---|---|---|");
for (const { what, target, measured, met } of rows)
  console.log(`| ${what} | ${target} | ${measured}${met ? "" : " **missed**"} |`);

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
const machine = {
  promptgrid: version,
  node: process.version,
  undici: JSON.parse(readFileSync(new URL("../node_modules/undici/package.json", import.meta.url), "utf8"))
    .version,
  cpu: cpus()[0]?.model,
  cores: cpus().length,
  memory_gb: Math.round(totalmem() / 1e9),
};
mkdirSync(new URL("./results/", import.meta.url), { recursive: true });
writeFileSync(
  new URL("./results/speed.json", import.meta.url),
  `${JSON.stringify({ machine, short: values.short, targets: rows, results }, null, 2)}\n`,
);
