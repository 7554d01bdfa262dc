import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { RunError, UsageError } from "../errors.ts";
import { writeAtomically } from "../system/write-atomically.ts";
import { runFiles } from "./run-directory.ts";

/** A take-over that is older than this was left by a process that died in it. */
const takeOverMs = 10_000;

/**
 * One process a directory: the file `lock` holds the process id of the one at work. It appears with its content (by
 * `link`), so that no one reads it half-written. The lock of a process that is gone is taken over, by one process only.
 */
export class DirectoryLock {
  readonly #path: string;
  /** The process whose stale lock was taken over; null for none. */
  readonly tookOver: number | null;

  /** Throws UsageError when another process works in the directory, RunError when nothing can be written there. */
  constructor(directory: string, pid: number) {
    this.#path = join(directory, runFiles.lock);
    try {
      this.tookOver = this.#create(pid) ? null : this.#takeOver(directory, pid);
      removeLeftovers(directory);
    } catch (error) {
      if (error instanceof UsageError) throw error;
      throw new RunError("run/directory", `cannot write in \`${directory}\`: ${(error as Error).message}`, {
        cause: error,
      });
    }
  }

  release(): void {
    rmSync(this.#path, { force: true });
  }

  /** Makes the lock if there is none; says whether it did. */
  #create(pid: number): boolean {
    const own = `${this.#path}.${pid}`;
    writeFileSync(own, `${pid}\n`);
    try {
      linkSync(own, this.#path);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
      throw error;
    } finally {
      rmSync(own, { force: true });
    }
  }

  #takeOver(directory: string, pid: number): number {
    const holder = this.#holder();
    this.#refuseLiving(holder, directory, pid);
    // Only one process at a time may replace a stale lock, and only after another look at it.
    const turn = `${this.#path}.turn`;
    if (
      (statSync(turn, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY) <
      Date.now() - takeOverMs
    ) {
      rmdirSync(turn);
    }
    try {
      mkdirSync(turn);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") throw locked(directory, holder, this.#path);
      throw error;
    }
    try {
      this.#refuseLiving(this.#holder(), directory, pid);
      writeAtomically(this.#path, `${pid}\n`);
      return holder;
    } finally {
      rmdirSync(turn);
    }
  }

  /** The process that the lock names; 0 when it has gone meanwhile or names none. */
  #holder(): number {
    try {
      return Number(readFileSync(this.#path, "utf8").trim());
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return 0;
      throw error;
    }
  }

  #refuseLiving(holder: number, directory: string, pid: number): void {
    if (Number.isInteger(holder) && holder > 0 && holder !== pid && isAlive(holder)) {
      throw locked(directory, holder, this.#path);
    }
  }
}

/** The living process that works in a directory; null for none. Reads only. */
export function workerOf(directory: string): number | null {
  try {
    const holder = Number(readFileSync(join(directory, runFiles.lock), "utf8").trim());
    return Number.isInteger(holder) && holder > 0 && isAlive(holder) ? holder : null;
  } catch {
    return null;
  }
}

/** Temporary files of processes that were killed while they wrote them. */
function removeLeftovers(directory: string): void {
  for (const folder of [directory, join(directory, runFiles.inputs)]) {
    if (!existsSync(folder)) continue;
    for (const name of readdirSync(folder))
      if (/\.\d+\.tmp$/.test(name)) rmSync(join(folder, name), { force: true });
  }
}

function locked(directory: string, holder: number, path: string): UsageError {
  return new UsageError("run/locked", `another promptgrid (process ${holder}) works in \`${directory}\``, {
    hint: `wait for it, or use another \`--out\`; if process ${holder} is something else, remove \`${path}\``,
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
