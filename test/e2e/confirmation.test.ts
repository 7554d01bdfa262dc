import { existsSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Summary } from "../../src/aggregate/summary-shape.ts";
import type { RunFile } from "../../src/run/run-file.ts";
import { collect, runCli, spawnCli } from "../support/cli.ts";
import { gitRepository } from "../support/git-repository.ts";
import { tempFolder } from "../support/temp-folder.ts";

const rowCount = 40;
const rows = `id,n\n${Array.from({ length: rowCount }, (_, i) => `r${i},${i}`).join("\n")}\n`;

/** An endpoint that adds one, but errs where a prompt says so. */
class Adder {
  /** Every text that was asked, in order. */
  readonly asked: string[] = [];
  delayMs = 0;
  /** Whether the answer to a number is wrong, the `times`th time (from 1) that this text is asked. */
  errs: (n: number, times: number) => boolean = () => false;
  readonly #server: Server = createServer((request, response) => {
    let body = "";
    request.on("data", (part) => {
      body += String(part);
    });
    request.on("end", () => {
      const { messages } = JSON.parse(body) as { messages: readonly { content: string }[] };
      const text = messages.at(-1)?.content ?? "";
      this.asked.push(text);
      const n = Number(/\d+/.exec(text)?.[0]);
      const times = this.asked.filter((other) => other === text).length;
      const wrong = text.includes("badly") && this.errs(n, times);
      const answer = {
        id: "1",
        object: "chat.completion",
        created: 0,
        model: "m",
        choices: [
          {
            index: 0,
            message: { role: "assistant", content: String(wrong ? -1 : n + 1) },
            finish_reason: "stop",
          },
        ],
        usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
      };
      setTimeout(() => {
        response.setHeader("content-type", "application/json");
        response.end(JSON.stringify(answer));
      }, this.delayMs);
    });
  });

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

const matrix = (baseUrl: string, prompts: string, gate: string): string => `
name: confirmed
provider: adder
providers: { adder: { base_url: "${baseUrl}", api_key_env: null } }
prompts:
${prompts}
dataset: rows.csv
parameters: { model: m }
stream: false
limits: { concurrency: 4 }
scorers: [{ type: exact, expected: "{{ n | plus: 1 }}" }]
gates: [${gate}]
confirm: { trials: 2 }
`;

const twoPrompts = `  - { id: v1, user: "well: {{ n }}" }\n  - { id: v2, user: "badly: {{ n }}" }`;
const within = "{ metric: pass_rate, max_drop: 5pt, against: { prompt: v1 } }";

const summaryOf = (directory: string): Summary =>
  JSON.parse(readFileSync(join(directory, "summary.json"), "utf8")) as Summary;
const runOf = (directory: string): RunFile =>
  JSON.parse(readFileSync(join(directory, "run.json"), "utf8")) as RunFile;
const trialsAsked = (directory: string): readonly number[] =>
  Object.values(runOf(directory).confirmation?.variants ?? {});

describe("a suspected regression", () => {
  let adder: Adder;
  beforeEach(async () => {
    adder = new Adder();
    await adder.listen();
  });
  afterEach(() => adder.close());

  it("that is one fails after both sides were asked again, once", async () => {
    adder.errs = (n) => n % 5 === 0;
    const folder = tempFolder({ "rows.csv": rows, "m.yaml": matrix(adder.baseUrl, twoPrompts, within) });
    const { code, stdout, stderr } = await runCli(["run", "m.yaml", "--out", "out"], { cwd: folder });
    expect(stderr).toContain(
      "suspected regression of prompt=v2: asking 2 more trials of each row on both sides",
    );
    expect(code).toBe(1);
    expect(stdout).toContain("verdict: fail: ");
    const out = join(folder, "out");
    expect(trialsAsked(out)).toEqual([2, 2]);
    expect(adder.asked).toHaveLength(2 * rowCount * 3);
    const summary = summaryOf(out);
    expect([summary.verdict, summary.totals.answered]).toEqual(["fail", 2 * rowCount * 3]);

    // Reports, scores and a resume know of the further trials, and ask nothing more.
    for (const command of ["report", "score", "resume"]) {
      await runCli([command, "out", "-q"], { cwd: folder });
      expect([summaryOf(out).verdict, summaryOf(out).totals.requests]).toEqual(["fail", 2 * rowCount * 3]);
    }
    expect(adder.asked).toHaveLength(2 * rowCount * 3);
  });

  it("that was chance does not fail", async () => {
    adder.errs = (n, times) => n % 10 === 0 && times === 1;
    const folder = tempFolder({ "rows.csv": rows, "m.yaml": matrix(adder.baseUrl, twoPrompts, within) });
    const { code, stderr } = await runCli(["run", "m.yaml", "--out", "out"], { cwd: folder });
    expect(stderr).toContain("suspected regression");
    expect(code).toBe(0);
    expect(summaryOf(join(folder, "out")).verdict).not.toBe("fail");
  });

  it("is not looked for where nothing fell", async () => {
    const folder = tempFolder({ "rows.csv": rows, "m.yaml": matrix(adder.baseUrl, twoPrompts, within) });
    await runCli(["run", "m.yaml", "--out", "out", "-q"], { cwd: folder });
    expect(adder.asked).toHaveLength(2 * rowCount);
    expect(runOf(join(folder, "out")).confirmation).toBeNull();
  });

  it("against a git revision is asked again there, too; what both sides share is not", async () => {
    adder.errs = (n) => n % 5 === 0;
    const prompts = (text: string): string =>
      `  - { id: same, user: "same: {{ n }}" }\n  - { id: edited, user: "${text}: {{ n }}" }`;
    const gate = "{ metric: pass_rate, max_drop: 5pt }";
    const { folder, write } = gitRepository({
      "rows.csv": rows,
      "m.yaml": matrix(adder.baseUrl, prompts("well"), gate),
    });
    write({ "m.yaml": matrix(adder.baseUrl, prompts("badly"), gate) });
    const { code, stderr } = await runCli(["run", "m.yaml", "--against", "HEAD", "--out", "out"], {
      cwd: folder,
    });
    expect(stderr).toContain(
      "suspected regression of prompt=edited: asking 2 more trials of each row on both sides",
    );
    expect([code, summaryOf(join(folder, "out")).verdict]).toEqual([1, "fail"]);
    const count = (word: string): number => adder.asked.filter((text) => text.startsWith(word)).length;
    expect([count("same"), count("well"), count("badly")]).toEqual([rowCount, 3 * rowCount, 3 * rowCount]);
    for (const side of ["out", "out/against"]) expect(trialsAsked(join(folder, side))).toEqual([2]);
  });

  it("that is interrupted while it is confirmed goes on with that, and comes to the same end", async () => {
    adder.errs = (n) => n % 5 === 0;
    adder.delayMs = 10;
    const folder = tempFolder({ "rows.csv": rows, "m.yaml": matrix(adder.baseUrl, twoPrompts, within) });
    const out = join(folder, "out");
    const child = spawnCli(["run", "m.yaml", "--out", "out", "-q"], { cwd: folder });
    const ended = collect(child);
    while (adder.asked.length < 2 * rowCount + 20) await sleep(2);
    child.kill("SIGINT");
    expect((await ended).code).toBe(130);
    expect(trialsAsked(out)).toEqual([2, 2]);
    expect(summaryOf(out).totals.pending).toBeGreaterThan(0);

    const second = spawnCli(["resume", "out", "-q"], { cwd: folder });
    const killed = collect(second);
    const before = adder.asked.length;
    while (adder.asked.length < before + 20) await sleep(2);
    second.kill("SIGKILL");
    await killed;
    const { code } = await runCli(["resume", "out", "-q"], { cwd: folder });
    expect([code, summaryOf(out).verdict, summaryOf(out).totals.pending]).toEqual([1, "fail", 0]);
    expect(adder.asked.length).toBeLessThanOrEqual(2 * rowCount * 3 + 4);
    expect(existsSync(join(out, "lock"))).toBe(false);
  });
});
