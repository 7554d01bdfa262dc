import type { BarStyle } from "../report/interval-bar.ts";
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
  /** Likewise its lines. */
  readonly rows: number | null;
  write(text: string): void;
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

/** Whether only ASCII is sure to be shown: a dumb terminal, or a locale that is not UTF-8. */
export function isAscii(environment: Environment): boolean {
  const { LC_ALL, LC_CTYPE, LANG, WT_SESSION, TERM } = environment;
  if (TERM === "dumb") return true;
  // Windows has no locale in its environment; its terminal knows UTF-8.
  if ((WT_SESSION ?? "") !== "") return false;
  const locale = [LC_ALL, LC_CTYPE, LANG].find((name) => (name ?? "") !== "") ?? "";
  return !/utf-?8/i.test(locale);
}

/** How bars of tables are drawn; null where they are not: on what is no terminal, if colour is not forced upon it. */
export function tableBars(
  output: Output,
  environment: Environment,
  color: boolean | undefined,
): BarStyle | null {
  const isForced = color === true || (color === undefined && wantsColor(output, environment, color));
  if (!output.isTerminal && !isForced) return null;
  const width = tableWidth(output, environment) ?? wideTerminal;
  return { cells: width < wideTerminal ? 12 : 20, isAscii: isAscii(environment) };
}

const wideTerminal = 140;

/** Whether a run is shown by lines that are drawn again in place. */
export function isLive({ stderr, environment }: Terminal): boolean {
  return stderr.isTerminal && environment.TERM !== "dumb" && !isCi(environment);
}

/** Whether an environment is a CI system's: `CI` set and not `false` or `0`. */
function isCi(environment: Environment): boolean {
  const ci = environment.CI ?? "";
  return ci !== "" && ci !== "false" && ci !== "0";
}
