import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import { bin } from "../support/cli.ts";
import { Screen } from "../support/screen.ts";
import { tempFolder } from "../support/temp-folder.ts";

/** `script` of util-linux runs a command in a terminal of its own. */
const hasTerminal = spawnSync("script", ["-qec", "true", "/dev/null"], { stdio: "ignore" }).status === 0;
if (!hasTerminal)
  process.stderr.write("no script command: the tests on a terminal are skipped (apt-get install bsdutils)\n");

const columns = 120;

interface OpenTerminal {
  readonly child: ChildProcess;
  readonly screen: Screen;
  /** All that was written. */
  raw(): string;
  /** The screen, when it says so. */
  until(condition: (text: string) => boolean): Promise<string>;
  /** Exit code, when all is on the screen. */
  readonly closed: Promise<number | null>;
}

/** A command in a terminal of so many columns and 30 lines. */
function open(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): OpenTerminal {
  const command = ["stty", "cols", columns, "rows", 30, ";", process.execPath, bin, ...args].join(" ");
  const child = spawn("script", ["-qefc", command, "/dev/null"], {
    cwd,
    env: {
      PATH: process.env.PATH ?? "",
      TERM: "xterm-256color",
      LANG: "C.UTF-8",
      SHELL: "/bin/sh",
      KEY: "k",
      ...env,
    },
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill());
  const screen = new Screen(columns, 30);
  let raw = "";
  let written = Promise.resolve();
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    raw += text;
    written = written.then(() => screen.write(text));
  });
  const closed = new Promise<number | null>((resolve) => child.once("close", resolve)).then(async (code) => {
    await written;
    return code;
  });
  const until = async (condition: (text: string) => boolean): Promise<string> => {
    let isClosed = false;
    void closed.then(() => {
      isClosed = true;
    });
    for (;;) {
      await written;
      if (condition(screen.text)) return screen.text;
      if (isClosed) throw new Error(`the command ended with this on its screen:\n${screen.text}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  return { child, screen, raw: () => raw, until, closed };
}

/** A server that answers after some time, and refuses some requests at first. */
async function serve(delayMs: number, refusesEvery: number): Promise<string> {
  let count = 0;
  const server = createServer((request, response) => {
    request.resume();
    count++;
    const refused = count % refusesEvery === 0;
    setTimeout(() => {
      response.writeHead(refused ? 503 : 200, { "content-type": "application/json" });
      const usage = { prompt_tokens: 20, completion_tokens: 10, total_tokens: 30 };
      const choices = [{ index: 0, message: { content: "ok" }, finish_reason: "stop" }];
      const refusal = { code: 50505, message: "the model \u001b[2J is busy", data: null };
      response.end(JSON.stringify(refused ? refusal : { choices, usage }));
    }, delayMs);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

function writeMatrix(folder: string, url: string, rows: number): void {
  const matrix = {
    providers: { own: { base_url: url, api_key_env: "KEY" } },
    provider: "own",
    prompts: [{ user: "Say ok to {{ n }}." }],
    dataset: "rows.jsonl",
    grid: { model: ["m-large", "m-small"], temperature: [0, 1] },
    parameters: { max_tokens: 16 },
    limits: { concurrency: 2, rpm: 6_000 },
    budget: { cost: "2 CNY", requests: 5_000 },
    prices: [{ provider: "own", model: "*", currency: "CNY", input: 100, output: 200 }],
    scorers: [{ id: "ok", type: "exact", expected: "ok" }],
  };
  writeFileSync(join(folder, "matrix.yaml"), JSON.stringify(matrix));
  const lines = Array.from({ length: rows }, (_, i) => `{"id":"r${i}","n":"n${i}"}\n`);
  writeFileSync(join(folder, "rows.jsonl"), lines.join(""));
}

describe.skipIf(!hasTerminal)("on a terminal", () => {
  test("a run shows its lanes, limits, cost against the budget and the last failure, then the table alone", async () => {
    const folder = tempFolder();
    writeMatrix(folder, await serve(40, 15), 20);
    const terminal = open(["run", "matrix.yaml", "--out", "out"], folder);
    const live = await terminal.until(
      (text) => /last failure/.test(text) && /rpm \d/.test(text) && /of 2\.00 CNY/.test(text),
    );
    expect(live).toMatch(/^80 requests: 4 variants × 20 rows$/m);
    expect(live).toMatch(/^[█░]{20} \d+% \d+\/80 · 0 failed · /m);
    expect(live).toMatch(/^ {2}own\/m-(large|small) +\d+\/40 .*rpm \d+\/6 000/m);
    expect(live).toMatch(/^cost so far [\d.]+ of 2\.00 CNY, \d+ of 5 000 requests$/m);
    expect(live).toMatch(/^last failure: overloaded: the model .* \(own\/m-(large|small), \d+ s ago\)$/m);

    expect(await terminal.closed).toBe(0);
    const { text } = terminal.screen;
    expect(text).not.toMatch(/[█░]{3}|last failure|in flight/);
    expect(text).toMatch(/^model, temperature +pass rate +0 +1 +rows/m);
    expect(text).toMatch(/^m-large, 0 +1\.000 \[0\.84, 1\.00\] +─+━+┿ +20 /m);
    for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(columns);
    expect(terminal.raw()).toContain("\u001b[1mmodel, temperature");
    expect(shownCursor(terminal.raw())).toBe(true);
  });

  test("Ctrl+C takes the block away and leaves the cursor in sight", async () => {
    const folder = tempFolder();
    writeMatrix(folder, await serve(300, 1_000_000), 40);
    const terminal = open(["run", "matrix.yaml", "--out", "out"], folder);
    await terminal.until((text) => /[1-9]\d*\/160/.test(text));
    terminal.child.stdin?.write("\u0003");
    expect(await terminal.closed).toBe(130);
    expect(terminal.screen.text).toContain("resume");
    expect(terminal.screen.text).not.toMatch(/[█░]{3}/);
    expect(shownCursor(terminal.raw())).toBe(true);
  });

  test("NO_COLOR leaves words and bars", async () => {
    const folder = tempFolder();
    writeMatrix(folder, await serve(5, 1_000_000), 3);
    const terminal = open(["run", "matrix.yaml", "--out", "out"], folder, { NO_COLOR: "1" });
    expect(await terminal.closed).toBe(0);
    expect(terminal.screen.text).toMatch(/─━+┿/);
    // The block moves the cursor; nothing sets a colour or a weight.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
    expect(terminal.raw()).not.toMatch(/\u001b\[\d*m/);
    expect(stripVTControlCharacters(terminal.raw())).toContain("12 requests");
  });
});

/** Whether the cursor is in sight after all that was written. */
function shownCursor(raw: string): boolean {
  return raw.lastIndexOf("\u001b[?25h") > raw.lastIndexOf("\u001b[?25l");
}
