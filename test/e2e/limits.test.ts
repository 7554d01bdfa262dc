import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Summary } from "../../src/aggregate/summary-shape.ts";
import { scanJournal } from "../../src/journal/reader.ts";
import type { LaneRecord } from "../../src/journal/record.ts";
import { runCli } from "../support/cli.ts";
import { tempFolder } from "../support/temp-folder.ts";

/** SiliconFlow's own words, as they were seen: no code, no header. */
const refusalText =
  '{"message":"Request was rejected due to rate limiting. Details: TPM limit reached.","data":null}';

interface Arrival {
  readonly at: number;
  readonly model: string;
  readonly refused: boolean;
}

/** A server that refuses some requests; every answer takes 20 ms. */
async function serve(
  refuses: (model: string, nth: number) => boolean,
): Promise<{ url: string; seen: Arrival[] }> {
  const seen: Arrival[] = [];
  const counts = new Map<string, number>();
  const server = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk) => {
      text += chunk;
    });
    request.on("end", () => {
      const { model } = JSON.parse(text) as { model: string };
      const nth = (counts.get(model) ?? 0) + 1;
      counts.set(model, nth);
      const refused = refuses(model, nth);
      seen.push({ at: performance.now(), model, refused });
      setTimeout(() => {
        response.writeHead(refused ? 429 : 200, { "content-type": "application/json" });
        const usage = { prompt_tokens: 20, completion_tokens: 10, total_tokens: 30 };
        const choices = [{ index: 0, message: { content: "ok" }, finish_reason: "stop" }];
        response.end(refused ? refusalText : JSON.stringify({ choices, usage }));
      }, 20);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, seen };
}

function folder(url: string, rows: number, rest: string): string {
  const lines = Array.from({ length: rows }, (_, i) => `r${i},question ${i}`);
  return tempFolder({
    "rows.csv": `id,question\n${lines.join("\n")}\n`,
    "m.yaml": `
name: limits
provider: lab
providers: { lab: { base_url: "${url}" } }
prompts: [{ id: p, user: "{{ question }}" }]
dataset: rows.csv
stream: false
${rest}
`,
  });
}

function totals(cwd: string): Summary["totals"] {
  return (JSON.parse(readFileSync(join(cwd, "out", "summary.json"), "utf8")) as Summary).totals;
}

function laneRecords(cwd: string): readonly LaneRecord[] {
  const records: LaneRecord[] = [];
  scanJournal(join(cwd, "out", "journal.jsonl"), (record) => {
    if (record.kind === "lane") records.push(record);
  });
  return records;
}

describe("a refusal in SiliconFlow's words, without any header", () => {
  it("slows the lane of its model and no other, and loses nothing", async () => {
    const { url, seen } = await serve((model, nth) => model === "busy" && nth > 10 && nth <= 14);
    const cwd = folder(url, 20, "grid: { model: [busy, idle] }");
    const run = await runCli(["run", "m.yaml", "--out", "out"], { cwd });
    expect(run.code).toBe(0);
    expect(totals(cwd)).toMatchObject({ requests: 40, answered: 40, failed: 0 });
    const slowed = laneRecords(cwd).filter(({ event }) => event !== "grow");
    expect(new Set(slowed.map(({ lane }) => lane))).toEqual(new Set(["lab/busy"]));
    expect(slowed.map(({ event, axis }) => [event, axis])).toContainEqual(["limit", "tpm"]);
    expect(slowed.find(({ event }) => event === "pause")?.pause_ms).toBeGreaterThanOrEqual(250);
    // The other one was through before the pause was over.
    const times = (model: string): readonly number[] =>
      seen.filter((one) => one.model === model).map(({ at }) => at);
    const refusedAt = seen.find(({ refused }) => refused)?.at ?? 0;
    expect(Math.max(...times("idle"))).toBeLessThan(refusedAt + 1_000);
    expect(Math.max(...times("busy"))).toBeGreaterThan(refusedAt + 1_000);
    const report = readFileSync(join(cwd, "out", "report.md"), "utf8");
    expect(report).toContain("How fast the lanes went, and why");
    expect(report).toContain("TPM limit reached");
  }, 60_000);
});

describe("a limit of a day", () => {
  it("stops the lane, says when it may go on, and holds for the next session", async () => {
    const { url, seen } = await serve(() => false);
    const cwd = folder(url, 30, "grid: { model: m }\nlimits: { rpd: 10 }");
    const run = await runCli(["run", "m.yaml", "--out", "out"], { cwd });
    expect(run.code).toBe(3);
    expect(run.stderr).toMatch(
      /lab\/m: stopped \(the rpd limit of 10 is used up; it may go on at \d{4}-\d\d-\d\d \d\d:\d\d UTC\)/,
    );
    expect(totals(cwd)).toMatchObject({ answered: 10, failed: 0, pending: 20 });
    const again = await runCli(["resume", "out"], { cwd });
    expect(again.code).toBe(3);
    expect(seen).toHaveLength(10);
  });
});

describe("limits that are none", () => {
  it.each(["rpm: 0", "rpm: -1", "tpm: many", "rpd: 0", "concurrency: 0.5", "strict: 2", "rpmm: 5"])(
    "limits: { %s } is an error before anything is sent",
    async (limit) => {
      const cwd = folder("http://127.0.0.1:9/v1", 1, `grid: { model: m }\nlimits: { ${limit} }`);
      const run = await runCli(["run", "m.yaml", "--out", "out"], { cwd });
      expect(run.code).toBe(2);
      expect(run.stderr).toContain("limits");
    },
  );
});
