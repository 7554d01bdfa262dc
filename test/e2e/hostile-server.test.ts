import { readFileSync } from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Summary } from "../../src/aggregate/summary-shape.ts";
import { runCli } from "../support/cli.ts";
import { tempFolder } from "../support/temp-folder.ts";

const megabyte = "x".repeat(1_000_000);
const deep = `${'{"message":'.repeat(10_000)}1${"}".repeat(10_000)}`;

/** Writes a head and then megabytes, as fast as they are taken, until the client goes away or 100 MB are out. */
function flood(response: ServerResponse, type: string, head: string, piece: string): void {
  response.writeHead(200, { "content-type": type });
  response.write(head);
  let left = 100;
  const more = (): void => {
    while (left-- > 0 && !response.destroyed) {
      if (response.write(piece)) continue;
      response.once("drain", more);
      return;
    }
    response.end();
  };
  more();
}

const events = "text/event-stream";
const json = "application/json";
const delta = (text: string): string => `data: {"choices":[{"index":0,"delta":{"content":"${text}"}}]}\n\n`;

const attacks: Readonly<Record<string, (response: ServerResponse) => void>> = {
  "a body of 100 MB": (response) => flood(response, json, '{"x":"', megabyte),
  "a stream of 100 MB": (response) => flood(response, events, "", delta(megabyte)),
  "a chunk that never ends": (response) => flood(response, events, 'data: {"x":"', megabyte),
  "JSON ten thousand levels deep": (response) => {
    response.writeHead(400, { "content-type": json });
    response.end(`{"error":{"message":${deep}}}`);
  },
};

describe("a server gone wild", () => {
  let server: Server;
  let attack: (response: ServerResponse) => void;
  let baseUrl: string;

  beforeEach(async () => {
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        if (!Buffer.concat(chunks).toString("utf8").includes("fine")) return attack(response);
        response.writeHead(200, { "content-type": json });
        response.end('{"choices":[{"index":0,"message":{"content":"4"},"finish_reason":"stop"}]}');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    baseUrl = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/v1`;
  });

  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  for (const [what, one] of Object.entries(attacks)) {
    it(`with ${what} costs its requests, and neither the run nor the memory`, async () => {
      attack = one;
      const rows = Array.from({ length: 40 }, (_, i) => (i % 4 === 0 ? `fine ${i}` : `bad ${i}`));
      const cwd = tempFolder({
        "rows.csv": `question\n${rows.join("\n")}\n`,
        "m.yaml": `
name: wild
provider: lab
providers: { lab: { base_url: "${baseUrl}" } }
prompts: [{ id: p, user: "{{ question }}" }]
dataset: rows.csv
grid: { model: m }
limits: { concurrency: 32 }
retry: { attempts: 1 }
max_failed: 100%
`,
      });
      const tellMemory =
        "process.on('exit',()=>process.stderr.write('peak '+process.resourceUsage().maxRSS+' KB'))";
      const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(tellMemory)}` };
      const run = await runCli(["run", "m.yaml", "--out", "out"], { cwd, env });
      expect(run.code, run.stderr).toBe(0);
      const { totals } = JSON.parse(readFileSync(join(cwd, "out", "summary.json"), "utf8")) as Summary;
      expect(totals).toMatchObject({ requests: 40, answered: 10, failed: 30, pending: 0 });
      const kind = what.startsWith("JSON") ? "invalid_request" : "bad_response";
      expect(totals.failures).toEqual({ [kind]: 30 });
      const peakMb = Number(/peak (\d+) KB/.exec(run.stderr)?.[1]) / 1024;
      expect(peakMb).toBeLessThan(1100);
    }, 60_000);
  }
});
