import { realpathSync, statSync } from "node:fs";
import { basename, resolve } from "node:path";
import { exitCodes, UsageError } from "../../errors.ts";
import { startViewer, type Viewer } from "../../view/server.ts";
import type { Flags } from "../cli.ts";
import { number, text } from "../flags.ts";
import type { Terminal } from "../terminal.ts";

/** `promptgrid view [DIR]`: the reports of a results folder on 127.0.0.1, until a signal ends it. */
export async function view(flags: Flags, terminal: Terminal): Promise<number> {
  const given = text(flags, "dir") ?? "results";
  const directory = resolve(terminal.workingDirectory, given);
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new UsageError("view/no-folder", `there is no folder \`${given}\``, {
      hint: "give a results folder or a run directory; `promptgrid run` makes them",
    });
  const root = realpathSync(directory);
  const viewer = await listen(number(flags, "port") ?? 0, root, basename(directory), terminal);
  // Whoever reads the address may send a signal at once.
  const ended = signalled(terminal);
  terminal.stdout.write(`${viewer.url}\n`);
  if (flags.quiet !== true) terminal.stderr.write(`serving \`${given}\` on ${viewer.url}; Ctrl-C ends it\n`);
  await ended;
  await viewer.close();
  return exitCodes.good;
}

/** Resolves at the first signal; later ones act as they do by themselves. */
function signalled(terminal: Terminal): Promise<void> {
  return new Promise((done) => {
    const off = terminal.onSignal(() => {
      off();
      done();
    });
  });
}

async function listen(port: number, root: string, folder: string, terminal: Terminal): Promise<Viewer> {
  const onFault = (error: unknown): void =>
    terminal.stderr.write(`warning: a page could not be served: ${String(error)}\n`);
  try {
    return await startViewer({ root, folder, port, onFault });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EADDRINUSE")
      throw new UsageError("view/port-in-use", `port ${port} is in use`, {
        hint: "`--port 0` takes a free one",
        cause: error,
      });
    if (code === "EACCES" || code === "ERR_SOCKET_BAD_PORT")
      throw new UsageError("view/bad-port", `port ${port} cannot be used`, {
        hint: "choose one from 1024 to 65535, or 0",
        cause: error,
      });
    throw error;
  }
}
