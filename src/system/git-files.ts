import { readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute, join, posix, relative, resolve, sep } from "node:path";
import { UsageError } from "../errors.ts";
import { type GitCall, git } from "./git.ts";
import { type InputFiles, inputName, type RecordedInput, sha256 } from "./input-files.ts";

/** Where a revision is looked for, and what it is called. */
export interface GitSource {
  /** Relative names start here. */
  readonly workingDirectory: string;
  /** A folder of the repository. */
  readonly folder: string;
  /** A branch, tag, commit or other name of a revision. */
  readonly ref: string;
}

/**
 * The files of a git revision, under the names that `DiskFiles` has for them, as a checkout would write them (line ends
 * and filters included). Symbolic links are followed. What the repository does not hold (a path outside of it, a file
 * that is neither in the revision nor tracked now) is read from the disk and listed in `fromDisk`. A file that is tracked
 * now and absent in the revision is `ENOENT`. Remembers what it read.
 */
export class GitFiles implements InputFiles {
  /** The full id of the commit. */
  readonly revision: string;
  /** Names that were read from the disk. */
  readonly fromDisk: string[] = [];
  readonly #workingDirectory: string;
  readonly #root: string;
  readonly #recorded = new Map<string, RecordedInput>();

  /** Throws UsageError where there is no git, no repository, or no such revision. */
  constructor({ workingDirectory, folder, ref }: GitSource) {
    this.#workingDirectory = realpathSync(workingDirectory);
    const found = git(folder, ["rev-parse", "--show-toplevel"]);
    if (!found.good) throw noRepository(ref, folder, found);
    this.#root = realpathSync(found.stdout.toString("utf8").replace(/\r?\n$/, ""));
    this.revision = resolveRevision(ref, this.#root);
  }

  read(name: string): Uint8Array {
    const key = inputName(name);
    const known = this.#recorded.get(key);
    if (known !== undefined) return known.bytes;
    const bytes = this.#bytes(key);
    this.#recorded.set(key, { name: key, sha256: sha256(bytes), bytes });
    return bytes;
  }

  list(folder: string): readonly string[] {
    const path = this.#pathOf(inputName(folder));
    const found = path === null ? null : this.#find(path);
    const names =
      found?.kind === "tree"
        ? this.#blobsOf(found.id)
        : path === null || !this.#isTracked(path)
          ? filesOnDisk(resolve(this.#workingDirectory, folder))
          : [];
    return names.map((name) => inputName(posix.join(folder, name))).sort();
  }

  /** Whether the revision itself holds a file of this name. */
  has(name: string): boolean {
    const path = this.#pathOf(inputName(name));
    return path !== null && this.#find(path).kind === "blob";
  }

  /** Every file read so far, in the order of first reading. */
  recorded(): readonly RecordedInput[] {
    return [...this.#recorded.values()];
  }

  #bytes(key: string): Uint8Array {
    const path = this.#pathOf(key);
    if (path === null) return this.#disk(key, resolve(this.#workingDirectory, key));
    const found = this.#find(path);
    switch (found.kind) {
      case "blob":
        return this.#git(["cat-file", "--filters", `--path=${path}`, found.id]);
      case "tree":
        throw refusal("EISDIR", `\`${key}\` is a folder`);
      case "outside":
        return this.#disk(key, resolve(this.#root, found.target));
      case "broken":
        throw refusal(found.code, `\`${key}\`: the symbolic link leads nowhere`);
      case "missing":
        if (this.#isTracked(path)) throw refusal("ENOENT", `there is no \`${key}\` in this revision`);
        return this.#disk(key, resolve(this.#workingDirectory, key));
    }
  }

  #disk(key: string, path: string): Uint8Array {
    const bytes = readFileSync(path);
    this.fromDisk.push(key);
    return bytes;
  }

  /** The path in the repository; null for one outside of it, or that git cannot be asked about. */
  #pathOf(name: string): string | null {
    const absolute = resolve(this.#workingDirectory, name);
    const path = within(this.#root, absolute) ?? within(this.#root, physical(absolute));
    return path === null || path.includes("\n") ? null : path.replaceAll(sep, "/");
  }

  #find(path: string): Found {
    const asked = `${this.revision}:${path}\n`;
    const answer = this.#git(["cat-file", "--batch-check", "--follow-symlinks"], asked).toString("utf8");
    const [line = "", second = ""] = answer.split("\n");
    const object = /^([0-9a-f]{40,64}) (blob|tree) \d+$/.exec(line);
    if (object !== null) return { kind: object[2] === "tree" ? "tree" : "blob", id: object[1] ?? "" };
    const link = /^(symlink|dangling|loop|notdir) \d+$/.exec(line)?.[1];
    if (link === "symlink") return { kind: "outside", target: second };
    if (link !== undefined) return { kind: "broken", code: link === "loop" ? "ELOOP" : "ENOENT" };
    return { kind: "missing" };
  }

  /** Names of the regular files in a tree. */
  #blobsOf(tree: string): readonly string[] {
    const entries = this.#git(["ls-tree", "-z", tree]).toString("utf8").split("\0");
    return entries.flatMap((entry) => {
      const tab = entry.indexOf("\t");
      return entry.startsWith("100") && tab > 0 ? [entry.slice(tab + 1)] : [];
    });
  }

  /** Whether the working tree's index has the file, or files in the folder. */
  #isTracked(path: string): boolean {
    return this.#git(["ls-files", "-z", "--", `:(top,literal)${path}`]).length > 0;
  }

  #git(words: readonly string[], input = ""): Buffer {
    const call = git(this.#root, words, input);
    if (!call.good)
      throw new UsageError("against/git", `git cannot read the revision ${this.revision}: ${call.complaint}`);
    return call.stdout;
  }
}

type Found =
  | { readonly kind: "blob" | "tree"; readonly id: string }
  | { readonly kind: "outside"; readonly target: string }
  | { readonly kind: "broken"; readonly code: string }
  | { readonly kind: "missing" };

function resolveRevision(ref: string, root: string): string {
  const unknown = (complaint: string): UsageError =>
    new UsageError("against/unknown-ref", `git knows no commit \`${ref}\`${complaint}`, {
      hint: "`git fetch origin main`, then `--against origin/main`; in CI check out with `fetch-depth: 0`",
    });
  if (ref.startsWith("-") || ref === "") throw unknown("");
  const call = git(root, ["rev-parse", "--verify", "--end-of-options", `${ref}^{commit}`]);
  const revision = call.stdout.toString("utf8").trim();
  if (!call.good || !/^[0-9a-f]{40,64}$/.test(revision)) throw unknown(`: ${call.complaint}`);
  return revision;
}

function noRepository(ref: string, folder: string, call: GitCall): UsageError {
  if (call.absent) {
    return new UsageError("against/no-git", `\`--against ${ref}\` needs git, which cannot be started`, {
      hint: "install git, or compare with a baseline file: `--baseline FILE`",
    });
  }
  return new UsageError("against/no-repository", `\`${folder}\` is in no git repository: ${call.complaint}`, {
    hint: "`--against` reads matrix, prompts and dataset of a git revision; without one use `--baseline FILE`",
  });
}

function filesOnDisk(folder: string): readonly string[] {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [entry.name] : [],
  );
}

/** A path relative to a folder; null where it is not in it. */
function within(folder: string, absolute: string): string | null {
  const path = relative(folder, absolute);
  return path === ".." || path.startsWith(`..${sep}`) || isAbsolute(path) ? null : path;
}

/** The path with the symbolic links in its folder resolved; as it is where there is no such folder. */
function physical(absolute: string): string {
  try {
    return join(realpathSync(dirname(absolute)), basename(absolute));
  } catch {
    return absolute;
  }
}

/** An error of the form that reading the disk has. */
function refusal(code: string, message: string): Error {
  return Object.assign(new Error(`${code}: ${message}`), { code });
}
