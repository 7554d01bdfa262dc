import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { tempFolder } from "./temp-folder.ts";

/** A scratch git repository, removed after the test. */
export interface GitRepository {
  readonly folder: string;
  /** Runs git in it; throws where git complains. */
  git(...words: readonly string[]): string;
  write(files: Readonly<Record<string, string | Uint8Array>>): void;
  /** Commits everything; gives the commit's id. */
  commit(): string;
}

/** A fresh repository on the branch `main` with the given files committed. */
export function gitRepository(files: Readonly<Record<string, string | Uint8Array>>): GitRepository {
  const folder = tempFolder();
  const git = (...words: readonly string[]): string => {
    const done = spawnSync(
      "git",
      [
        "-C",
        folder,
        "-c",
        "user.name=Test",
        "-c",
        "user.email=test@example.org",
        "-c",
        "commit.gpgsign=false",
        ...words,
      ],
      { encoding: "utf8" },
    );
    if (done.status !== 0) throw new Error(`git ${words.join(" ")}: ${done.stderr}`);
    return done.stdout.trim();
  };
  const write = (some: Readonly<Record<string, string | Uint8Array>>): void => {
    for (const [name, content] of Object.entries(some)) {
      const path = join(folder, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content);
    }
  };
  const commit = (): string => {
    git("add", "--all");
    git("commit", "--quiet", "--message", "change");
    return git("rev-parse", "HEAD");
  };
  git("init", "--quiet", "--initial-branch", "main");
  write(files);
  commit();
  return { folder, git, write, commit };
}
