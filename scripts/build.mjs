// Builds `dist/` from `src/`, afresh, so that no file of an older build is left behind.
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, rmSync } from "node:fs";

rmSync("dist", { recursive: true, force: true });
const tsc = spawnSync("tsc", ["-p", "tsconfig.build.json"], { stdio: "inherit", shell: true });
if (existsSync("dist/cli/bin.js")) chmodSync("dist/cli/bin.js", 0o755);
process.exitCode = tsc.status ?? 1;
