import type { ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type IncomingHttpHeaders, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { type CliResult, collect, runCli, spawnCli } from "../support/cli.ts";

/** `promptgrid view` as a process of its own. */
export interface Viewer {
  readonly url: string;
  readonly port: number;
  /** What it printed and its exit code, after a signal. */
  end(signal: "SIGINT" | "SIGTERM"): Promise<CliResult>;
}

const living = new Set<ChildProcess>();

afterAll(() => {
  for (const child of living) child.kill("SIGKILL");
});

/** Starts it and waits for its address. */
export async function startViewer(cwd: string, ...args: readonly string[]): Promise<Viewer> {
  const child = spawnCli(["view", ...args], { cwd });
  living.add(child);
  const result = collect(child);
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout?.once("data", (text: string) => resolve(text.trim()));
    child.once("close", (code) => reject(new Error(`ended with ${code}`)));
  });
  return {
    url,
    port: Number(new URL(url).port),
    end: (signal) => {
      child.kill(signal);
      living.delete(child);
      return result;
    },
  };
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Sends a request whose path and headers are as they are written. */
export function ask(
  port: number,
  path: string,
  options: { readonly method?: string; readonly host?: string } = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: "127.0.0.1",
        port,
        path,
        method: options.method ?? "GET",
        headers: { host: options.host ?? `127.0.0.1:${port}` },
      },
      (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => {
          text += chunk;
        });
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
        );
        response.on("error", reject);
      },
    );
    sent.on("error", reject);
    sent.end();
  });
}

/** A matrix of two variants and four rows; `prompt` is the text of its prompt. */
export function smallMatrix(name: string, prompt: string): string {
  return `
name: ${JSON.stringify(name)}
provider: simulator
prompts: [{ id: p, user: ${JSON.stringify(`${prompt} {{ question }}`)} }]
dataset: rows.csv
grid: { model: [sim/strong, sim/weak] }
scorers: [{ type: numeric, expected: "{{ answer }}" }]
`;
}

/** A folder whose `results` has the runs `first` and `second` of one matrix. It is removed after the file's tests. */
export async function folderWithRuns(): Promise<string> {
  const cwd = mkdtempSync(join(tmpdir(), "promptgrid-view-"));
  afterAll(() => rmSync(cwd, { recursive: true, force: true }));
  const rows = Array.from({ length: 8 }, (_, i) => `r${i},What is ${i} + 1?,${i + 1}`);
  writeFileSync(join(cwd, "rows.csv"), `id,question,answer\n${rows.join("\n")}\n`);
  for (const [name, prompt] of [
    ["first", "Say it."],
    ["second", "Think step by step."],
  ] as const) {
    writeFileSync(join(cwd, "m.yaml"), smallMatrix("small", prompt));
    const { code, stderr } = await runCli(["run", "m.yaml", "--quiet", "--out", `results/${name}`], { cwd });
    if (code !== 0) throw new Error(stderr);
  }
  return cwd;
}
