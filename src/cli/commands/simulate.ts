import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { exitCodes, RunError, UsageError } from "../../errors.ts";
import { recordedAnswers } from "../../run/recorded-answers.ts";
import { parseAnswers } from "../../simulator/answer-key.ts";
import { parseFault } from "../../simulator/faults.ts";
import { parseLatency } from "../../simulator/latency.ts";
import type { SimulatorOptions } from "../../simulator/options.ts";
import { parseRecordings } from "../../simulator/recordings.ts";
import { startSimulator } from "../../simulator/server.ts";
import type { Flags } from "../cli.ts";
import { number, text } from "../flags.ts";
import { simulatedBatches } from "../simulate-batches.ts";
import { simulatedCapacity, simulatedLimits } from "../simulate-limits.ts";
import type { Terminal } from "../terminal.ts";

/** `promptgrid simulate`: the local endpoint, until a signal ends it. */
export async function simulate(flags: Flags, terminal: Terminal): Promise<number> {
  const port = number(flags, "port") ?? 8787;
  const options = readOptions(flags, terminal);
  const simulator = await startSimulator({ ...options, port }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "EADDRINUSE")
      throw new RunError("simulator/port-in-use", `port ${port} is in use`, {
        hint: "`--port 0` takes a free one",
      });
    if (error.code === "EACCES" || error.code === "ERR_SOCKET_BAD_PORT")
      throw new UsageError("simulator/bad-port", `port ${port} cannot be used`, {
        hint: "choose one from 1024 to 65535, or 0",
      });
    throw error;
  });
  terminal.stdout.write(`${simulator.baseUrl}\n`);
  if (flags.quiet !== true) {
    terminal.stderr.write(
      `listening on ${simulator.baseUrl}; Ctrl-C ends it\n  in a matrix: providers: { local: { base_url: ${simulator.baseUrl} } }, provider: local\n`,
    );
  }
  await new Promise<void>((done) => {
    const off = terminal.onSignal(() => {
      off();
      done();
    });
  });
  const stats = simulator.stats();
  await simulator.close();
  if (flags.quiet !== true) terminal.stderr.write(`${stats.requests} requests, ${stats.answered} answered\n`);
  return exitCodes.good;
}

function readOptions(flags: Flags, terminal: Terminal): SimulatorOptions {
  const replay = text(flags, "replay");
  const answers = text(flags, "answers");
  const limits = simulatedLimits(flags);
  const capacity = simulatedCapacity(flags);
  const faults = flags.fault === undefined ? [] : (flags.fault as readonly string[]);
  const latency = text(flags, "latency") ?? "0";
  return {
    seed: number(flags, "seed") ?? 0,
    latency: latency === "model" ? "model" : parseLatency(latency),
    faults: faults.map(parseFault),
    batches: simulatedBatches(flags),
    ...(replay === null
      ? {}
      : { replay: parseRecordings(readReplay(resolve(terminal.workingDirectory, replay)), replay) }),
    ...(answers === null
      ? {}
      : { answers: parseAnswers(readText(resolve(terminal.workingDirectory, answers)), answers) }),
    ...(limits === null ? {} : { limits }),
    ...(capacity === null ? {} : { capacity }),
  };
}

/** Recordings from a file, or from a run directory. */
function readReplay(path: string): string {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true)
    return [...recordedAnswers(path)].join("");
  return readText(path);
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new UsageError("simulator/missing-file", `cannot read \`${path}\`: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
