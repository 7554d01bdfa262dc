import { lstatSync, readFileSync } from "node:fs";

/** Files beyond this are not read for a line of the list. */
const mostBytes = 128 * 1024 * 1024;

/** What identifies the state of a plain file; null for symbolic links, folders, and what cannot be looked at. */
export function fileStamp(path: string): string | null {
  try {
    const found = lstatSync(path);
    return found.isFile() ? `${found.ino} ${found.size} ${found.mtimeMs}` : null;
  } catch {
    return null;
  }
}

/** The JSON in a plain file. Throws an Error in plain English where there is none. */
export function readJson(path: string, name: string): unknown {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new Error(`there is no ${name}`);
  if (!found.isFile()) throw new Error(`${name} is no plain file`);
  if (found.size > mostBytes) throw new Error(`${name} is too large`);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new Error(`${name} cannot be read: ${(error as NodeJS.ErrnoException).code ?? "unknown error"}`, {
      cause: error,
    });
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new Error(`${name} is not JSON`, { cause: error });
  }
}

/** The member of a value by its path; undefined where there is none. */
export function member(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === "object" && inner !== null && Object.hasOwn(inner, key)
        ? (inner as Readonly<Record<string, unknown>>)[key]
        : undefined,
    value,
  );
}

export function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/** A finite number, or null. */
export function numberOf(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** The items of an array; none of what is no array. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
