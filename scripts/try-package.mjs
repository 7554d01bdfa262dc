// Packs the package, installs the tarball into an empty folder, and makes a first run there, as a user would.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folder = mkdtempSync(join(tmpdir(), "promptgrid-package-"));
const run = (command, cwd) => {
  console.log(`$ ${command}`);
  const done = spawnSync(command, { shell: true, stdio: "inherit", cwd });
  if (done.status !== 0) {
    console.error(`exit code ${done.status}`);
    process.exit(1);
  }
};
try {
  run(`npm pack --silent --pack-destination ${folder}`, process.cwd());
  const [tarball] = readdirSync(folder);
  run("npm init -y --silent > /dev/null", folder);
  run(`npm install --no-audit --no-fund ./${tarball}`, folder);
  run("npx promptgrid --help > /dev/null && npx promptgrid --version", folder);
  run("npx promptgrid init && npx promptgrid run configs/quickstart.yaml --limit 3", folder);
  run("npx promptgrid run node_modules/promptgrid/configs/choice.yaml --limit 3 --quiet", folder);
  run("du -sh node_modules && find node_modules -name '*.node' | wc -l", folder);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
