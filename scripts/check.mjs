// Every check, one after another; stops at the first that fails. `--no-tests` leaves out the test suite.
import { spawnSync } from "node:child_process";

const steps = [
  ["format and lint", "biome ci --colors=off --error-on-warnings ."],
  ["types", "tsc -p tsconfig.json"],
  ["types of the browser's half", "tsc -p tsconfig.browser.json"],
  ["build", "node scripts/build.mjs"],
  ["schema", "node scripts/schema.mjs && git diff --exit-code promptgrid.schema.json"],
  ["tests", "vitest run"],
  ["unused code", "knip"],
  ["package", "publint --strict"],
  ["package types", "attw --pack . --profile esm-only --exclude-entrypoints schema"],
];
const skipped = process.argv.includes("--no-tests") ? ["tests"] : [];
for (const [name, command] of steps) {
  if (skipped.includes(name)) continue;
  console.log(`\n== ${name}: ${command}`);
  const done = spawnSync(command, { shell: true, stdio: "inherit" });
  if (done.status !== 0) {
    console.error(`\n${name} failed`);
    process.exit(1);
  }
}
