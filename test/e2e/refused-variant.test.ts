import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { Summary } from "../../src/aggregate/summary-shape.ts";
import type { Simulator } from "../../src/simulator/options.ts";
import { startSimulator } from "../../src/simulator/server.ts";
import { serve } from "../provider/test-server.ts";
import { runCli } from "../support/cli.ts";
import { tempFolder } from "../support/temp-folder.ts";

const message = "Value error, current model does not support parameter `enable_thinking`.";
let simulator: Simulator | undefined;

afterEach(() => simulator?.close());

async function folder(grid: string, firstMs = 2, concurrency = 8): Promise<string> {
  simulator = await startSimulator({ latency: { firstMs, perTokenMs: 0 } });
  const rows = Array.from({ length: 200 }, (_, i) => `r${i},What is ${i} + 1?,${i + 1}`);
  return tempFolder({
    "rows.csv": `id,question,answer\n${rows.join("\n")}\n`,
    "m.yaml": `
name: refused
provider: local
providers: { local: { preset: simulator, base_url: "${simulator.baseUrl}" } }
prompts: [{ id: p, user: "{{ question }}" }]
dataset: rows.csv
grid: { model: sim/strong, enable_thinking: ${grid} }
limits: { concurrency: ${concurrency} }
scorers: [{ type: numeric, expected: "{{ answer }}" }]
`,
  });
}

/** Requests that the endpoint was sent. */
function sent(): number {
  return simulator?.stats().requests ?? 0;
}

function summary(cwd: string): Summary {
  return JSON.parse(readFileSync(join(cwd, "out", "summary.json"), "utf8")) as Summary;
}

describe("a variant that the server refuses", () => {
  it("fails as a whole after a few requests while the others go on", async () => {
    const cwd = await folder("[true, null]");
    const run = await runCli(["run", "m.yaml", "--out", "out"], { cwd });
    expect(run.code).toBe(3);
    expect(run.stderr).toContain(`enable_thinking=true is refused, nothing more of it is sent: ${message}`);
    const { totals, variants } = summary(cwd);
    expect(totals).toMatchObject({ requests: 400, answered: 200, failed: 200, pending: 0 });
    expect(variants.map(({ answered, failed }) => [answered, failed])).toEqual([
      [0, 200],
      [200, 0],
    ]);
    // Three rows, and what was in flight by then.
    expect(sent()).toBeLessThanOrEqual(200 + 3 + 8);
    expect(totals.failure_messages.map((one) => [one.kind, one.message])).toEqual([
      ["invalid_request", `not sent: ${message}`],
      ["invalid_request", message],
    ]);

    const before = readFileSync(join(cwd, "out", "completions.csv"), "utf8");
    await runCli(["report", "out"], { cwd });
    expect(readFileSync(join(cwd, "out", "completions.csv"), "utf8")).toBe(before);
    const first = sent();
    const resumed = await runCli(["resume", "out"], { cwd });
    expect(resumed.code).toBe(3);
    expect(sent() - first).toBeLessThanOrEqual(3 + 8);
    expect(summary(cwd).totals).toMatchObject({ answered: 200, failed: 200, pending: 0 });
  });

  it("sends nothing more of it while one answer is still out, and all of it once that came", async () => {
    let whileWaiting = 0;
    const server = await serve((response, { body }) => {
      const isBad = body.includes("bad");
      const choices = [{ message: { role: "assistant", content: "ok" }, finish_reason: "stop" }];
      const reply = (): void => {
        response.writeHead(isBad ? 400 : 200, { "content-type": "application/json" });
        response.end(
          JSON.stringify(isBad ? { code: 20015, message: "cannot be read", data: null } : { choices }),
        );
      };
      if (!body.includes("slow")) return reply();
      setTimeout(() => {
        whileWaiting = server.seen.length;
        reply();
      }, 700);
    });
    const words = ["slow", "bad", "bad", "bad", ...Array.from({ length: 96 }, () => "bad")];
    const cwd = await tempFolder({
      "rows.csv": ["id,word", ...words.map((word, i) => `r${i},${word}`)].join("\n"),
      "m.yaml": `
providers: { local: { base_url: "${server.origin}/v1" } }
provider: local
prompts: [{ id: p, user: "{{ word }}" }]
dataset: rows.csv
grid: { model: m }
limits: { concurrency: 4 }
`,
    });
    const run = await runCli(["run", "m.yaml", "--out", "out"], { cwd });
    expect(run.stderr).not.toContain("is refused");
    expect(summary(cwd).totals).toMatchObject({ answered: 1, failed: 99, pending: 0 });
    expect(server.seen).toHaveLength(100);
    // Four at once, and three more for the three that were refused.
    expect(whileWaiting).toBeLessThanOrEqual(4 + 3);
  });

  it("does not stop the model whose other answers are only slow to come", async () => {
    const cwd = await folder("[true, null]", 400, 64);
    const run = await runCli(["run", "m.yaml", "--out", "out"], { cwd });
    expect(run.stderr).not.toContain("stopped");
    expect(summary(cwd).totals).toMatchObject({ answered: 200, failed: 200, pending: 0 });
  });
});
