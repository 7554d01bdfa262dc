// Builds `dist/` from `src/`, afresh, so that no file of an older build is left behind: the program by tsc, and what runs in
// a browser as one script and one style for each kind of page in `dist/browser/`; then the text of `--help`, which takes longer to
// lay out than Node takes to start.
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, rmSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

rmSync("dist", { recursive: true, force: true });
const tsc = spawnSync("tsc", ["-p", "tsconfig.build.json"], { stdio: "inherit", shell: true });
if (existsSync("dist/cli/bin.js")) chmodSync("dist/cli/bin.js", 0o755);
await build({
  entryPoints: ["report.ts", "comparison.ts", "report.css", "view.ts", "view.css"].map(
    (name) => `src/browser/${name}`,
  ),
  outdir: "dist/browser",
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  charset: "ascii",
  legalComments: "none",
  logLevel: "warning",
});
if (tsc.status === 0) {
  const help = spawnSync(process.execPath, ["dist/cli/bin.js", "--help"], { encoding: "utf8" });
  if (help.status === 0) writeFileSync("dist/cli/help.txt", help.stdout);
  else process.stderr.write(help.stderr);
  process.exitCode = help.status ?? 1;
} else process.exitCode = tsc.status ?? 1;
