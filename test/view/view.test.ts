import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { startSimulator } from "../../src/simulator/server.ts";
import type { RunLine, RunsAnswer } from "../../src/view/run-line.ts";
import { collect, runCli, spawnCli } from "../support/cli.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { ask, folderWithRuns, smallMatrix, startViewer, type Viewer } from "./viewer.ts";

async function runsOf(viewer: Viewer): Promise<readonly RunLine[]> {
  return (JSON.parse((await ask(viewer.port, "/runs.json")).text) as RunsAnswer).runs;
}

/** Marks a run as one that goes on in this process. */
function markRunning(directory: string): void {
  const path = join(directory, "run.json");
  const run = JSON.parse(readFileSync(path, "utf8")) as object;
  writeFileSync(path, JSON.stringify({ ...run, status: "running" }));
  writeFileSync(join(directory, "lock"), `${process.pid}\n`);
}

describe("promptgrid view", () => {
  let cwd = "";
  let results = "";
  let viewer: Viewer;

  beforeAll(async () => {
    cwd = await folderWithRuns();
    results = join(cwd, "results");
    viewer = await startViewer(cwd, "--quiet");
  });

  it("lists the runs, the newest first", async () => {
    const { status, headers, text } = await ask(viewer.port, "/");
    expect(status).toBe(200);
    expect(headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(headers["content-security-policy"]).toMatch(
      /^default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'; connect-src 'self'/,
    );
    expect(text.indexOf('href="/run/second/"')).toBeGreaterThan(0);
    expect(text.indexOf('href="/run/first/"')).toBeGreaterThan(text.indexOf('href="/run/second/"'));
    expect(text).toContain("16 / 16");
    const [newest] = await runsOf(viewer);
    expect(newest).toMatchObject({
      name: "second",
      title: "small",
      state: "complete",
      requests: 16,
      answered: 16,
      failed: 0,
      simulated: true,
      has_report: true,
      problem: null,
    });
    expect(newest?.best?.words).toMatch(/^\d\.\d{3} \[/);
  });

  it("serves the files of a run with their types, and no others", async () => {
    const types: Readonly<Record<string, string>> = {
      "": "text/html; charset=utf-8",
      "report.html": "text/html; charset=utf-8",
      "report.md": "text/markdown; charset=utf-8",
      "summary.json": "application/json; charset=utf-8",
      "summary.csv": "text/csv; charset=utf-8",
      "completions.csv": "text/csv; charset=utf-8",
      "completions.jsonl": "application/x-ndjson; charset=utf-8",
      "junit.xml": "application/xml; charset=utf-8",
    };
    for (const [name, type] of Object.entries(types)) {
      const { status, headers, text } = await ask(viewer.port, `/run/first/${name}`);
      expect([name, status, headers["content-type"], headers["x-content-type-options"]]).toEqual([
        name,
        200,
        type,
        "nosniff",
      ]);
      expect(text).toBe(readFileSync(join(results, "first", name || "report.html"), "utf8"));
      expect(headers["content-security-policy"]).toContain("sandbox allow-scripts");
      expect(headers["content-disposition"]).toBe(
        name.startsWith("completions") ? `attachment; filename="${name}"` : undefined,
      );
    }
    for (const name of ["run.json", "journal.jsonl", "inputs/m.yaml", "inputs", "lock", "Report.html", ".."])
      expect([name, (await ask(viewer.port, `/run/first/${name}`)).status]).toEqual([name, 404]);
    const head = await ask(viewer.port, "/run/first/summary.json", { method: "HEAD" });
    expect([head.status, head.text]).toEqual([200, ""]);
    expect(Number(head.headers["content-length"])).toBe(
      readFileSync(join(results, "first/summary.json")).length,
    );
  });

  it("never leaves the folder", async () => {
    writeFileSync(join(cwd, "summary.json"), "secret");
    for (const path of [
      "/run/../summary.json",
      "/run/%2e%2e/summary.json",
      "/run/first/../../summary.json",
      "/run/first/..%2f..%2fsummary.json",
      "/run/first%2f..%2f../summary.json",
      "/run//summary.json",
      "/run/./summary.json",
      "/run/first/%00",
      "/run/%/summary.json",
      "/run/__proto__/summary.json",
      `http://127.0.0.1:${viewer.port}/`,
      "/run",
      "/run/first",
      "/favicon.ico",
      "/etc/passwd",
      "//",
    ]) {
      const { status, text } = await ask(viewer.port, path);
      expect([path, status]).toEqual([path, 404]);
      expect(text).not.toContain("secret");
    }
  });

  it("follows no symbolic link out of the folder", async () => {
    const outside = tempFolder({ "report.html": "secret", "summary.json": "secret" });
    cpSync(join(results, "first"), join(outside, "run"), { recursive: true });
    const linked = join(results, "linked");
    cpSync(join(results, "first"), linked, { recursive: true });
    for (const name of ["report.html", "summary.json"]) {
      rmSync(join(linked, name));
      symlinkSync(join(outside, name), join(linked, name));
    }
    symlinkSync(join(outside, "run"), join(results, "elsewhere"));
    for (const path of ["linked/", "linked/report.html", "linked/summary.json", "elsewhere/"])
      expect([path, (await ask(viewer.port, `/run/${path}`)).status]).toEqual([path, 404]);
    const names = (await runsOf(viewer)).map(({ name }) => name);
    expect(names).toContain("linked");
    expect(names).not.toContain("elsewhere");
    rmSync(linked, { recursive: true });
    rmSync(join(results, "elsewhere"));
  });

  it("answers to its own names only, and to no other method", async () => {
    const { port } = viewer;
    for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, `LOCALHOST:${port}`])
      expect([host, (await ask(port, "/", { host })).status]).toEqual([host, 200]);
    for (const host of ["evil.example", `evil.example:${port}`, "127.0.0.1", "localhost:1", `[::1]:${port}`])
      for (const path of ["/", "/runs.json", "/run/first/summary.json"])
        expect([host, (await ask(port, path, { host })).status]).toEqual([host, 403]);
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"]) {
      const { status, headers } = await ask(port, "/", { method });
      expect([method, status, headers.allow]).toEqual([method, 405, "GET, HEAD"]);
    }
  });

  it("shows hostile names and files as text, and what cannot be read with its problem", async () => {
    const name = `<img src=x onerror=alert(1)>&"' %2e\u202e`;
    const folders: Readonly<Record<string, string>> = {
      [name]: readFileSync(join(results, "first/run.json"), "utf8").replaceAll(
        '"small"',
        '"<script>alert(2)</script>"',
      ),
      broken: "{",
      newer: '{"schema_version":2,"name":"n","status":"complete"}',
      other: '{"a":1}',
      odd: '{"schema_version":1,"name":"odd","status":"<b>","started_at":7,"plan":null,"providers":3}',
    };
    for (const [folder, text] of Object.entries(folders)) {
      mkdirSync(join(results, folder));
      writeFileSync(join(results, folder, "run.json"), text);
    }
    mkdirSync(join(results, "folder/run.json"), { recursive: true });
    writeFileSync(join(results, "odd/summary.json"), '{"totals":{"requests":"<b>"}}');
    const { text, status } = await ask(viewer.port, "/");
    expect(status).toBe(200);
    expect(text).not.toMatch(/<img|<script>alert|<b>|\u202e/);
    expect(text).toContain("&#60;img src=x onerror=alert(1)&#62;&#38;&#34;&#39; %2e");
    const problems = Object.fromEntries(
      (await runsOf(viewer)).map((run) => [run.name, [run.state, run.problem]]),
    );
    expect(problems).toEqual({
      first: ["complete", null],
      second: ["complete", null],
      [name]: ["complete", "there is no summary.json; `promptgrid report DIR` makes it again"],
      broken: ["unreadable", "run.json is not JSON"],
      newer: ["unreadable", "run.json was written by another version of promptgrid"],
      other: ["unreadable", "run.json is not that of a run"],
      odd: ["unreadable", "run.json has a status that is not known"],
      folder: ["unreadable", "run.json is no plain file"],
    });
    const page = await ask(viewer.port, `/run/${encodeURIComponent(name)}/`);
    expect(page.status).toBe(404);
    expect(page.text).toContain("This run has no report.html.");
    expect(page.text).not.toContain("<img");
    for (const folder of [...Object.keys(folders), "folder"])
      rmSync(join(results, folder), { recursive: true });
  });

  it("compares two runs, and says why two cannot be compared", async () => {
    const compared = await ask(viewer.port, "/compare?base=first&candidate=second");
    expect(compared.status).toBe(200);
    expect(compared.headers["content-security-policy"]).toContain("sandbox");
    expect(compared.text).toContain("<title>first → second");
    expect(compared.text).toContain("sim/weak");
    expect(compared.text).not.toContain(results);
    writeFileSync(join(cwd, "other.yaml"), smallMatrix("other", "Say it.").replace("id: p", "id: q"));
    await runCli(["run", "other.yaml", "--quiet", "--out", "results/other"], { cwd });
    const impossible = await ask(viewer.port, "/compare?base=first&candidate=other");
    expect(impossible.status).toBe(400);
    expect(impossible.text).toContain("first and other have no variant in common");
    const statuses = await Promise.all(
      [
        "base=first&candidate=first",
        "",
        "base=first",
        "base=first&candidate=none",
        "base=..&candidate=../..",
      ].map(async (query) => (await ask(viewer.port, `/compare?${query}`)).status),
    );
    expect(statuses).toEqual([400, 400, 400, 404, 404]);
    const bare = '{"schema_version":1,"name":"bare","status":"complete"}';
    for (const [text, status] of [
      ["{", 400],
      [bare, 500],
    ] as const) {
      writeFileSync(join(results, "other/run.json"), text);
      expect((await ask(viewer.port, "/compare?base=first&candidate=other")).status).toBe(status);
    }
    rmSync(join(results, "other"), { recursive: true });
  });

  it("finds runs one level deeper, and takes a single run", async () => {
    cpSync(join(results, "first"), join(results, "group/inner"), { recursive: true });
    const inner = await ask(viewer.port, "/run/group/inner/summary.json");
    expect(inner.status).toBe(200);
    expect((await runsOf(viewer)).map(({ name }) => name).sort()).toEqual(["first", "group/inner", "second"]);
    rmSync(join(results, "group"), { recursive: true });
    const single = await startViewer(cwd, "results/first", "--quiet");
    expect((await runsOf(single)).map(({ name }) => name)).toEqual(["first"]);
    expect((await ask(single.port, "/run/first/")).status).toBe(200);
    expect((await single.end("SIGINT")).code).toBe(0);
  });

  it("frames the earlier report of a run that goes on, and tells of one whose process is gone", async () => {
    const again = join(results, "again");
    cpSync(join(results, "first"), again, { recursive: true });
    markRunning(again);
    const { text } = await ask(viewer.port, "/run/again/");
    expect(text).toContain("goes on: 16 / 16 answered, 0 failed");
    expect(text).toContain('<iframe src="/run/again/report.html"');
    rmSync(join(again, "report.html"));
    expect((await ask(viewer.port, "/run/again/")).text).toContain("appears here when the run ends");
    writeFileSync(join(again, "lock"), "999999999\n");
    const old = new Date(Date.now() - 60_000);
    utimesSync(join(again, "journal.jsonl"), old, old);
    const stopped = (await runsOf(viewer)).find(({ name }) => name === "again");
    expect(stopped).toMatchObject({ state: "stopped", answered: 16, requests: 16 });
    expect(stopped?.problem).toContain("promptgrid resume");
    rmSync(again, { recursive: true });
  });

  it("shows how far a run is, and its report when it is done", { timeout: 60_000 }, async () => {
    const simulator = await startSimulator({ latency: { firstMs: 150, perTokenMs: 0 } });
    const lanes = `providers: { slow: { preset: simulator, base_url: "${simulator.baseUrl}" } }\nlimits: { concurrency: 1 }\n`;
    const matrix = smallMatrix("slow", "Say it.").replace("provider: simulator", "provider: slow");
    writeFileSync(join(cwd, "slow.yaml"), `${matrix}${lanes}`);
    const run = collect(spawnCli(["run", "slow.yaml", "--quiet", "--out", "results/slow"], { cwd }));
    const seen: RunLine[] = [];
    let line: RunLine | undefined;
    do {
      await sleep(60);
      line = (await runsOf(viewer)).find(({ name }) => name === "slow");
      if (line?.state === "running") seen.push(line);
    } while (line?.state !== "complete");
    expect((await run).code).toBe(0);
    await simulator.close();
    const counts = seen.map(({ answered }) => answered ?? 0);
    expect(new Set(counts).size).toBeGreaterThan(4);
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
    expect(seen.every(({ requests }) => requests === 16)).toBe(true);
    expect((await ask(viewer.port, "/run/slow/")).text).toContain("16 of 16");
    rmSync(join(results, "slow"), { recursive: true });
  });

  it("prints its address on one line, and ends with 0 on a signal", async () => {
    const other = await startViewer(cwd);
    expect(other.url).toBe(`http://127.0.0.1:${other.port}/`);
    const { code, stdout, stderr } = await other.end("SIGTERM");
    expect([code, stdout]).toEqual([0, `${other.url}\n`]);
    expect(stderr).toBe(`serving \`results\` on ${other.url}; Ctrl-C ends it\n`);
  });

  it("says what is wrong with its folder and port", async () => {
    const inUse = await runCli(["view", "--port", String(viewer.port)], { cwd });
    expect([inUse.code, inUse.stdout]).toEqual([2, ""]);
    expect(inUse.stderr).toContain(`error: port ${viewer.port} is in use [view/port-in-use]`);
    const bad = await runCli(["view", "--port", "70000"], { cwd });
    expect([bad.code, bad.stderr]).toEqual([2, expect.stringContaining("[view/bad-port]")]);
    const missing = await runCli(["view", "nowhere"], { cwd });
    expect([missing.code, missing.stderr]).toEqual([2, expect.stringContaining("[view/no-folder]")]);
    const file = await runCli(["view", "m.yaml"], { cwd });
    expect([file.code, file.stderr]).toEqual([2, expect.stringContaining("[view/no-folder]")]);
  });
});
