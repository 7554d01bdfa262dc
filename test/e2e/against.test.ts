import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Summary } from "../../src/aggregate/summary-shape.ts";
import type { RunFile } from "../../src/run/run-file.ts";
import type { Simulator } from "../../src/simulator/options.ts";
import { startSimulator } from "../../src/simulator/server.ts";
import { collect, runCli, spawnCli } from "../support/cli.ts";
import { type GitRepository, gitRepository } from "../support/git-repository.ts";
import { tempFolder } from "../support/temp-folder.ts";

const rowCount = 40;
const rows = Array.from({ length: rowCount }, (_, i) => `r${i},What is ${i} + 1?,${i + 1}`);

function matrixText(baseUrl: string): string {
  return `
name: sides
provider: local
providers: { local: { preset: simulator, base_url: "${baseUrl}" } }
prompts:
  - { id: same, user: "{{ question }}" }
  - { id: edited, file: prompts/edited.md }
dataset: rows.csv
grid: { model: sim/strong }
limits: { concurrency: 8 }
scorers: [{ type: numeric, expected: "{{ answer }}" }]
`;
}

/** A repository whose prompt `edited` was changed after the commit. */
function repositoryFor(simulator: Simulator): GitRepository {
  const repository = gitRepository({
    "m.yaml": matrixText(simulator.baseUrl),
    "prompts/edited.md": "Answer: {{ question }}\n",
    "rows.csv": `id,question,answer\n${rows.join("\n")}\n`,
    ".gitignore": "/results/\n/out/\n/whole/\n",
  });
  repository.write({ "prompts/edited.md": "Say what it is: {{ question }}\n" });
  return repository;
}

interface Line {
  readonly kind: string;
  readonly status?: string;
  readonly request_id: string;
  readonly row_id: string;
  readonly variant_id: string;
  readonly reused_from?: string;
}

function attempts(directory: string): readonly Line[] {
  const path = join(directory, "journal.jsonl");
  if (!existsSync(path)) return [];
  return readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line.includes('"kind":"attempt"') && line.endsWith("}"))
    .map((line) => JSON.parse(line) as Line);
}

function summaryOf(directory: string): Summary {
  return JSON.parse(readFileSync(join(directory, "summary.json"), "utf8")) as Summary;
}

function runOf(directory: string): RunFile {
  return JSON.parse(readFileSync(join(directory, "run.json"), "utf8")) as RunFile;
}

/** What a report says of the answers, without what depends on times or on who asked. */
function facts(directory: string): unknown {
  const { totals, variants } = summaryOf(directory);
  const { requests, answered, failed, pending, completions, prompt_tokens, completion_tokens } = totals;
  return {
    totals: { requests, answered, failed, pending, completions, prompt_tokens, completion_tokens },
    variants: variants.map(({ variant_id, variant, passed, scored }) => [
      variant_id,
      variant,
      passed,
      scored,
    ]),
  };
}

/** Reports of a directory, and of its base, byte for byte. */
function reports(directory: string): Readonly<Record<string, string>> {
  const names = ["completions.csv", "completions.jsonl", "summary.csv", "summary.json", "report.md"];
  return Object.fromEntries(
    ["", "against/"].flatMap((folder) =>
      names.map((name) => [folder + name, readFileSync(join(directory, folder, name), "utf8")]),
    ),
  );
}

describe("a run against a git revision", () => {
  let simulator: Simulator;
  beforeEach(async () => {
    simulator = await startSimulator({ latency: { firstMs: 10, perTokenMs: 0 }, countRequestIds: true });
  });
  afterEach(() => simulator.close());

  const asked = (): number => simulator.stats().requests;
  const againstHead = ["run", "m.yaml", "--against", "HEAD", "--out", "out"];

  it("asks both sides in one session, and once what is the same on both", async () => {
    const repository = repositoryFor(simulator);
    const { folder } = repository;
    const out = join(folder, "out");
    const { code, stderr } = await runCli(againstHead, { cwd: folder });
    expect(stderr).toContain(
      `candidate + base: 80 requests: 2 variants × 40 rows + 80 of HEAD, ${rowCount} asked once`,
    );
    expect([0, 1]).toContain(code);
    expect(asked()).toBe(3 * rowCount);
    expect(Object.values(simulator.stats().byRequestId ?? {}).every((count) => count === 1)).toBe(true);

    const [run, base] = [runOf(out), runOf(join(out, "against"))];
    const revision = repository.git("rev-parse", "HEAD");
    expect([run.role, run.against]).toEqual(["run", { ref: "HEAD", revision, directory: "against" }]);
    expect([base.role, base.against, base.git_revision]).toEqual(["against", null, revision]);
    expect(readFileSync(join(out, "against/inputs/edited.md"), "utf8")).toContain("Answer:");

    const [ours, theirs] = [summaryOf(out), summaryOf(join(out, "against"))];
    expect([ours.totals.answered, ours.totals.attempts, ours.totals.reused]).toEqual([80, 80, 0]);
    expect([theirs.totals.answered, theirs.totals.attempts, theirs.totals.reused]).toEqual([
      80,
      40,
      rowCount,
    ]);
    expect([ours.run.status, theirs.run.status]).toEqual(["complete", "complete"]);
    const shared = attempts(join(out, "against")).filter((line) => line.reused_from !== undefined);
    expect(shared).toHaveLength(rowCount);
    expect(new Set(shared.map((line) => line.reused_from))).toEqual(new Set([run.id]));
  });

  it("goes row by row: what both sides ask of a row is asked together", async () => {
    const { folder } = repositoryFor(simulator);
    await runCli([...againstHead, "--concurrency", "1"], { cwd: folder });
    const candidate = attempts(join(folder, "out")).map(({ row_id }) => row_id);
    const own = attempts(join(folder, "out/against")).filter((line) => line.reused_from === undefined);
    const order = candidate.filter((row, i) => row !== candidate[i - 1]);
    expect(order).toHaveLength(rowCount);
    expect(own.map(({ row_id }) => row_id)).toEqual(order);
  });

  it("is the same after kill -9 in the middle, and asks no answered request again", async () => {
    const { folder } = repositoryFor(simulator);
    const whole = join(folder, "whole");
    const cut = join(folder, "out");
    await runCli(["run", "m.yaml", "--against", "HEAD", "--out", "whole", "-q"], { cwd: folder });
    expect(asked()).toBe(3 * rowCount);
    for (const goal of [15, 45]) {
      const child = spawnCli([...againstHead, "-q"], { cwd: folder });
      const ended = collect(child);
      while (attempts(cut).length < goal) await sleep(3);
      child.kill("SIGKILL");
      await ended;
    }
    await runCli(["resume", "out", "-q"], { cwd: folder });
    for (const side of ["", "against"]) expect(facts(join(cut, side))).toEqual(facts(join(whole, side)));
    // At most what was in flight at each of the two kills was asked again.
    expect(asked()).toBeLessThanOrEqual(2 * 3 * rowCount + 2 * 8);
    expect(attempts(cut).filter(({ status }) => status === "ok")).toHaveLength(2 * rowCount);
    expect(attempts(join(cut, "against")).filter(({ status }) => status === "ok")).toHaveLength(2 * rowCount);
  });

  it("copies what one journal lacks of the shared answers before it sends, in both directions", async () => {
    const { folder } = repositoryFor(simulator);
    const out = join(folder, "out");
    await runCli([...againstHead, "-q"], { cwd: folder });
    const before = asked();
    const expected = [facts(out), facts(join(out, "against"))];
    const drop = (directory: string, wanted: (line: Line) => boolean): void => {
      const path = join(directory, "journal.jsonl");
      const lines = readFileSync(path, "utf8").trimEnd().split("\n");
      const kept = lines.filter((line) => !wanted(JSON.parse(line) as Line));
      expect(kept.length).toBeLessThan(lines.length);
      writeFileSync(path, `${kept.join("\n")}\n`);
    };
    drop(join(out, "against"), (line) => line.reused_from !== undefined && line.row_id < "r2");
    const shared = new Set(
      attempts(join(out, "against")).flatMap((line) =>
        line.reused_from === undefined ? [] : [line.request_id],
      ),
    );
    drop(out, (line) => shared.has(line.request_id) && line.row_id > "r35");
    await runCli(["resume", "out", "-q"], { cwd: folder });
    expect(asked()).toBe(before);
    expect([facts(out), facts(join(out, "against"))]).toEqual(expected);
    expect(attempts(out).filter((line) => line.reused_from !== undefined)).toEqual([]);
  });

  it("ends softly at Ctrl-C, with reports of both sides, and goes on", async () => {
    const { folder } = repositoryFor(simulator);
    const out = join(folder, "out");
    const child = spawnCli(againstHead, { cwd: folder });
    const ended = collect(child);
    while (attempts(out).length < 10) await sleep(3);
    child.kill("SIGINT");
    expect((await ended).code).toBe(130);
    for (const side of ["", "against"]) expect(summaryOf(join(out, side)).run.status).toBe("interrupted");
    await runCli(["resume", "out", "-q"], { cwd: folder });
    expect(asked()).toBe(3 * rowCount);
    for (const side of ["", "against"]) expect(summaryOf(join(out, side)).totals.pending).toBe(0);
  });

  it("makes the reports of both sides again, byte for byte", async () => {
    const { folder } = repositoryFor(simulator);
    const out = join(folder, "out");
    await runCli([...againstHead, "-q"], { cwd: folder });
    const first = reports(out);
    for (const name of Object.keys(first)) writeFileSync(join(out, name), "damaged");
    expect((await runCli(["report", "out", "-q"], { cwd: folder })).code).toBe(0);
    expect(reports(out)).toEqual(first);
    await runCli(["score", "out", "-q"], { cwd: folder });
    expect(reports(out)).toEqual(first);
    expect((await runCli(["report", "out/against", "-q"], { cwd: folder })).code).toBe(0);
    expect(reports(out)).toEqual(first);
  });

  it("grows on both sides, keeps its revision, and refuses another one", async () => {
    const repository = repositoryFor(simulator);
    const { folder } = repository;
    const out = join(folder, "out");
    await runCli([...againstHead, "--limit", "10", "-q"], { cwd: folder });
    expect(asked()).toBe(30);
    await runCli(["run", "m.yaml", "--out", "out", "--limit", "15", "-q"], { cwd: folder });
    expect(asked()).toBe(45);
    expect(summaryOf(join(out, "against")).totals.answered).toBe(30);

    const before = readFileSync(join(out, "run.json"), "utf8");
    const old = repository.git("rev-parse", "HEAD");
    repository.commit();
    const refused = await runCli([...againstHead, "--limit", "15"], { cwd: folder });
    expect([refused.code, refused.stderr.includes("[run/other-against]")]).toEqual([2, true]);
    expect(readFileSync(join(out, "run.json"), "utf8")).toBe(before);
    const same = await runCli(
      ["run", "m.yaml", "--against", old.slice(0, 12), "--out", "out", "--limit", "15", "-q"],
      { cwd: folder },
    );
    expect([0, 1]).toContain(same.code);
    expect(asked()).toBe(45);
  });

  it("gives a run that has none yet its base, and asks only what the run has not answered", async () => {
    const { folder } = repositoryFor(simulator);
    await runCli(["run", "m.yaml", "--out", "out", "-q"], { cwd: folder });
    expect(asked()).toBe(2 * rowCount);
    await runCli([...againstHead, "-q"], { cwd: folder });
    expect(asked()).toBe(3 * rowCount);
    expect(summaryOf(join(folder, "out/against")).totals.reused).toBe(rowCount);
  });

  it("takes over the answers of both sides of an earlier run", async () => {
    const { folder } = repositoryFor(simulator);
    await runCli([...againstHead, "-q"], { cwd: folder });
    const before = asked();
    await runCli(["run", "m.yaml", "--against", "HEAD", "--out", "whole", "--reuse", "out", "-q"], {
      cwd: folder,
    });
    expect(asked()).toBe(before);
    for (const side of ["", "against"]) {
      expect(facts(join(folder, "whole", side))).toEqual(facts(join(folder, "out", side)));
      expect(summaryOf(join(folder, "whole", side)).totals.attempts).toBe(0);
    }
  });

  it("sends nothing twice to another endpoint of the base, and keeps the two apart", async () => {
    const other = await startSimulator({ countRequestIds: true });
    try {
      const { folder, write } = repositoryFor(simulator);
      write({ "m.yaml": matrixText(other.baseUrl) });
      const { stderr } = await runCli([...againstHead, "--limit", "10"], { cwd: folder });
      expect(stderr).toContain("20 requests: 2 variants × 10 rows + 20 of HEAD\n");
      expect([asked(), other.stats().requests]).toEqual([20, 20]);
    } finally {
      await other.close();
    }
  });

  it("judges rows and prompts that only one side has, and counts requests of both before it sends", async () => {
    const { folder, write } = repositoryFor(simulator);
    write({
      "rows.csv": `id,question,answer\n${rows.slice(5).join("\n")}\nnew,What is 1 + 1?,2\n`,
      "m.yaml": matrixText(simulator.baseUrl).replace("id: same", "id: renamed"),
    });
    const refused = await runCli([...againstHead, "--confirm-above", "100"], { cwd: folder });
    expect([refused.code, refused.stderr.includes("makes 152 requests, more than 100")]).toEqual([2, true]);
    expect(asked()).toBe(0);
    await runCli([...againstHead, "-q"], { cwd: folder });
    expect(asked()).toBe(2 * 36 + 2 * 40);
    expect(summaryOf(join(folder, "out")).totals.answered).toBe(72);
    expect(summaryOf(join(folder, "out/against")).totals.answered).toBe(80);
  });

  it("goes on alone, and says so, where the revision has no such matrix", async () => {
    const { folder, write } = repositoryFor(simulator);
    write({ "new.yaml": matrixText(simulator.baseUrl) });
    const args = ["run", "new.yaml", "--against", "HEAD", "--out", "out", "--limit", "5"];
    const { code, stderr } = await runCli(args, { cwd: folder });
    expect([code, asked()]).toEqual([0, 10]);
    expect(stderr).toContain("`new.yaml` does not exist in HEAD: nothing to compare with");
    expect(existsSync(join(folder, "out/against"))).toBe(false);
    expect(runOf(join(folder, "out")).against).toBeNull();
  });

  it("reads the files that git does not know from the disk, and says so", async () => {
    const { folder, git, write, commit } = repositoryFor(simulator);
    write({ ".gitignore": "/rows.csv\n/out/\n" });
    git("rm", "--quiet", "--cached", "rows.csv");
    commit();
    const { stderr } = await runCli([...againstHead, "--limit", "5"], { cwd: folder });
    expect(stderr).toContain(
      "`rows.csv` is not in HEAD and git does not track it: both sides read it from the disk",
    );
    expect(asked()).toBe(10);
  });

  it("names the revision where its files are wrong, and sends nothing", async () => {
    const { folder, write, commit } = repositoryFor(simulator);
    const good = matrixText(simulator.baseUrl);
    write({ "m.yaml": good.replace("grid:", "gird:") });
    commit();
    write({ "m.yaml": good });
    const { code, stderr } = await runCli(againstHead, { cwd: folder });
    expect([code, asked()]).toEqual([2, 0]);
    expect(stderr).toContain("HEAD:m.yaml:9:1: unknown key `gird`");
    expect(stderr).toContain("| gird: { model: sim/strong }");
    expect(existsSync(join(folder, "out"))).toBe(false);
  });

  it("is refused without a repository, with an unknown revision, and within the base of another run", async () => {
    const { folder } = repositoryFor(simulator);
    const unknown = await runCli(["run", "m.yaml", "--against", "origin/nope"], { cwd: folder });
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toMatch(
      /git knows no commit `origin\/nope`.*\[against\/unknown-ref\]\n {3}hint: .*fetch-depth: 0/,
    );
    const option = await runCli(["run", "m.yaml", "--against=--all"], { cwd: folder });
    expect([option.code, option.stderr.includes("[against/unknown-ref]")]).toEqual([2, true]);

    const plain = tempFolder({ "m.yaml": readFileSync(join(folder, "m.yaml"), "utf8") });
    mkdirSync(join(plain, "prompts"));
    writeFileSync(join(plain, "prompts/edited.md"), "{{ question }}");
    writeFileSync(join(plain, "rows.csv"), "id,question,answer\n1,a,1\n");
    const alone = await runCli(["run", "m.yaml", "--against", "HEAD"], { cwd: plain });
    expect([alone.code, alone.stderr.includes("[against/no-repository]")]).toEqual([2, true]);

    await runCli([...againstHead, "--limit", "2", "-q"], { cwd: folder });
    const base = await runCli(["resume", "out/against"], { cwd: folder });
    expect([base.code, base.stderr.includes("[run/is-base]")]).toEqual([2, true]);
    renameSync(join(folder, "out/against"), join(folder, "elsewhere"));
    const gone = await runCli(["resume", "out"], { cwd: folder });
    expect([gone.code, gone.stderr.includes("[run/not-a-run]")]).toEqual([2, true]);
    rmSync(join(folder, "elsewhere"), { recursive: true });
  });

  it("runs on embedded simulators of both sides, each with its own right answers", async () => {
    const { folder, write } = gitRepository({
      "m.yaml": `
prompts: [{ id: p, user: "{{ question }}" }]
provider: simulator
grid: { model: sim/strong, temperature: 0 }
dataset: rows.csv
scorers: [{ type: numeric, expected: "{{ answer }}" }]
`,
      "rows.csv": `id,question,answer\n${rows.join("\n")}\n`,
    });
    write({ "rows.csv": `id,question,answer\n${rows.join("\n").replaceAll("What is", "How much is")}\n` });
    const { code } = await runCli(["run", "m.yaml", "--against", "HEAD", "--out", "out", "-q"], {
      cwd: folder,
    });
    expect([0, 1, 3]).toContain(code);
    for (const side of ["", "against"]) {
      const { totals, variants } = summaryOf(join(folder, "out", side));
      expect([totals.answered, totals.attempts]).toEqual([rowCount, rowCount]);
      expect(variants[0]?.passed).toBeGreaterThan(rowCount / 2);
    }
  });
});
