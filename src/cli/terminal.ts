import type { Environment } from "../run/environment.ts";

/** What a command may touch of the process it runs in. Handed in by `main`, so that commands are plain functions. */
export interface Terminal {
  readonly arguments: readonly string[];
  readonly environment: Environment;
  readonly workingDirectory: string;
  readonly pid: number;
  readonly nodeVersion: string;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Calls back for each SIGINT and SIGTERM until the result is called. */
  onSignal(handle: (signal: string) => void): () => void;
}

export interface Output {
  readonly isTerminal: boolean;
  /** Columns of the terminal; null where there is none. */
  readonly columns: number | null;
  write(text: string): void;
  /** The stream itself, for the progress bar. */
  readonly stream: NodeJS.WritableStream;
}

/**
 * Whether text on a stream is coloured: `--color`/`--no-color`, else NO_COLOR (not empty), else FORCE_COLOR (not empty;
 * `0` and `false` are off), else TERM=dumb, else whether the stream is a terminal.
 */
export function wantsColor(output: Output, environment: Environment, flag: boolean | undefined): boolean {
  if (flag !== undefined) return flag;
  if ((environment.NO_COLOR ?? "") !== "") return false;
  const force = environment.FORCE_COLOR ?? "";
  if (force !== "") return force !== "0" && force !== "false";
  return environment.TERM !== "dumb" && output.isTerminal;
}

/** Width for tables: the terminal's, else COLUMNS, else none (null: as wide as they are). */
export function tableWidth(output: Output, environment: Environment): number | null {
  const stated = Number(environment.COLUMNS);
  if (Number.isInteger(stated) && stated >= 20) return stated;
  return output.columns;
}

/** Whether an environment is a CI system's: `CI` set and not `false` or `0`. */
export function isCi(environment: Environment): boolean {
  const ci = environment.CI ?? "";
  return ci !== "" && ci !== "false" && ci !== "0";
}
