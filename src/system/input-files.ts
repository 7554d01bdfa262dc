import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { posix, resolve } from "node:path";

/**
 * Where the loaders read from: the disk, or the byte copies in a run directory. Files go by name: the path as the user
 * wrote it, relative to the working directory or absolute, normalised by `inputName`. Reading is synchronous: inputs
 * are read once, before a run.
 */
export interface InputFiles {
  /** Bytes of a file. Throws the error of `readFileSync` (`ENOENT`, `EISDIR`, `EACCES` …). */
  read(name: string): Uint8Array;
  /** Names of the files directly in a folder, sorted; an empty list where there is no such folder. */
  list(folder: string): readonly string[];
}

/** One file that was read: what a run directory keeps of it. */
export interface RecordedInput {
  readonly name: string;
  readonly sha256: string;
  readonly bytes: Uint8Array;
}

/** A path in the form that inputs are known by: forward slashes, no `.` or needless `..`. */
export function inputName(path: string): string {
  return posix.normalize(path.replaceAll("\\", "/"));
}

/** The name of a file that another file refers to, relative to the place of that other file. */
export function referredName(from: string, reference: string): string {
  return inputName(
    posix.isAbsolute(reference) ? reference : posix.join(posix.dirname(inputName(from)), reference),
  );
}

/** Hex SHA-256 of a file's bytes. */
export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Reads the disk and remembers every file that was read, so that a run directory can hold copies of all. */
export class DiskFiles implements InputFiles {
  readonly #base: string;
  readonly #recorded = new Map<string, RecordedInput>();

  /** `base` is the working directory that relative names start from. */
  constructor(base: string) {
    this.#base = resolve(base);
  }

  read(name: string): Uint8Array {
    const key = inputName(name);
    const known = this.#recorded.get(key);
    if (known !== undefined) return known.bytes;
    const bytes = readFileSync(resolve(this.#base, key));
    this.#recorded.set(key, { name: key, sha256: sha256(bytes), bytes });
    return bytes;
  }

  /** Takes bytes for a file that is not on the disk as they are; reading its name gives them. */
  provide(name: string, bytes: Uint8Array): void {
    const key = inputName(name);
    this.#recorded.set(key, { name: key, sha256: sha256(bytes), bytes });
  }

  list(folder: string): readonly string[] {
    const root = resolve(this.#base, folder);
    if (statSync(root, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
    return readdirSync(root, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => inputName(posix.join(folder, entry.name)))
      .sort();
  }

  /** Every file read so far, in the order of first reading. */
  recorded(): readonly RecordedInput[] {
    return [...this.#recorded.values()];
  }
}
