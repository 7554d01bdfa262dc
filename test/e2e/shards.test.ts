import { appendFileSync, cpSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { describe, expect, it } from "vitest";
import type { Summary } from "../../src/aggregate/summary-shape.ts";
import { scanJournal } from "../../src/journal/reader.ts";
import type { RunFile } from "../../src/run/run-file.ts";
import { startSimulator } from "../../src/simulator/server.ts";
import { projectRoot, runCli } from "../support/cli.ts";
import { redisAvailable, startRedis } from "../support/redis.ts";
import { tempFolder } from "../support/temp-folder.ts";

const published = join(projectRoot, "../shared/acceptance/gsm8k-published.yaml");

/** Columns that no two runs have in common: when it was, and how long it took. */
const timeColumns = new Set([
  "latency_ms",
  "ttft_ms",
  "tpot_ms",
  "queued_ms",
  "total_ms",
  "started_at",
  "trace_id",
  "response_id",
]);

function timeless(csv: string): readonly Readonly<Record<string, string>>[] {
  const rows = parse(csv, { columns: true }) as Record<string, string>[];
  return rows.map((row) =>
    Object.fromEntries(Object.entries(row).filter(([name]) => !timeColumns.has(name))),
  );
}

/** Everything of `completions.jsonl` but times. */
function answersOf(directory: string): readonly unknown[] {
  return readFileSync(join(directory, "completions.jsonl"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => {
      const {
        times: _t,
        started_at: _s,
        trace_id: _r,
        response_id: _i,
        ...rest
      } = JSON.parse(line) as Record<string, unknown>;
      return rest;
    });
}

function summaryOf(directory: string): Summary {
  return JSON.parse(readFileSync(join(directory, "summary.json"), "utf8")) as Summary;
}

const clockKeys = new Set(["latency_ms", "ttft_ms", "tpot_ms", "queued_ms", "total_ms"]);

/** Totals, variants and what was found, without what is measured by a clock. */
function counted({ totals, variants, verdict, gates, effects, best }: Summary): unknown {
  const { wall_seconds: _w, requests_per_second: _r, output_tokens_per_second: _o, ...counts } = totals;
  const untimed = variants.map((variant) =>
    Object.fromEntries(Object.entries(variant).filter(([name]) => !clockKeys.has(name))),
  );
  return { counts, variants: untimed, verdict, gates, effects, best };
}

const matrix = `name: parts
provider: simulator
prompts:
  - { id: sum, user: "What is {{ a }} + {{ b }}?" }
dataset: sums.csv
grid: { model: [sim/strong, sim/weak] }
trials: 2
scorers: [{ id: right, type: numeric, expected: "{{ sum }}" }]
`;
const sums = `id,a,b,sum\n${Array.from({ length: 40 }, (_, i) => `r${i},${i},7,${i + 7}`).join("\n")}\n`;

function project(extra = ""): string {
  return tempFolder({ "matrix.yaml": matrix + extra, "sums.csv": sums });
}

async function runShards(
  cwd: string,
  count: number,
  ...flags: readonly string[]
): Promise<readonly string[]> {
  const names = Array.from({ length: count }, (_, i) => `s${i + 1}`);
  for (const [i, name] of names.entries()) {
    const { code, stderr } = await runCli(
      ["run", "matrix.yaml", "--out", name, "--shard", `${i + 1}/${count}`, ...flags],
      { cwd },
    );
    expect([code, stderr.includes(`shard ${i + 1}/${count}: `)]).toEqual([0, true]);
  }
  return names;
}

describe("shards of a plan", () => {
  it.skipIf(!existsSync(published))(
    "merge to the run that was never cut, but for times and the order of attempts",
    { timeout: 180_000 },
    async () => {
      const folder = tempFolder();
      const whole = join(folder, "whole");
      const parts = Array.from({ length: 8 }, (_, i) => join(folder, `s${i + 1}`));
      expect((await runCli(["run", published, "--out", whole], { cwd: projectRoot })).code).toBe(0);
      for (const [i, part] of parts.entries()) {
        const { code } = await runCli(["run", published, "--out", part, "--shard", `${i + 1}/8`], {
          cwd: projectRoot,
        });
        expect(code).toBe(0);
      }
      const merged = join(folder, "merged");
      expect((await runCli(["merge", ...parts, "--out", merged], { cwd: projectRoot })).code).toBe(0);

      const read = (directory: string): string => readFileSync(join(directory, "completions.csv"), "utf8");
      expect(timeless(read(merged))).toEqual(timeless(read(whole)));
      expect(answersOf(merged)).toEqual(answersOf(whole));
      expect(counted(summaryOf(merged))).toEqual(counted(summaryOf(whole)));
      expect(summaryOf(merged).variants.map(({ passed }) => passed)).toEqual([286, 515, 458, 742]);
      // The parts in another order, and the reports made again: the same answers in the same order.
      const other = join(folder, "other");
      await runCli(["merge", ...[...parts].reverse(), "--out", other], { cwd: projectRoot });
      expect(read(other)).toBe(read(merged));
      const again = await runCli(["report", merged], { cwd: projectRoot });
      expect([again.code, again.stderr, read(merged)]).toEqual([0, "", read(other)]);
      const shares = parts.map((part) => summaryOf(part).totals.requests);
      expect(shares.reduce((sum, share) => sum + share, 0)).toBe(5276);
      expect(Math.max(...shares) / Math.min(...shares)).toBeLessThan(1.3);
    },
  );

  it("are judged when they are merged, and only then", { timeout: 60_000 }, async () => {
    const cwd = project("gates: [{ metric: pass_rate, min: 0.99 }]\n");
    const parts = await runShards(cwd, 3);
    expect(summaryOf(join(cwd, "s1"))).toMatchObject({
      gates: [],
      verdict: "none",
      effects: [],
      warnings: ["shard 1/3: gates are judged when the shards are merged"],
    });
    const { code, stdout } = await runCli(["merge", ...parts, "--out", "merged"], { cwd });
    expect([code, stdout.includes("verdict: fail")]).toEqual([1, true]);
    const whole = await runCli(["run", "matrix.yaml", "--out", "whole"], { cwd });
    expect(whole.code).toBe(1);
    expect(counted(summaryOf(join(cwd, "merged")))).toEqual(counted(summaryOf(join(cwd, "whole"))));
  });

  it("may be missing: the merged run says which, and a resume asks them", { timeout: 60_000 }, async () => {
    const cwd = project();
    await runShards(cwd, 3);
    const merged = await runCli(["merge", "s1", "s3", "--out", "merged"], { cwd });
    expect(merged.code).toBe(3);
    expect(merged.stderr).toMatch(/stopped: shard 2\/3 is missing \(\d+ requests\)/);
    const asked = summaryOf(join(cwd, "s1")).totals.answered + summaryOf(join(cwd, "s3")).totals.answered;
    expect(summaryOf(join(cwd, "merged")).totals).toMatchObject({ requests: 160, answered: asked });
    const resumed = await runCli(["resume", "merged"], { cwd });
    expect([resumed.code, summaryOf(join(cwd, "merged")).totals.answered]).toEqual([0, 160]);
    let attempts = 0;
    scanJournal(join(cwd, "merged/journal.jsonl"), ({ kind }) => {
      if (kind === "attempt") attempts++;
    });
    expect(attempts).toBe(160);
    expect((await runCli(["report", "merged"], { cwd })).code).toBe(0);
  });

  it("that were copied, and one that went on, are taken once; an answer bought twice is told", {
    timeout: 60_000,
  }, async () => {
    const cwd = project();
    const parts = await runShards(cwd, 2);
    cpSync(join(cwd, "s1"), join(cwd, "copy"), { recursive: true });
    const once = await runCli(["merge", ...parts, "--out", "once"], { cwd });
    const copied = await runCli(["merge", "copy", ...parts, "s2", "--out", "copied"], { cwd });
    expect([once.code, copied.code, copied.stderr.includes("more than one run")]).toEqual([0, 0, false]);
    expect(summaryOf(join(cwd, "copied")).totals).toEqual(summaryOf(join(cwd, "once")).totals);
    await runCli(["run", "matrix.yaml", "--out", "twice", "--shard", "1/2"], { cwd });
    const count = summaryOf(join(cwd, "s1")).totals.requests;
    const bought = await runCli(["merge", ...parts, "twice", "--out", "bought"], { cwd });
    expect(bought.code).toBe(0);
    expect(bought.stderr).toContain(`notice: ${count} requests were answered in more than one run`);
    expect(summaryOf(join(cwd, "bought")).totals).toMatchObject({ answered: 160, attempts: 160 });
  });

  it("with a torn or damaged journal lose that line alone", { timeout: 60_000 }, async () => {
    const cwd = project();
    const parts = await runShards(cwd, 2);
    const journal = join(cwd, "s2/journal.jsonl");
    const lines = readFileSync(journal, "utf8").split("\n");
    lines[3] = (lines[3] ?? "").replace('"kind"', '"kInd"');
    writeFileSync(journal, lines.join("\n"));
    appendFileSync(journal, '{"crc":"00000000","v":1,"kind":"att');
    const merged = await runCli(["merge", ...parts, "--out", "merged"], { cwd });
    expect(merged.code).toBe(3);
    expect(merged.stderr).toContain("s2: journal line 4 is left out");
    expect(merged.stderr).toContain("s2: the journal's last line is torn");
    expect(merged.stderr).toContain("shard 2/2 has 1 request without an answer");
    expect((await runCli(["resume", "merged"], { cwd })).code).toBe(0);
  });

  it("share out what is stated of limits and budget", { timeout: 60_000 }, async () => {
    const cwd = project("limits: { concurrency: 6 }\n");
    const budget = ["--budget", "requests=10"];
    const asked: number[] = [];
    for (const shard of ["1/4", "2/4", "3/4", "4/4"]) {
      const { code, stderr } = await runCli(
        ["run", "matrix.yaml", "--out", `b${shard[0]}`, "--shard", shard, ...budget],
        { cwd },
      );
      expect([code, stderr.includes("with 25 % of the stated limits and 1/4 of the budget")]).toEqual([
        3,
        true,
      ]);
      asked.push(summaryOf(join(cwd, `b${shard[0]}`)).totals.attempts);
    }
    expect(asked).toEqual([3, 3, 2, 2]);
    const alone = await runCli(
      ["run", "matrix.yaml", "--out", "alone", "--shard", "1/4", "--limit-share", "1"],
      { cwd },
    );
    expect([alone.code, alone.stderr.includes("with the whole of the stated limits")]).toEqual([0, true]);
  });

  it("may go at paces of their own: what was merged says what the matrix says", {
    timeout: 60_000,
  }, async () => {
    const cwd = project("limits: { concurrency: 6 }\n");
    await runCli(["run", "matrix.yaml", "--out", "s1", "--shard", "1/2", "--rpm", "60000"], { cwd });
    await runCli(["run", "matrix.yaml", "--out", "s2", "--shard", "2/2", "--budget", "requests=500"], {
      cwd,
    });
    expect((await runCli(["merge", "s2", "s1", "--out", "merged"], { cwd })).code).toBe(0);
    const run = JSON.parse(readFileSync(join(cwd, "merged/run.json"), "utf8")) as RunFile;
    expect(run).toMatchObject({ status: "complete", resolved: { limits: { concurrency: 6 } } });
    expect([run.merged_from?.length, run.shard]).toEqual([2, undefined]);
    const again = await runCli(["merge", "merged", "s1", "--out", "again"], { cwd });
    expect([again.code, summaryOf(join(cwd, "again")).totals]).toEqual([
      0,
      summaryOf(join(cwd, "merged")).totals,
    ]);
  });

  it("are taken up again as what they are", { timeout: 60_000 }, async () => {
    const cwd = project();
    await runCli(["run", "matrix.yaml", "--out", "s", "--shard", "2/4", "--budget", "requests=20"], { cwd });
    const before = summaryOf(join(cwd, "s")).totals;
    expect(before).toMatchObject({ answered: 5 });
    const { code } = await runCli(["resume", "s", "--budget", "requests=none"], { cwd });
    const after = summaryOf(join(cwd, "s")).totals;
    expect([code, after.answered, after.requests, after.pending]).toEqual([
      0,
      before.requests,
      before.requests,
      0,
    ]);
    expect((await runCli(["report", "s"], { cwd })).code).toBe(0);
    expect(summaryOf(join(cwd, "s")).totals).toEqual(after);
  });

  it("refuse what cannot be one run, and write nothing", { timeout: 120_000 }, async () => {
    const cwd = project();
    await runShards(cwd, 2);
    const refuses = async (args: readonly string[], ...words: readonly string[]): Promise<void> => {
      const { code, stderr } = await runCli(args, { cwd });
      expect([args.join(" "), code]).toEqual([args.join(" "), 2]);
      for (const word of words) expect(stderr).toContain(word);
    };
    for (const bad of ["0/8", "9/8", "2", "a/b", "1/0", "-1/8"])
      await refuses(["run", "matrix.yaml", `--shard=${bad}`], "is no shard [cli/shard]", "--shard 2/8");
    for (const bad of ["0", "2", "x", "1/0"])
      await refuses(["run", "matrix.yaml", "--shard", "1/2", `--limit-share=${bad}`], "is no share");
    await refuses(["run", "matrix.yaml", "--limit-share", "1"], "shard");
    await refuses(["run", "matrix.yaml", "--out", "s1", "--shard", "2/2"], "run/other-shard", "shard 1/2");
    await refuses(["run", "matrix.yaml", "--out", "s1"], "run/other-shard", "the whole plan");
    await refuses(["run", "matrix.yaml", "--shard", "1/2", "--save-baseline", "b"], "run/shard-whole");
    await refuses(["run", "matrix.yaml", "--shard", "1/2", "--against", "main"], "run/shard-whole");
    await refuses(["baseline", "save", "s1", "base.jsonl"], "shard 1/2");
    await refuses(["merge", "s1", "s2"], "needs `--out DIR`");
    await refuses(["merge", "s1", "nowhere", "--out", "m"], "run/not-a-run");
    await refuses(["merge", "s1", "s2", "--out", "s2"], "run/not-empty", "holds a run already");
    await refuses(["merge", "s1", "s2", "--out", "."], "run/not-empty", "other files");
    writeFileSync(join(cwd, "sums.csv"), sums.replace("r3,3,7,10", "r3,3,8,11"));
    await runCli(["run", "matrix.yaml", "--out", "changed", "--shard", "2/2"], { cwd });
    await refuses(["merge", "s1", "changed", "--out", "m"], "run/merge-plan", "`sums.csv` differs");
    writeFileSync(join(cwd, "sums.csv"), sums);
    await runCli(["run", "matrix.yaml", "--out", "fewer", "--shard", "2/2", "--trials", "1"], { cwd });
    await refuses(["merge", "s1", "fewer", "--out", "m"], "other flags");
    const run = JSON.parse(readFileSync(join(cwd, "s2/run.json"), "utf8")) as object;
    cpSync(join(cwd, "s2"), join(cwd, "old"), { recursive: true });
    writeFileSync(join(cwd, "old/run.json"), JSON.stringify({ ...run, promptgrid_version: "0.0.1" }));
    await refuses(["merge", "s1", "old", "--out", "m"], "promptgrid 0.0.1, not");
    writeFileSync(join(cwd, "s2/lock"), `${process.pid}\n`);
    await refuses(["merge", "s1", "s2", "--out", "m"], "run/locked", "wait until it has ended");
    rmSync(join(cwd, "s2/lock"));
    rmSync(join(cwd, "s2/journal.jsonl"));
    await refuses(["merge", "s1", "s2", "--out", "m"], "run/no-journal");
    expect(existsSync(join(cwd, "m"))).toBe(false);
  });
});

describe.skipIf(!redisAvailable)("shards that share limits through Redis", () => {
  it("use the whole limit together, and are never refused", async () => {
    const redis = await startRedis();
    const simulator = await startSimulator({ limits: { rpm: 1_200, window: "bucket-second" } });
    try {
      const rows = Array.from({ length: 240 }, (_, i) => `r${i},${i}`);
      const folder = tempFolder({
        "rows.csv": `id,a\n${rows.join("\n")}\n`,
        "m.yaml": `
provider: local
providers: { local: { base_url: "${simulator.baseUrl}", api_key_env: null } }
prompts: [{ id: p, user: "What is {{ a }} + 1?" }]
parameters: { model: Qwen/Qwen3-8B }
dataset: rows.csv
limits: { rpm: 1200 }
`,
      });
      const from = performance.now();
      const runs = await Promise.all(
        [1, 2, 3].map((i) =>
          runCli(
            ["run", "m.yaml", "--shard", `${i}/3`, "--shared-limits", "REDIS_URL", "--out", `part-${i}`],
            {
              cwd: folder,
              env: { REDIS_URL: redis.url },
            },
          ),
        ),
      );
      const seconds = (performance.now() - from) / 1_000;
      for (const { code, stderr } of runs) expect(code, stderr).toBe(0);
      expect(simulator.stats()).toMatchObject({ answered: 240, rejected: {} });
      // 19.4 a second; a process needs about a second to start and to write its reports.
      expect(seconds).toBeGreaterThan(11);
      expect(seconds).toBeLessThan(20);
      const merged = await runCli(["merge", "part-1", "part-2", "part-3", "--out", "whole"], { cwd: folder });
      expect(merged.code).toBe(0);
    } finally {
      await simulator.close();
      await redis.stop();
    }
  });

  it("say what is wrong with the Redis before anything is sent", async () => {
    const folder = tempFolder({
      "m.yaml": "provider: simulator\nprompts: [{ user: hello }]\nparameters: { model: sim/strong }\n",
    });
    const asked = async (url: string): Promise<string> => {
      const { code, stderr } = await runCli(["run", "m.yaml", "--shared-limits", url, "--out", "out"], {
        cwd: folder,
      });
      expect(code).toBe(2);
      return stderr;
    };
    expect(await asked("localhost")).toContain("[queue/url]");
    expect(await asked("NOT_SET")).toContain("the environment has no `NOT_SET` [queue/url]");
    const gone = await asked("redis://:secret@127.0.0.1:1");
    expect(gone).toContain("[queue/unreachable]");
    expect(gone).not.toContain("secret");
    expect(existsSync(join(folder, "out", "run.json"))).toBe(false);
  });
});
