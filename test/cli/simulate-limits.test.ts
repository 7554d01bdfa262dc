import { describe, expect, it } from "vitest";
import { runCli } from "../../src/cli/cli.ts";
import { simulatedCapacity, simulatedLimits } from "../../src/cli/simulate-limits.ts";
import type { Output, Terminal } from "../../src/cli/terminal.ts";
import { ask, chat } from "../simulator/client.ts";

interface Session {
  readonly code: Promise<number>;
  /** What was written to stderr so far. */
  readonly said: () => string;
  /** The base URL; null when the command ended without one. */
  readonly baseUrl: Promise<string | null>;
  readonly end: () => void;
}

/** Runs `promptgrid simulate --port 0` with further arguments. */
function simulate(line: string): Session {
  let said = "";
  let onSignal = (_: string): void => {};
  let listening: (url: string | null) => void = () => {};
  const baseUrl = new Promise<string | null>((resolve) => {
    listening = resolve;
  });
  const output = (write: (text: string) => void): Output => ({
    isTerminal: false,
    columns: null,
    write,
    rows: null,
  });
  const terminal: Terminal = {
    arguments: ["simulate", "--port", "0", ...line.split(" ")],
    environment: { NO_COLOR: "1" },
    workingDirectory: "/",
    pid: 1,
    nodeVersion: process.version,
    stdout: output((text) => listening(text.trim())),
    stderr: output((text) => {
      said += text;
    }),
    onSignal: (handle) => {
      onSignal = handle;
      return () => {};
    },
  };
  const code = runCli(terminal).finally(() => listening(null));
  return { code, said: () => said, baseUrl, end: () => onSignal("SIGINT") };
}

describe("simulate", () => {
  it("keeps the limits and the capacity that its flags state", async () => {
    const session = simulate(
      "--rpm 600 --rpd 1 --tpm 60000 --window bucket-second --charge max_tokens --limit-headers openai --max-concurrent 4 --over-capacity queue",
    );
    const baseUrl = await session.baseUrl;
    if (baseUrl === null) throw new Error(session.said());
    const first = await chat({ baseUrl }, ask("hi", { max_tokens: 500 }));
    expect([first.status, first.headers["x-ratelimit-limit-requests"]]).toEqual([200, "600"]);
    // A bucket of a second holds 1 000 of 60 000 tokens a minute.
    expect(Number(first.headers["x-ratelimit-remaining-tokens"])).toBeLessThan(500);
    const second = await chat({ baseUrl }, ask("hi", { max_tokens: 1 }));
    expect([second.status, JSON.parse(second.text).error.message]).toEqual([
      429,
      expect.stringContaining("requests per day (RPD): Limit 1, Used 1, Requested 1."),
    ]);
    session.end();
    expect(await session.code).toBe(0);
    expect(session.said()).toMatch(/2 requests, 1 answered\n$/);
  });

  it("takes what no flag says for the usual", () => {
    expect([simulatedLimits({}), simulatedCapacity({})]).toEqual([null, null]);
    expect(simulatedLimits({ tpd: 9, rpd: 8 })).toEqual({
      rpd: 8,
      tpd: 9,
      window: "bucket",
      charge: "usage",
      headers: "none",
    });
    expect(simulatedCapacity({ "max-concurrent": 3 })).toEqual({ concurrent: 3, over: "reject" });
    expect(simulatedCapacity({ "max-concurrent": 3, "over-capacity": "queue" })).toEqual({
      concurrent: 3,
      over: "queue",
    });
  });

  it("refuses requests above its capacity where nothing else is said", async () => {
    const session = simulate("--max-concurrent 1 --latency 60s");
    const baseUrl = await session.baseUrl;
    if (baseUrl === null) throw new Error(session.said());
    const both = [chat({ baseUrl }, ask("a")), chat({ baseUrl }, ask("b"))];
    expect((await Promise.race(both)).status).toBe(503);
    session.end();
    const ends = await Promise.allSettled(both);
    expect(ends.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(await session.code).toBe(0);
  });

  it.each([
    ["--rpm 0", "`--rpm 0` must be a whole number from 1 [cli/number]"],
    ["--tpm -5", "`--tpm -5` must be a whole number from 1 [cli/number]"],
    ["--rpd ten", "`--rpd` needs a number [cli/number]"],
    ["--tpd 1.5", "`--tpd 1.5` must be a whole number from 1 [cli/number]"],
    ["--max-concurrent 0", "`--max-concurrent 0` must be a whole number from 1 [cli/number]"],
    ["--max-concurrent many", "`--max-concurrent` needs a number [cli/number]"],
    ["--max-concurrent", "`--max-concurrent` needs a value [cli/usage]"],
    ["--rpm 5 --window leaky", '`--window` cannot be "leaky" [cli/usage]'],
    ["--tpm 5 --charge words", '`--charge` cannot be "words" [cli/usage]'],
    ["--rpm 5 --limit-headers groq", '`--limit-headers` cannot be "groq" [cli/usage]'],
    ["--max-concurrent 5 --over-capacity drop", '`--over-capacity` cannot be "drop" [cli/usage]'],
    ["--rpd 5 --window fixed", "`--window` has no effect without `--rpm` or `--tpm` [cli/usage]"],
    ["--rpm 5 --charge reserve", "`--charge` has no effect without `--tpm` or `--tpd` [cli/usage]"],
    ["--limit-headers openai", "`--limit-headers` has no effect without a limit [cli/usage]"],
    ["--over-capacity queue", "`--over-capacity` has no effect without `--max-concurrent` [cli/usage]"],
  ])("refuses `%s`", async (line, message) => {
    const session = simulate(line);
    expect(await session.baseUrl).toBeNull();
    expect(await session.code).toBe(2);
    expect(session.said().split("\n")[0]).toBe(`error: ${message}`);
  });
});
