import { execFileSync } from "node:child_process";
import { cpSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { projectRoot, runCli } from "../support/cli.ts";
import { tempFolder } from "../support/temp-folder.ts";

const readme = readFileSync(join(projectRoot, "README.md"), "utf8");

/** Blocks of one language in the README. */
function blocks(language: string): readonly string[] {
  return [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "gm"))].map(
    (match) => match[1] ?? "",
  );
}

/** Words of a command line; single and double quotes keep words together. */
function words(line: string): readonly string[] {
  return [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    (match) => match[1] ?? match[2] ?? match[3] ?? "",
  );
}

/** A table line without what differs from run to run: everything behind the counts. */
function steady(text: string): readonly string[] {
  return text
    .split("\n")
    .filter((line) => /^prompt=[^ ]+,/.test(line))
    .map((line) => (/^(\S+ +\S+ \[\S+ \S+\] +\d+ +\d+)/.exec(line)?.[1] ?? line).replace(/ +/g, " "));
}

/** Makes the folder a repository whose upstream is what it holds. */
function commitAll(folder: string): void {
  const git = (...more: readonly string[]): void => {
    const who = ["-c", "user.name=Test", "-c", "user.email=test@example.org"];
    execFileSync("git", [...who, ...more], { cwd: folder, stdio: "ignore" });
  };
  writeFileSync(join(folder, ".gitignore"), "results/\n");
  git("init", "-q");
  git("add", ".");
  git("commit", "-q", "-m", "all");
  git("update-ref", "refs/remotes/origin/main", "HEAD");
}

/** The run that was made last, as a command names it. */
function newestRun(folder: string): string {
  const results = join(folder, "results");
  const runs = readdirSync(results).map((name) => ({ name, at: statSync(join(results, name)).mtimeMs }));
  const [newest] = runs.sort((a, b) => b.at - a.at);
  return `results/${newest?.name ?? "none"}`;
}

describe("the README", () => {
  it("shows what `npm start` prints", async () => {
    const { stdout } = await runCli(["run", join(projectRoot, "configs/quickstart.yaml")], {
      cwd: tempFolder(),
    });
    const shown = /<!-- output: npm start -->\n```\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
    expect(steady(shown)).toHaveLength(18);
    expect(steady(shown)).toEqual(steady(stdout));
  });

  it("has a first matrix that passes `check`, and commands that work", { timeout: 120_000 }, async () => {
    const folder = tempFolder();
    for (const name of ["configs", "datasets", "prompts", "schemas"])
      cpSync(join(projectRoot, name), join(folder, name), { recursive: true });
    const [matrix = ""] = blocks("yaml");
    writeFileSync(join(folder, "triage.yaml"), matrix);
    writeFileSync(
      join(folder, "tickets.csv"),
      "id,text,team\n1,I was charged twice,billing\n2,The app crashes,support\n",
    );
    const commands = blocks("sh")
      .flatMap((block) => block.split("\n"))
      .map((line) => line.replace(/\s+#.*$/, "").trim())
      .filter((line) => line.startsWith("promptgrid "));
    expect(commands.length).toBeGreaterThan(6);
    commitAll(folder);
    for (const written of commands) {
      const command = written.replaceAll(/results\/[A-Z]+/g, () => newestRun(folder));
      const real = command.includes("run triage.yaml")
        ? ["--provider", "simulator", "--set", "parameters.enable_thinking=null"]
        : [];
      const { code, stdout, stderr } = await runCli([...words(command).slice(1), ...real], { cwd: folder });
      // Two rows can see nothing, which is said.
      const warnings = stderr
        .split("\n")
        .filter((line) => / warning: /.test(line) && !line.includes("[gates/too-small]"));
      expect([command, code, warnings], stderr).toEqual([command, 0, []]);
      expect(stdout).not.toBe("");
    }
  });

  it("names every command and exit code that exists", async () => {
    const { stdout } = await runCli(["--help"], { cwd: projectRoot });
    const commands = [...stdout.matchAll(/^ {2}promptgrid (\w+)/gm)].map((match) => match[1] ?? "");
    expect(commands.length).toBeGreaterThan(6);
    for (const command of commands) expect(readme).toMatch(new RegExp(`\\| \`${command}[ \`]`));
  });
});
