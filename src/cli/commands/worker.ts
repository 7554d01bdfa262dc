import { exitCodes } from "../../errors.ts";
import { plural } from "../../report/number-words.ts";
import { runQueueWorker } from "../../run/queue-worker.ts";
import { systemClock } from "../../system/clock.ts";
import type { Flags } from "../cli.ts";
import { duration, redisUrlOf } from "../flags.ts";
import type { Terminal } from "../terminal.ts";

/** `promptgrid worker --queue URL`: asks what coordinators deal out, until a signal ends it. */
export async function worker(flags: Flags, terminal: Terminal): Promise<number> {
  const stop = new AbortController();
  const off = terminal.onSignal((signal) => stop.abort(signal));
  const tell = (message: string): void => {
    if (flags.quiet !== true) terminal.stderr.write(`${message}\n`);
  };
  try {
    const results = await runQueueWorker({
      url: redisUrlOf(flags, "queue", terminal.environment) ?? "",
      workingDirectory: terminal.workingDirectory,
      environment: terminal.environment,
      clock: systemClock,
      random: Math.random,
      pid: terminal.pid,
      graceMs: duration(flags, "grace"),
      stop: stop.signal,
      notice: tell,
    });
    tell(`${plural(results, "request")} asked in all`);
    return exitCodes.good;
  } finally {
    off();
  }
}
