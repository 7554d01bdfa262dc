import { runCli } from "./cli.ts";
import type { Output, Terminal } from "./terminal.ts";

/** Runs the command line of this process. The only place that touches `process`. */
export async function main(): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) {
    // A reader that went away (`| head`) is no reason to stop: the run goes on, and the exit code is its own.
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") return;
      if (stream === process.stdout)
        process.stderr.write(`error: cannot write the result: ${error.message}\n`);
      process.exit(3);
    });
  }
  const terminal: Terminal = {
    arguments: process.argv.slice(2),
    environment: process.env,
    workingDirectory: process.cwd(),
    pid: process.pid,
    nodeVersion: process.version,
    stdout: output(process.stdout),
    stderr: output(process.stderr),
    onSignal: (handle) => {
      const signals = ["SIGINT", "SIGTERM"] as const;
      const listeners = signals.map((signal) => [signal, (): void => handle(signal)] as const);
      for (const [signal, listener] of listeners) process.on(signal, listener);
      return () => {
        for (const [signal, listener] of listeners) process.off(signal, listener);
      };
    },
  };
  process.exitCode = await runCli(terminal);
}

/** Of a terminal that does not know its own size. */
const usualColumns = 80;
const usualRows = 24;

function output(stream: NodeJS.WriteStream): Output {
  return {
    isTerminal: stream.isTTY === true,
    get columns(): number | null {
      return stream.isTTY ? stream.columns || usualColumns : null;
    },
    get rows(): number | null {
      return stream.isTTY ? stream.rows || usualRows : null;
    },
    write: (text) => {
      stream.write(text);
    },
  };
}
