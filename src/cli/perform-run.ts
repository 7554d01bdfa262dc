import type { RunContext, RunOptions, RunOutcome } from "../run/run-context.ts";
import { runMatrix } from "../run/run-matrix.ts";
import { systemClock } from "../system/clock.ts";
import { DiskFiles } from "../system/input-files.ts";
import type { Flags } from "./cli.ts";
import { showDiagnostics } from "./explain.ts";
import { duration } from "./flags.ts";
import { Progress } from "./progress.ts";
import { isAscii, isLive, type Terminal, wantsColor } from "./terminal.ts";

/** Runs a matrix with progress on stderr and signals that stop it; what came of it is not printed. */
export async function performRun(
  flags: Flags,
  terminal: Terminal,
  options: Omit<RunOptions, "graceMs">,
): Promise<RunOutcome> {
  return withRunContext(flags, terminal, (context) =>
    runMatrix({ ...options, graceMs: duration(flags, "grace") }, context),
  );
}

/** Does what sends requests, with progress on stderr and signals that stop it. */
export async function withRunContext<T>(
  flags: Flags,
  terminal: Terminal,
  work: (context: RunContext) => Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  const kill = new AbortController();
  const quiet = flags.quiet === true;
  const color = wantsColor(terminal.stderr, terminal.environment, flags.color as boolean | undefined);
  const progress = new Progress(terminal.stderr, {
    live: isLive(terminal),
    isAscii: isAscii(terminal.environment),
    quiet,
    color,
    verbose: flags.verbose === true,
    clock: systemClock,
  });
  const listen = (): (() => void) =>
    terminal.onSignal((signal) => {
      if (!stop.signal.aborted) stop.abort(signal);
      else kill.abort(signal);
    });
  let offSignals = listen();
  const files = new DiskFiles(terminal.workingDirectory);
  const context: RunContext = {
    workingDirectory: terminal.workingDirectory,
    environment: terminal.environment,
    clock: systemClock,
    random: Math.random,
    pid: terminal.pid,
    nodeVersion: terminal.nodeVersion,
    stop: stop.signal,
    kill: kill.signal,
    listener: (event) => {
      // Reports can be made again at any time: while they are written, a signal ends the process as it ends any other.
      if (event.kind === "reporting") {
        offSignals();
        progress.end();
        if (stop.signal.aborted && !quiet)
          terminal.stderr.write("writing the reports; without them, `promptgrid report DIR` makes them\n");
      }
      if (event.kind === "planned" || event.kind === "judging") {
        offSignals();
        offSignals = listen();
      }
      if (event.kind === "checked") {
        if (!quiet) showDiagnostics(event.diagnostics, files, terminal, color, true);
      } else progress.show(event);
    },
  };
  try {
    return await work(context);
  } finally {
    progress.end();
    offSignals();
  }
}
