import { spawnSync } from "node:child_process";

/** Builds `dist/` once before the suite, so that tests which spawn the CLI run what the sources say. */
export default function setup(): void {
  const built = spawnSync("npm", ["run", "build", "--silent"], { encoding: "utf8" });
  if (built.status !== 0) throw new Error(`the build failed:\n${built.stdout}${built.stderr}`);
}
