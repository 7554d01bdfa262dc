import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Summary } from "../../src/aggregate/summary-shape.ts";
import type { Simulator } from "../../src/simulator/options.ts";
import { startSimulator } from "../../src/simulator/server.ts";
import { collect, runCli, spawnCli } from "../support/cli.ts";
import { tempFolder } from "../support/temp-folder.ts";

const rows = Array.from({ length: 100 }, (_, i) => `r${i},What is ${i} + 1?,${i + 1}`);

function folderFor(simulator: Simulator): string {
  return tempFolder({
    "rows.csv": `id,question,answer\n${rows.join("\n")}\n`,
    "m.yaml": `
name: resumed
provider: local
providers: { local: { preset: simulator, base_url: "${simulator.baseUrl}" } }
prompts: [{ id: p, user: "{{ question }}" }]
dataset: rows.csv
grid: { model: [sim/strong, sim/weak] }
limits: { concurrency: 8 }
scorers: [{ type: numeric, expected: "{{ answer }}" }]
`,
  });
}

/** Journal lines that hold an answer. */
function answers(directory: string): number {
  const path = join(directory, "journal.jsonl");
  return existsSync(path)
    ? readFileSync(path, "utf8")
        .split("\n")
        .filter((line) => line.includes('"status":"ok"') && line.includes('"kind":"attempt"')).length
    : 0;
}

async function waitForAnswers(directory: string, count: number): Promise<void> {
  while (answers(directory) < count) await sleep(5);
}

/** What a report says of the answers, without what depends on times. */
function facts(directory: string): unknown {
  const summary = JSON.parse(readFileSync(join(directory, "summary.json"), "utf8")) as Summary;
  const { requests, answered, failed, pending, completions, prompt_tokens, completion_tokens } =
    summary.totals;
  return {
    totals: { requests, answered, failed, pending, completions, prompt_tokens, completion_tokens },
    variants: summary.variants.map((variant) => [
      variant.variant,
      variant.passed,
      variant.scored,
      variant.pass_rate,
    ]),
  };
}

describe("a run that was cut short", () => {
  let simulator: Simulator;
  beforeEach(async () => {
    simulator = await startSimulator({ latency: { firstMs: 20, perTokenMs: 0 }, countRequestIds: true });
  });
  afterEach(() => simulator.close());

  /** Requests that the server saw more than once. */
  const askedAgain = (): readonly string[] =>
    Object.entries(simulator.stats().byRequestId ?? {}).flatMap(([id, count]) => (count > 1 ? [id] : []));

  it("by kill -9 goes on where it stopped, asks nothing twice that was answered, and reports the same", async () => {
    const folder = folderFor(simulator);
    const whole = join(folder, "whole");
    expect((await runCli(["run", "m.yaml", "--out", "whole", "-q"], { cwd: folder })).code).toBe(0);
    const plainRequests = simulator.stats().requests;
    expect(plainRequests).toBe(200);

    const cut = join(folder, "cut");
    for (const goal of [30, 90, 150]) {
      const child = spawnCli(
        goal === 30 ? ["run", "m.yaml", "--out", "cut", "-q"] : ["resume", "cut", "-q"],
        { cwd: folder },
      );
      const ended = collect(child);
      await waitForAnswers(cut, goal);
      child.kill("SIGKILL");
      await ended;
    }
    const last = await runCli(["resume", "cut"], { cwd: folder });
    expect(last.code).toBe(0);
    expect(last.stderr).toContain("took over the lock");
    // Each id was asked once by the whole run and once by the cut one; more only for what was in flight at a kill.
    const twice = Object.values(simulator.stats().byRequestId ?? {}).filter((count) => count > 2);
    expect(twice.length).toBeLessThanOrEqual(3 * 8);
    expect(answers(cut)).toBe(200);
    expect(facts(cut)).toEqual(facts(whole));
    const summary = JSON.parse(readFileSync(join(cut, "summary.json"), "utf8")) as Summary;
    expect([summary.run.status, summary.run.sessions]).toEqual(["complete", 4]);
  });

  it("by Ctrl-C ends what is in flight, writes reports, exits 130, and loses nothing", async () => {
    const folder = folderFor(simulator);
    const child = spawnCli(["run", "m.yaml", "--out", "out"], { cwd: folder });
    const ended = collect(child);
    await waitForAnswers(join(folder, "out"), 20);
    child.kill("SIGINT");
    const { code, stdout, stderr } = await ended;
    expect(code).toBe(130);
    expect(stderr).toContain("promptgrid resume out");
    expect(stdout).toContain("sim/strong");
    expect(askedAgain()).toEqual([]);
    expect((await runCli(["run", "m.yaml", "--out", "out"], { cwd: folder })).code).toBe(0);
    expect(askedAgain()).toEqual([]);
    expect(answers(join(folder, "out"))).toBe(200);
  });

  it("by SIGTERM exits 143", async () => {
    const folder = folderFor(simulator);
    const child = spawnCli(["run", "m.yaml", "--out", "out"], { cwd: folder });
    const ended = collect(child);
    await waitForAnswers(join(folder, "out"), 5);
    child.kill("SIGTERM");
    expect((await ended).code).toBe(143);
  });

  it("by Ctrl-C while it writes the reports ends at once; `report` makes them", async () => {
    const folder = folderFor(simulator);
    const child = spawnCli(["run", "m.yaml", "--out", "out", "--trials", "10", "--concurrency", "64", "-q"], {
      cwd: folder,
    });
    const ended = new Promise((resolve) => child.once("exit", (_, signal) => resolve(signal)));
    const isWriting = (): boolean =>
      existsSync(join(folder, "out")) &&
      readdirSync(join(folder, "out")).some((name) => /^completions\.csv\.\d+\.tmp$/.test(name));
    while (!isWriting()) await sleep(1);
    child.kill("SIGINT");
    expect(await ended).toBe("SIGINT");
    expect(existsSync(join(folder, "out/summary.json"))).toBe(false);
    const report = await runCli(["report", "out"], { cwd: folder });
    expect(report.code).toBe(0);
    expect(facts(join(folder, "out"))).toMatchObject({ totals: { requests: 2_000, answered: 2_000 } });
    expect(
      readdirSync(join(folder, "out")).filter((name) => name.endsWith(".tmp") || name === "lock"),
    ).toEqual([]);
    expect(askedAgain()).toEqual([]);
  });

  it("and whose matrix grew asks only for the difference; another plan is refused", async () => {
    const folder = folderFor(simulator);
    const matrix = readFileSync(join(folder, "m.yaml"), "utf8");
    expect(
      (await runCli(["run", "m.yaml", "--out", "out", "--limit", "10", "-q"], { cwd: folder })).code,
    ).toBe(0);
    expect(
      (
        await runCli(["run", "m.yaml", "--out", "out", "--limit", "15", "--trials", "2", "-q"], {
          cwd: folder,
        })
      ).code,
    ).toBe(0);
    expect(simulator.stats().requests).toBe(15 * 2 * 2);
    expect(askedAgain()).toEqual([]);

    writeFileSync(join(folder, "m.yaml"), matrix.replace('"{{ question }}"', '"{{ question }} Please."'));
    const before = readFileSync(join(folder, "out/run.json"), "utf8");
    const refused = await runCli(["run", "m.yaml", "--out", "out", "--limit", "15", "--trials", "2"], {
      cwd: folder,
    });
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("[run/other-plan]");
    expect(readFileSync(join(folder, "out/run.json"), "utf8")).toBe(before);

    const shrunk = await runCli(
      ["run", "m.yaml", "--out", "out", "--limit", "15", "--trials", "2", "--allow-shrink", "-q"],
      { cwd: folder },
    );
    expect(shrunk.code).toBe(0);
    expect(facts(join(folder, "out"))).toMatchObject({ totals: { requests: 60, answered: 60, pending: 0 } });
    // The permission was for what was left aside then, and for nothing more.
    const again = await runCli(["run", "m.yaml", "--out", "out", "--limit", "10", "--trials", "2"], {
      cwd: folder,
    });
    expect([again.code, again.stderr.includes("[run/other-plan]")]).toEqual([2, true]);
  });

  it("is refused when a model is called by another name on the endpoint, and lends nothing to such a run", async () => {
    const folder = folderFor(simulator);
    await runCli(["run", "m.yaml", "--out", "out", "--limit", "5", "-q"], { cwd: folder });
    const renamed = ["--set", "providers.local.models={ sim/weak: sim/strong }"];
    const refused = await runCli(["run", "m.yaml", "--out", "out", "--limit", "5", ...renamed], {
      cwd: folder,
    });
    expect([refused.code, refused.stderr.includes("[run/other-endpoint]")]).toEqual([2, true]);
    const other = await runCli(
      ["run", "m.yaml", "--out", "other", "--limit", "5", "--reuse", "out", "--format", "json", ...renamed],
      { cwd: folder },
    );
    expect((JSON.parse(other.stdout) as Summary).totals.reused).toBe(0);
  });

  it("is refused while another process works on it", async () => {
    const folder = folderFor(simulator);
    const child = spawnCli(["run", "m.yaml", "--out", "out", "--concurrency", "1"], { cwd: folder });
    const ended = collect(child);
    await waitForAnswers(join(folder, "out"), 1);
    const second = await runCli(["resume", "out"], { cwd: folder });
    expect([second.code, second.stderr.includes("[run/locked]")]).toEqual([2, true]);
    child.kill("SIGINT");
    await ended;
  });

  it("makes the same reports again, byte for byte, on another place too", async () => {
    const folder = folderFor(simulator);
    await runCli(["run", "m.yaml", "--out", "out", "--limit", "20", "-q"], { cwd: folder });
    const names = ["completions.csv", "completions.jsonl", "summary.csv", "summary.json", "report.md"];
    const read = (): readonly string[] =>
      names.map((name) => readFileSync(join(folder, "out", name), "utf8"));
    const first = read();
    writeFileSync(join(folder, "m.yaml"), "changed: true\n");
    for (let i = 0; i < 2; i++) {
      for (const name of names) writeFileSync(join(folder, "out", name), "damaged");
      expect((await runCli(["report", "out"], { cwd: folder })).code).toBe(0);
      expect(read()).toEqual(first);
    }
  });

  it("is not reported without its journal, nor while another process works on it", async () => {
    const folder = folderFor(simulator);
    await runCli(["run", "m.yaml", "--out", "out", "--limit", "5", "-q"], { cwd: folder });
    const csv = readFileSync(join(folder, "out/completions.csv"), "utf8");
    renameSync(join(folder, "out/journal.jsonl"), join(folder, "journal"));
    for (const command of ["report", "resume"]) {
      const refused = await runCli([command, "out"], { cwd: folder });
      expect([refused.code, refused.stderr.includes("[run/no-journal]")]).toEqual([2, true]);
    }
    expect(readFileSync(join(folder, "out/completions.csv"), "utf8")).toBe(csv);
    renameSync(join(folder, "journal"), join(folder, "out/journal.jsonl"));
    writeFileSync(join(folder, "out/lock"), `${process.pid}\n`);
    const busy = await runCli(["report", "out"], { cwd: folder });
    expect([busy.code, busy.stderr.includes("[run/locked]")]).toEqual([2, true]);
  });

  it("and whose journal was harmed meanwhile never pays for everything again without a word", async () => {
    const folder = folderFor(simulator);
    const child = spawnCli(["run", "m.yaml", "--out", "out", "-q"], { cwd: folder });
    const ended = collect(child);
    await waitForAnswers(join(folder, "out"), 30);
    child.kill("SIGKILL");
    await ended;
    const journal = join(folder, "out/journal.jsonl");
    const text = readFileSync(journal, "utf8");
    const had = answers(join(folder, "out"));
    const { requests } = simulator.stats();
    const refused = async (code: string): Promise<void> => {
      const { code: exit, stderr } = await runCli(["resume", "out"], { cwd: folder });
      expect([exit, stderr.includes(`[${code}]`), simulator.stats().requests]).toEqual([2, true, requests]);
    };
    rmSync(journal);
    await refused("run/no-journal");
    writeFileSync(journal, text.replaceAll('"kind"', '"king"'));
    await refused("run/damaged-journal");
    // What an editor or git makes of line ends on Windows harms nothing.
    writeFileSync(journal, text.slice(0, text.lastIndexOf("\n") + 1).replaceAll("\n", "\r\n"));
    const resumed = await runCli(["resume", "out"], { cwd: folder });
    expect([resumed.code, resumed.stderr.includes("skipped")]).toEqual([0, false]);
    expect(simulator.stats().requests - requests).toBe(200 - had);
    expect((await runCli(["report", "out"], { cwd: folder })).code).toBe(0);
  });

  it("is scored again by other scorers, without asking anything", async () => {
    const folder = folderFor(simulator);
    await runCli(["run", "m.yaml", "--out", "out", "--limit", "20", "-q"], { cwd: folder });
    const asked = simulator.stats().requests;
    writeFileSync(
      join(folder, "other.yaml"),
      `${readFileSync(join(folder, "m.yaml"), "utf8").replace("type: numeric", "type: regex").replace('expected: "{{ answer }}"', 'pattern: "[0-9]"')}`,
    );
    const { code, stdout } = await runCli(["score", "out", "--matrix", "other.yaml", "--format", "json"], {
      cwd: folder,
    });
    expect(code).toBe(0);
    const summary = JSON.parse(stdout) as Summary;
    expect(Object.keys(summary.variants[0]?.scores ?? {})).toEqual(["regex"]);
    expect(simulator.stats().requests).toBe(asked);
    await runCli(["report", "out", "-q"], { cwd: folder });
    expect(JSON.parse(readFileSync(join(folder, "out/summary.json"), "utf8"))).toEqual(summary);
    await runCli(["resume", "out", "-q"], { cwd: folder });
    const resumed = JSON.parse(readFileSync(join(folder, "out/summary.json"), "utf8")) as Summary;
    expect(Object.keys(resumed.variants[0]?.scores ?? {})).toEqual(["regex"]);
    const back = await runCli(["score", "out", "--format", "json"], { cwd: folder });
    expect(Object.keys((JSON.parse(back.stdout) as Summary).variants[0]?.scores ?? {})).toEqual(["numeric"]);
  });

  it("lends each answer once: equal requests keep their different draws", async () => {
    const folder = folderFor(simulator);
    writeFileSync(join(folder, "same.csv"), "question,answer\nsame,1\nsame,1\nsame,1\n");
    const same = ["run", "m.yaml", "--dataset", "same.csv", "--grid", "temperature=1", "-q"];
    await runCli([...same, "--out", "first"], { cwd: folder });
    await runCli([...same, "--out", "second", "--reuse", "first"], { cwd: folder });
    const outputs = (name: string): readonly unknown[] =>
      readFileSync(join(folder, name, "completions.jsonl"), "utf8")
        .trim()
        .split("\n")
        .map((line) => {
          const { row_id, variant, output } = JSON.parse(line) as Record<string, unknown>;
          return [row_id, variant, output];
        });
    expect(outputs("second")).toEqual(outputs("first"));
  });

  it("lends its answers to a changed matrix", async () => {
    const folder = folderFor(simulator);
    await runCli(["run", "m.yaml", "--out", "first", "--limit", "20", "-q"], { cwd: folder });
    const asked = simulator.stats().requests;
    const second = await runCli(
      ["run", "m.yaml", "--out", "second", "--limit", "25", "--reuse", "first", "--format", "json"],
      { cwd: folder },
    );
    expect(second.code).toBe(0);
    expect(simulator.stats().requests - asked).toBe(10);
    const summary = JSON.parse(second.stdout) as Summary;
    expect([summary.totals.answered, summary.totals.reused, summary.totals.attempts]).toEqual([50, 40, 10]);
    expect(summary.variants[0]?.latency_ms.n).toBe(5);
  });
});
