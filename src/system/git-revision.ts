import { spawnSync } from "node:child_process";

/** The commit that a folder stands on, with `-dirty` when files differ from it; null outside of a repository. */
export function gitRevision(folder: string): string | null {
  const git = (...words: readonly string[]): string | null => {
    const done = spawnSync("git", ["-C", folder, ...words], {
      encoding: "utf8",
      timeout: 3_000,
      stdio: ["ignore", "pipe", "ignore"],
    });
    return done.status === 0 ? done.stdout.trim() : null;
  };
  const commit = git("rev-parse", "HEAD");
  if (commit === null) return null;
  return (git("status", "--porcelain", "--untracked-files=no") ?? "") === "" ? commit : `${commit}-dirty`;
}
