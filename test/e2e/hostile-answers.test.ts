import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { describe, expect, it } from "vitest";
import { parseXml } from "../report/strict-xml.ts";
import { runCli } from "../support/cli.ts";
import { hostileAnswers, hostileRun } from "../support/hostile-run.ts";
import { tempFolder } from "../support/temp-folder.ts";

const names = Object.keys(hostileAnswers);
const steering = /(?!\n)[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

function reader(cwd: string): (name: string) => string {
  return (name) => readFileSync(join(cwd, "out", name), "utf8");
}

describe("answers that try to break out", () => {
  it("stay what they are in every report, on the screen, and for a workflow", async () => {
    const gates = 'gates: [{ id: "::error::x", metric: pass_rate, min: 99% }]\n';
    const cwd = tempFolder({ ...hostileRun, "m.yaml": `${hostileRun["m.yaml"]}${gates}`, "page.md": "" });
    const env = { GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: join(cwd, "page.md") };
    const args = ["run", "m.yaml", "--out", "out", "--junit", "rows"];
    const { code, stdout, stderr } = await runCli(args, { cwd, env });
    expect([0, 1, 3]).toContain(code);
    const read = reader(cwd);

    const lines = parse(read("completions.csv"), { columns: true }) as Readonly<Record<string, string>>[];
    expect(lines.map(({ output }) => output)).toEqual(
      names.map((name) => hostileAnswers[name]?.replace(/\p{Surrogate}/gu, "\ufffd")),
    );
    const objects = read("completions.jsonl")
      .trimEnd()
      .split("\n")
      .map((line) => (JSON.parse(line) as { output: string }).output);
    expect(objects).toEqual(names.map((name) => hostileAnswers[name]));
    expect(() => parseXml(read("junit.xml"))).not.toThrow();
    for (const text of [stdout, read("report.md"), readFileSync(join(cwd, "page.md"), "utf8")]) {
      expect(text).not.toMatch(steering);
      expect(text.split("\n").filter((line) => line.trimStart().startsWith("::"))).toEqual([]);
    }
    expect(stderr.replaceAll("\r", "")).not.toMatch(steering);
    for (const line of stderr.split("\n"))
      if (line.startsWith("::")) expect(line).toMatch(/^::(error|warning|notice) /);
    for (const text of [read("report.md"), readFileSync(join(cwd, "page.md"), "utf8")])
      expect(text).not.toMatch(/<(?:script|img|svg|b>|i>|u>)/);
    for (const format of ["json", "csv", "markdown", "table"] as const) {
      const shown = await runCli(["report", "out", "--format", format], { cwd });
      if (format === "table" || format === "markdown") expect(shown.stdout).not.toMatch(steering);
      expect(shown.stdout).not.toContain("\u001b");
    }
  });

  it("are no formulas in guarded files, which begin with a byte order mark where it is asked for", async () => {
    const cwd = tempFolder(hostileRun);
    const { code } = await runCli(["run", "m.yaml", "--out", "out", "-q", "--safe-csv", "--csv-bom"], {
      cwd,
    });
    expect(code).toBe(0);
    const read = reader(cwd);
    for (const name of ["completions.csv", "summary.csv"]) {
      expect(read(name).charCodeAt(0)).toBe(0xfeff);
      const cells = (parse(read(name), { bom: true }) as string[][]).flat();
      expect(cells.filter((cell) => /^[=+@]/.test(cell))).toEqual([]);
    }
    expect((await runCli(["report", "out"], { cwd })).code).toBe(0);
    expect(read("summary.csv").charCodeAt(0)).toBe(0xfeff);
  });

  it("stay text where two runs are compared", async () => {
    const cwd = tempFolder(hostileRun);
    expect((await runCli(["run", "m.yaml", "--out", "a", "-q"], { cwd })).code).toBe(0);
    const turned = Object.fromEntries(names.map((name, i) => [name, names.at(i - 1) ?? name]));
    const answers = names.map((name) =>
      JSON.stringify({ model: "m<i>", prompt: `${name}?`, content: hostileAnswers[turned[name] ?? ""] }),
    );
    writeFileSync(join(cwd, "answers.jsonl"), `${answers.join("\n")}\n`);
    expect((await runCli(["run", "m.yaml", "--out", "b", "-q"], { cwd })).code).toBe(0);
    for (const format of ["table", "markdown"]) {
      const { stdout } = await runCli(["compare", "a", "b", "--format", format, "--flips", "all"], { cwd });
      expect(stdout).not.toMatch(steering);
      expect(stdout.split("\n").filter((line) => line.trimStart().startsWith("::"))).toEqual([]);
      if (format === "markdown") expect(stdout).not.toMatch(/<(?:script|img|svg|b>|i>|u>)/);
    }
  });
});
