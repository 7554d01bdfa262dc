import { spawnSync } from "node:child_process";

/** How a git command ended. */
export interface GitCall {
  readonly good: boolean;
  /** git could not be started at all. */
  readonly absent: boolean;
  readonly stdout: Buffer;
  /** The first line of what it complained of; empty when it did not. */
  readonly complaint: string;
}

/** The largest output that is taken: a dataset in a blob. */
const mostBytes = 1 << 30;

/** Runs git in a folder, without a shell. Never throws. */
export function git(folder: string, words: readonly string[], input = ""): GitCall {
  const done = spawnSync("git", ["-C", folder, ...words], {
    input,
    maxBuffer: mostBytes,
    stdio: ["pipe", "pipe", "pipe"],
  });
  const said = done.stderr?.toString("utf8").trim().split("\n")[0] ?? "";
  return {
    good: done.status === 0,
    absent: (done.error as NodeJS.ErrnoException | undefined)?.code === "ENOENT",
    stdout: done.stdout ?? Buffer.alloc(0),
    complaint: (said === "" ? (done.error?.message ?? "") : said).replace(/^fatal: /, ""),
  };
}
