import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from "node:fs";
import { basename, dirname, join, posix } from "node:path";
import { RunError, UsageError } from "../errors.ts";
import { type InputFiles, inputName, type RecordedInput, sha256 } from "../system/input-files.ts";
import { writeAtomically } from "../system/write-atomically.ts";
import type { RunFile, RunInput } from "./run-file.ts";

/** Names of the files of a run directory. */
export const runFiles = {
  run: "run.json",
  inputs: "inputs",
  journal: "journal.jsonl",
  lock: "lock",
  against: "against",
  batches: "batches",
} as const;

/** Where a run without `--out` goes: `results/<name>-<UTC stamp>` in the working directory; never a folder that exists. */
export function freshDirectory(results: string, name: string, wall: string): string {
  const stamp = wall.replace(/[-:]/g, "").replace(/\..*$/, "Z");
  const safe = name.replace(/[^\p{L}\p{N}._-]+/gu, "-").replace(/^[-.]+/, "") || "run";
  const base = join(results, `${safe}-${stamp}`);
  let directory = base;
  for (let n = 2; existsSync(directory); n++) directory = `${base}-${n}`;
  return directory;
}

/** What stands in a folder: nothing (or no folder), a run, or something else. */
export function inspectDirectory(directory: string): "empty" | "run" | "other" {
  if (!existsSync(directory)) return "empty";
  let names: readonly string[];
  try {
    names = readdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOTDIR") return "other";
    throw new RunError("run/directory", `cannot read \`${directory}\`: ${(error as Error).message}`, {
      cause: error,
    });
  }
  if (names.includes(runFiles.run)) return "run";
  // What a run leaves that ended before it began.
  const leftover = (name: string): boolean =>
    name === runFiles.inputs ||
    (name === runFiles.journal && statSync(join(directory, name)).size === 0) ||
    name.startsWith(runFiles.lock) ||
    name.endsWith(".tmp") ||
    (name === runFiles.against && inspectDirectory(join(directory, name)) !== "other");
  return names.every(leftover) ? "empty" : "other";
}

/** What a disk says when it is full, broken or read-only; other refusals mean that the path is wrong. */
const diskFaults: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT", "EIO", "EROFS"]);

/** Makes the folder. Throws RunError when the disk refuses, UsageError when the path cannot be one. */
export function makeDirectory(directory: string): void {
  try {
    makeFolders(join(directory, runFiles.inputs));
  } catch (error) {
    const message = `cannot make the run directory \`${directory}\`: ${(error as Error).message}`;
    const details = { hint: "choose another `--out`", cause: error };
    if (diskFaults.has((error as NodeJS.ErrnoException).code ?? ""))
      throw new RunError("run/directory", message, details);
    throw new UsageError("run/directory", message, details);
  }
}

/**
 * Makes a folder and those above it, one by one: `mkdir` with `recursive` never returns on file systems that refuse with
 * ENOENT (`/proc`).
 */
function makeFolders(folder: string): void {
  if (existsSync(folder)) return;
  const above = dirname(folder);
  if (above !== folder) makeFolders(above);
  mkdirSync(folder);
}

/** What `run.json` did not have at first. */
const laterFields = { role: "run", against: null, confirmation: null } as const;

/** `run.json` of a directory. Throws UsageError when there is none or it cannot be understood. */
export function readRunFile(directory: string): RunFile {
  const path = join(directory, runFiles.run);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new UsageError("run/not-a-run", `\`${directory}\` is no run directory: it has no \`run.json\``, {
      hint: "give the folder that `promptgrid run` printed",
      cause: error,
    });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UsageError("run/bad-run-file", `\`${path}\` is not JSON`, { cause: error });
  }
  const run = { ...laterFields, ...(value as RunFile) };
  if (run.schema_version !== 1) {
    throw new UsageError(
      "run/newer",
      `\`${path}\` was written by another version of promptgrid (schema ${String(run.schema_version)})`,
    );
  }
  // Runs of earlier versions had neither.
  return {
    ...run,
    role: run.role ?? "run",
    against: run.against ?? null,
    confirmation: run.confirmation ?? null,
  };
}

/** Writes `run.json` whole. */
export function writeRunFile(directory: string, run: RunFile): void {
  writeAtomically(join(directory, runFiles.run), `${JSON.stringify(run, null, 2)}\n`);
}

/**
 * Keeps byte copies of the inputs, each under its own name; gives what `run.json` says of them. A file that `taken` names
 * is not overwritten by other bytes: until the next `run.json` stands, a process may be killed, and this one is read.
 */
export function keepInputs(
  directory: string,
  inputs: readonly RecordedInput[],
  taken: readonly RunInput[],
): readonly RunInput[] {
  const files = new Set(taken.map((input) => input.file));
  return inputs.map((input) => {
    const same = taken.find(({ name, sha256: sum }) => name === input.name && sum === input.sha256);
    const file = same?.file ?? freeName(basename(input.name), files);
    files.add(file);
    writeAtomically(join(directory, file), input.bytes);
    return { name: input.name, file, sha256: input.sha256, bytes: input.bytes.length };
  });
}

function freeName(plain: string, files: ReadonlySet<string>): string {
  const dot = plain.lastIndexOf(".");
  const stem = dot > 0 ? plain.slice(0, dot) : plain;
  const extension = dot > 0 ? plain.slice(dot) : "";
  let file = posix.join(runFiles.inputs, plain);
  for (let n = 2; files.has(file); n++) file = posix.join(runFiles.inputs, `${stem}-${n}${extension}`);
  return file;
}

/** The copies that a run names: its inputs, and those of the scorers that judge it. */
export function inputsOf({ inputs, scoring }: Pick<RunFile, "inputs" | "scoring">): readonly RunInput[] {
  return [...inputs, ...(scoring?.inputs ?? [])];
}

/** Makes an empty journal where there is none: a run whose journal is missing has lost it. */
export function beginJournal(directory: string): void {
  closeSync(openSync(join(directory, runFiles.journal), "a"));
}

/** Writes `run.json`, then removes the copies of inputs that it names no more. */
export function replaceRunFile(directory: string, run: RunFile): void {
  writeRunFile(directory, run);
  const named = new Set(inputsOf(run).map(({ file }) => file));
  for (const name of readdirSync(join(directory, runFiles.inputs))) {
    const file = posix.join(runFiles.inputs, name);
    if (!named.has(file)) rmSync(join(directory, file), { force: true });
  }
}

/** The inputs as a run directory keeps them, under the names they were read by. A changed copy is refused. */
export class KeptFiles implements InputFiles {
  readonly #directory: string;
  readonly #byName: ReadonlyMap<string, RunInput>;

  constructor(directory: string, inputs: readonly RunInput[]) {
    this.#directory = directory;
    this.#byName = new Map(inputs.map((input) => [input.name, input]));
  }

  read(name: string): Uint8Array {
    const input = this.#byName.get(inputName(name));
    if (input === undefined)
      throw Object.assign(new Error(`the run directory keeps no copy of \`${name}\``), { code: "ENOENT" });
    const bytes = readFileSync(join(this.#directory, input.file));
    if (sha256(bytes) !== input.sha256) {
      throw new UsageError(
        "run/changed-input",
        `\`${join(this.#directory, input.file)}\` was changed after the run`,
        {
          hint: "put the original back; to judge by other scorers use `promptgrid score --matrix`",
        },
      );
    }
    return bytes;
  }

  list(folder: string): readonly string[] {
    return [...this.#byName.keys()].filter((name) => posix.dirname(name) === inputName(folder)).sort();
  }
}
