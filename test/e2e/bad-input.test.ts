import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { type CliResult, runCli, spawnCli } from "../support/cli.ts";
import { tempFolder } from "../support/temp-folder.ts";

const key = "sk-secret-0123456789abcdef";
const matrix = `
prompts: [{ id: p, user: "{{ question }}" }]
dataset: rows.csv
parameters: { model: m }
provider: lab
providers: { lab: { base_url: "\${LAB_URL}", api_key_env: LAB_KEY } }
`;
const rows = `id,question\n${Array.from({ length: 40 }, (_, i) => `r${i},Q${i}`).join("\n")}\n`;

async function serve(listener: RequestListener): Promise<{ url: string; requests: () => number }> {
  let requests = 0;
  const server: Server = createServer((request, response) => {
    requests++;
    request.resume();
    request.on("end", () => listener(request, response));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}/v1`,
    requests: () => requests,
  };
}

async function runAgainst(
  url: string,
  extra: readonly string[] = [],
): Promise<CliResult & { folder: string }> {
  const folder = tempFolder({ "m.yaml": matrix, "rows.csv": rows });
  return {
    folder,
    ...(await runCli(["run", "m.yaml", "--out", "out", ...extra], {
      cwd: folder,
      env: { LAB_URL: url, LAB_KEY: key },
    })),
  };
}

/** Everything a command left on disk and on the screen, as one text. */
function everything(result: CliResult & { folder: string }): string {
  const read = (folder: string): string =>
    readdirSync(folder, { withFileTypes: true })
      .map((entry) =>
        entry.isDirectory() ? read(join(folder, entry.name)) : readFileSync(join(folder, entry.name), "utf8"),
      )
      .join("\n");
  return `${result.stdout}\n${result.stderr}\n${read(result.folder)}`;
}

describe("a server that does not do its part", () => {
  it("answers 401: stops at the first, exit 3, names the variable and never the key", async () => {
    const server = await serve((request, response) => {
      response.writeHead(401, { "content-type": "application/json" });
      response.end(
        JSON.stringify({ code: 30014, message: `Token ${request.headers.authorization} is invalid` }),
      );
    });
    const result = await runAgainst(server.url);
    expect(result.code).toBe(3);
    expect(server.requests()).toBeLessThanOrEqual(32);
    expect(result.stderr).toContain("LAB_KEY");
    expect(result.stderr).toContain("promptgrid resume out");
    expect(everything(result)).not.toContain(key);
  });

  it("answers an HTML page: says so, stops early, exit 3", async () => {
    const server = await serve((_, response) => {
      response.writeHead(200, { "content-type": "text/html" });
      response.end("<!doctype html><html><body>Welcome</body></html>");
    });
    const result = await runAgainst(server.url, ["--concurrency", "4"]);
    expect(result.code).toBe(3);
    expect(result.stderr).toMatch(/HTML/);
    expect(server.requests()).toBeLessThan(20);
  });

  it("fails some requests: they are counted, and too many of them are exit 3", async () => {
    const server = await serve((_, response) => {
      response.writeHead(400, { "content-type": "application/json" });
      response.end(
        JSON.stringify({ code: 20015, message: "The parameter is invalid. Please check again.", data: null }),
      );
    });
    const result = await runAgainst(server.url, ["--concurrency", "1", "--limit", "3"]);
    expect(result.code).toBe(3);
    expect(result.stderr).toContain("3 of 3 requests failed, more than `max_failed` (2%)");
    expect(result.stdout).toContain("The parameter is invalid");
  });

  it("is not there: exit 3, and the run can be resumed", async () => {
    const result = await runAgainst("http://127.0.0.1:9/v1", ["--limit", "20"]);
    expect(result.code).toBe(3);
    expect(result.stderr).toContain("connection refused");
  });
});

describe("a command line or file that is wrong sends nothing and leaves nothing", () => {
  const files = {
    "m.yaml": matrix,
    "rows.csv": rows,
    "ragged.csv": "id,question\n1,a\n2,b,c\n",
    "empty.csv": "id,question\n",
    "none.yaml": "prompts: [{ user: hi }]\ngrid: { model: [a], exclude: [{ model: a }] }\n",
    "holds/something.txt": "x",
  };
  it.each<[string, readonly string[], RegExp]>([
    ["a missing file", ["run", "n.yaml"], /there is no file `n.yaml`[\s\S]*did you mean `m.yaml`/],
    ["an empty dataset", ["run", "m.yaml", "--dataset", "empty.csv"], /empty\.csv[\s\S]*\[dataset\/empty\]/],
    [
      "a ragged CSV",
      ["run", "m.yaml", "--dataset", "ragged.csv"],
      /ragged\.csv:3:1: found 3 cells, expected 2/,
    ],
    ["zero requests", ["run", "none.yaml"], /\[grid\/no-points\]/],
    ["a missing API key", ["run", "m.yaml"], /`LAB_KEY`, which is not set/],
    ["a folder with other files for --out", ["run", "m.yaml", "--out", "holds"], /\[run\/not-empty\]/],
    [
      "more requests than are confirmed",
      ["run", "m.yaml", "--confirm-above", "39"],
      /40 requests, more than 39[\s\S]*--yes/,
    ],
    ["a resume of what is no run", ["resume", "holds"], /\[run\/not-a-run\]/],
    ["a report of what is no run", ["report", "nowhere"], /\[run\/not-a-run\]/],
    ["a flag without its value", ["run", "m.yaml", "--limit"], /`--limit` needs a value/],
    [
      "a flag whose value is another flag",
      ["run", "m.yaml", "--out", "--limit", "3"],
      /`--out` needs a value/,
    ],
    ["an argument too many", ["run", "m.yaml", "rows.csv"], /unexpected argument `rows.csv`/],
    ["a format that does not exist", ["run", "m.yaml", "--format", "xml"], /`--format` cannot be "xml"/],
    ["a file for init", ["init", "m.yaml"], /\[init\/not-a-folder\]/],
    ["an unknown flag", ["run", "m.yaml", "--lmit", "3"], /did you mean `--limit`/],
    ["an unknown command", ["rnu", "m.yaml"], /did you mean `promptgrid run`/],
    ["a flag of the wrong type", ["run", "m.yaml", "--limit", "ten"], /`--limit` needs a number/],
    ["a bad fault", ["simulate", "--fault", "503=2"], /503=2/],
    ["a missing replay file", ["simulate", "--replay", "no.jsonl"], /cannot read/],
  ])("%s", async (_, args, message) => {
    const folder = tempFolder(files);
    const before = readdirSync(folder).sort();
    const { code, stderr } = await runCli(args, { cwd: folder, env: { LAB_URL: "https://lab.invalid/v1" } });
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
    expect(readdirSync(folder).sort()).toEqual(before);
  });

  it("a port in use is exit 3 and says what to do", async () => {
    const server = await serve((_, response) => response.end());
    const { code, stderr } = await runCli(["simulate", "--port", new URL(server.url).port], {
      cwd: tempFolder(),
    });
    expect([code, stderr.includes("--port 0")]).toEqual([3, true]);
  });

  it("check tells all problems at once and exits 2", async () => {
    const folder = tempFolder({ "bad.yaml": "promts: []\ntrials: 0\nrepeat: 3\ngrid: { a: [] }\n" });
    const { code, stderr } = await runCli(["check", "bad.yaml"], { cwd: folder });
    expect(code).toBe(2);
    expect([...stderr.matchAll(/\[([a-z]+\/[a-z-]+)\]/g)].map((match) => match[1])).toEqual([
      "config/unknown-key",
      "config/invalid-value",
      "config/unknown-key",
      "grid/empty-axis",
    ]);
  });
});

it("a value that the environment puts into a header is shown nowhere, whatever the header is called", async () => {
  const server = await serve((request, response) => {
    response.writeHead(400, { "content-type": "application/json" });
    response.end(JSON.stringify({ message: `no access for ${request.headers["x-team"]}` }));
  });
  const folder = tempFolder({
    "m.yaml": matrix.replace("api_key_env: LAB_KEY", 'headers: { x-team: "team ${TEAM_TOKEN}" }'),
    "rows.csv": rows,
  });
  const result = await runCli(["run", "m.yaml", "--out", "out", "--limit", "2"], {
    cwd: folder,
    env: { LAB_URL: server.url, TEAM_TOKEN: key },
  });
  expect(result.code).toBe(3);
  expect(everything({ ...result, folder })).not.toContain(key);
});

it("credentials in a base URL are kept nowhere", async () => {
  const result = await runAgainst("http://user:p@ssw0rdXYZ@127.0.0.1:9/v1?token=T0KENVALUE", [
    "--limit",
    "1",
  ]);
  const left = everything(result);
  expect(left).not.toContain("ssw0rdXYZ");
  expect(left).not.toContain("T0KENVALUE");
});

it("a run whose stderr is closed goes on to its end and keeps its exit code", async () => {
  const folder = tempFolder({
    "m.yaml": matrix.replace("provider: lab", "provider: simulator").replace("model: m", "model: sim/weak"),
    "rows.csv": rows,
  });
  const child = spawnCli(["run", "m.yaml", "--out", "out", "--concurrency", "1"], {
    cwd: folder,
    env: { LAB_URL: "http://localhost:1/v1" },
  });
  child.stderr?.destroy();
  child.stdout?.resume();
  const code = await new Promise((resolve) => child.once("close", resolve));
  expect(code).toBe(0);
  expect(existsSync(join(folder, "out/summary.json"))).toBe(true);
});

it("a key in `.env` is used and written nowhere", async () => {
  const server = await serve((request, response) => {
    const good = request.headers.authorization === `Bearer ${key}`;
    response.writeHead(good ? 200 : 401, { "content-type": "application/json" });
    response.end(
      JSON.stringify({
        id: "x",
        model: "m",
        choices: [
          { index: 0, message: { role: "assistant", content: `you sent ${key}` }, finish_reason: "stop" },
        ],
      }),
    );
  });
  const folder = tempFolder({ "m.yaml": `${matrix}stream: false\n`, "rows.csv": rows });
  const { writeFileSync, rmSync } = await import("node:fs");
  writeFileSync(join(folder, ".env"), `LAB_KEY=${key}\n`);
  const result = await runCli(["run", "m.yaml", "--out", "out", "--limit", "3"], {
    cwd: folder,
    env: { LAB_URL: server.url },
  });
  expect(result.code).toBe(0);
  rmSync(join(folder, ".env"));
  expect(existsSync(join(folder, "out/journal.jsonl"))).toBe(true);
  expect(everything({ ...result, folder })).not.toContain(key);
});
