import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Summary } from "../../src/aggregate/summary-shape.ts";
import { type CliResult, runCli } from "../support/cli.ts";
import { tempFolder } from "../support/temp-folder.ts";

const rows = Array.from({ length: 200 }, (_, i) => `q${i},What is ${i} plus ${i + 3}?,${2 * i + 3}`);

function matrix(prompt: string, more = ""): string {
  return `name: sums
provider: simulator
prompts:
  - id: sum
    user: "{{ question }} ${prompt}"
  - id: role
    system: You calculate carefully.
    user: "{{ question }}"
dataset: rows.csv
grid: { model: [sim/weak], temperature: [0] }
parameters: { max_tokens: 64 }
trials: 2
scorers:
  - { id: correct, type: numeric, expected: "{{ answer }}" }
${more}`;
}

const good = "Think step by step.";
const bad = "Answer at once.";

/** A repository with a good prompt committed. */
function repository(more = ""): string {
  const folder = tempFolder({
    "sums.yaml": matrix(good, more),
    "rows.csv": `id,question,answer\n${rows.join("\n")}\n`,
    ".gitignore": "results/\n",
  });
  const git = (...words: readonly string[]): void => {
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.org", ...words], {
      cwd: folder,
      stdio: "ignore",
    });
  };
  git("init", "-q", "-b", "main");
  git("add", ".");
  git("commit", "-q", "-m", "a good prompt");
  return folder;
}

async function promptgrid(folder: string, ...words: readonly string[]): Promise<CliResult> {
  return runCli(words, { cwd: folder });
}

function summaryOf(folder: string, run: string): Summary {
  return JSON.parse(readFileSync(join(folder, run, "summary.json"), "utf8")) as Summary;
}

describe("a prompt in CI", { timeout: 120_000 }, () => {
  it("is saved as a baseline, made worse, and found out", async () => {
    const folder = repository(
      "baseline: baselines/main.json\ngates:\n  - { metric: pass_rate, max_drop: 5% }\n",
    );
    const first = await promptgrid(
      folder,
      "run",
      "sums.yaml",
      "--out",
      "one",
      "--save-baseline",
      "baselines/main.json",
    );
    expect([first.code, first.stderr]).toEqual([0, expect.stringContaining("baselines/main.json")]);
    expect(summaryOf(folder, "one").verdict).toBe("none");
    expect(readFileSync(join(folder, "baselines/main.json"), "utf8").length).toBeLessThan(200_000);

    const same = await promptgrid(folder, "run", "sums.yaml", "--out", "two");
    expect(same.code).toBe(0);
    expect(summaryOf(folder, "two").gates.map(({ verdict }) => verdict)).toEqual(["pass", "pass"]);

    writeFileSync(
      join(folder, "sums.yaml"),
      matrix(bad, "baseline: baselines/main.json\ngates:\n  - { metric: pass_rate, max_drop: 5% }\n"),
    );
    const worse = await promptgrid(folder, "run", "sums.yaml", "--out", "three");
    expect(worse.code).toBe(1);
    const { gates, verdict } = summaryOf(folder, "three");
    expect(verdict).toBe("fail");
    expect(gates.map((gate) => gate.verdict)).toEqual(["fail", "pass"]);
    expect(gates[0]?.reason).toMatch(/^pass_rate fell by \d+\.\d points \[.*\] from 0\.\d{3} to 0\.\d{3}/);
    expect(gates[0]?.flipped[0]?.base.output).toEqual(expect.any(String));
    expect(worse.stdout).toContain("fail");
    expect(readFileSync(join(folder, "three/junit.xml"), "utf8")).toContain("<failure");

    const again = await promptgrid(folder, "compare", "baselines/main.json", "three", "--format", "json");
    expect(again.code).toBe(1);
    expect(JSON.parse(again.stdout)).toMatchObject({ verdict: "fail" });
  });

  it("is compared with the revision before it, without any baseline", async () => {
    const folder = repository();
    writeFileSync(join(folder, "sums.yaml"), matrix(bad));
    const run = await promptgrid(folder, "run", "sums.yaml", "--out", "run", "--against", "main");
    expect(run.code, run.stderr).toBe(1);
    const { gates } = summaryOf(folder, "run");
    // The other prompt is the same on both sides: asked once, and nothing to judge.
    expect(gates.map(({ verdict }) => verdict)).toEqual(["fail", "pass"]);
    expect(gates[1]?.reason).toContain("nothing changed");
    expect(summaryOf(folder, "run/against").totals).toMatchObject({
      requests: 800,
      answered: 800,
      reused: 400,
    });
    const compared = await promptgrid(folder, "compare", "run/against", "run");
    expect(compared.code).toBe(1);
    expect(compared.stdout).toContain("Think step by step.");
  });

  it("shows its verdict on the page of the workflow, and at the line of the prompt", async () => {
    const folder = repository();
    writeFileSync(join(folder, "sums.yaml"), matrix(bad));
    const page = join(folder, "page.md");
    writeFileSync(page, "");
    const { code, stderr } = await runCli(["run", "sums.yaml", "--out", "run", "--against", "main"], {
      cwd: folder,
      env: { GITHUB_ACTIONS: "true", CI: "true", GITHUB_STEP_SUMMARY: page, GITHUB_WORKSPACE: folder },
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^::error file=sums\.yaml,line=4/m);
    expect(readFileSync(page, "utf8")).toContain("fail");
  });

  it("passes when nothing but a comment changed", async () => {
    const folder = repository();
    writeFileSync(join(folder, "sums.yaml"), `# harmless\n${matrix(good)}`);
    const { code } = await promptgrid(
      folder,
      "run",
      "sums.yaml",
      "--out",
      "run",
      "--against",
      "main",
      "--strict",
    );
    expect(code).toBe(0);
    expect(summaryOf(folder, "run").verdict).toBe("pass");
    expect(existsSync(join(folder, "run/against/journal.jsonl"))).toBe(true);
  });
});
