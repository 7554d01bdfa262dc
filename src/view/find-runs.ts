import { type Dirent, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { runFiles } from "../run/run-directory.ts";

/** A folder that is a run, or that cannot be looked into. */
export interface FoundRun {
  /** Relative to the results folder, with `/`; of a single run the folder's own name. */
  readonly name: string;
  readonly directory: string;
  /** Why the folder cannot be read; null for a run. */
  readonly problem: string | null;
}

/**
 * The runs of a results folder: itself, its folders, and theirs. Of a run only the base that was sent together with it is
 * looked for inside. Symbolic links are not followed.
 */
export function findRuns(root: string): readonly FoundRun[] {
  const own = basename(root) || "run";
  const names = namesIn(root);
  if (typeof names === "string") return [{ name: own, directory: root, problem: names }];
  if (holdsRun(names)) return [run(own, root), ...inside(own, root, names, 1)];
  return folders(names).flatMap((name) => below(name, join(root, name), 2));
}

/** Runs in a folder and, where `levels` are left, in the folders in it. */
function below(name: string, directory: string, levels: number): readonly FoundRun[] {
  const names = namesIn(directory);
  if (typeof names === "string") return [{ name, directory, problem: names }];
  const here = holdsRun(names) ? [run(name, directory)] : [];
  return levels > 1 ? [...here, ...inside(name, directory, names, levels - 1)] : here;
}

function inside(
  name: string,
  directory: string,
  names: readonly Dirent[],
  levels: number,
): readonly FoundRun[] {
  const wanted = folders(names).filter((folder) => !holdsRun(names) || folder === runFiles.against);
  return wanted.flatMap((folder) => below(`${name}/${folder}`, join(directory, folder), levels));
}

function run(name: string, directory: string): FoundRun {
  return { name, directory, problem: null };
}

function holdsRun(names: readonly Dirent[]): boolean {
  return names.some(({ name }) => name === runFiles.run);
}

function folders(names: readonly Dirent[]): readonly string[] {
  return names.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

/** What stands in a folder, or why it cannot be read. */
function namesIn(directory: string): readonly Dirent[] | string {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch (error) {
    return `the folder cannot be read: ${(error as NodeJS.ErrnoException).code ?? "unknown error"}`;
  }
}
