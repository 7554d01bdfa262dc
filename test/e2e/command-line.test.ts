import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { projectRoot, runCli } from "../support/cli.ts";
import { tempFolder } from "../support/temp-folder.ts";

test("help and version are the same, laid out when the package was built or now", async () => {
  const cwd = tempFolder();
  const said = async (...args: string[]) => (await runCli(args, { cwd })).stdout;
  const help = await said("--help");
  expect(help).toContain("promptgrid run <matrix>");
  expect(await said("-h")).toBe(help);
  expect(await said("--help", "--help")).toBe(help);
  const { version } = JSON.parse(readFileSync(join(projectRoot, "package.json"), "utf8")) as {
    version: string;
  };
  expect(await said("--version")).toBe(`${version}\n`);
  expect(await said("-v")).toBe(`${version}\n`);
  expect(await said("--version", "--version")).toBe(`${version}\n`);
});

test("each command has its help, with its own flags", async () => {
  const cwd = tempFolder();
  const flags = {
    run: "--budget",
    plan: "--curl",
    estimate: "--pilot",
    check: "--set",
    resume: "--grace",
    report: "--safe-csv",
    score: "--matrix",
    compare: "--max-drop",
    "baseline save": "--quiet",
    view: "--port",
    simulate: "--latency",
    init: "--quiet",
  };
  for (const [command, flag] of Object.entries(flags)) {
    const { stdout, code } = await runCli([...command.split(" "), "--help"], { cwd });
    expect([command, code]).toEqual([command, 0]);
    expect(stdout).toContain(`promptgrid ${command}`);
    expect(stdout).toContain(flag);
  }
});
