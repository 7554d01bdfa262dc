import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { isAbsolute, relative, resolve, sep } from "node:path";

/**
 * Where the loaders read from: the disk, or the byte copies in a run directory.
 * Paths are absolute, or relative to `base`. All reading is synchronous: inputs are read once, before a run.
 */
export interface InputFiles {
  /** Folder that relative paths start from. */
  readonly base: string;
  /** Bytes of a file. Throws the error of `readFileSync` (`ENOENT`, `EISDIR`, `EACCES` …). */
  read(path: string): Uint8Array;
  /** Paths of the files directly in a folder, sorted; an empty list where there is no such folder. */
  list(folder: string): readonly string[];
}

/** One file that was read: what a run directory keeps of it. */
export interface RecordedInput {
  /** The name the loader asked for, relative to `base`, with `/`; the key under which it is found again. */
  readonly path: string;
  readonly sha256: string;
  readonly bytes: Uint8Array;
}

/** `path` as the stable key of an input: relative to `base`, with forward slashes. */
export function inputKey(base: string, path: string): string {
  const name = relative(base, isAbsolute(path) ? path : resolve(base, path));
  return sep === "/" ? name : name.split(sep).join("/");
}

/** Reads the disk and remembers every file that was read, so that a run directory can hold copies of all. */
export class DiskFiles implements InputFiles {
  readonly base: string;
  readonly #recorded = new Map<string, RecordedInput>();

  constructor(base: string) {
    this.base = resolve(base);
  }

  read(path: string): Uint8Array {
    const key = inputKey(this.base, path);
    const known = this.#recorded.get(key);
    if (known !== undefined) return known.bytes;
    const bytes = readFileSync(resolve(this.base, path));
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    this.#recorded.set(key, { path: key, sha256, bytes });
    return bytes;
  }

  list(folder: string): readonly string[] {
    const root = resolve(this.base, folder);
    if (statSync(root, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
    return readdirSync(root, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => resolve(root, entry.name))
      .sort();
  }

  /** Every file read so far, in the order of first reading. */
  recorded(): readonly RecordedInput[] {
    return [...this.#recorded.values()];
  }
}
