import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { join } from "node:path";

/** How a file of a run is sent. */
interface ServedFile {
  readonly type: string;
  /** Sent to be saved, not shown. */
  readonly attachment: boolean;
}

const shown = (type: string): ServedFile => ({ type: `${type}; charset=utf-8`, attachment: false });
const saved = (type: string): ServedFile => ({ type: `${type}; charset=utf-8`, attachment: true });

/** The files of a run that are served, and no other. */
const served: ReadonlyMap<string, ServedFile> = new Map([
  ["report.html", shown("text/html")],
  ["comparison.html", shown("text/html")],
  ["report.md", shown("text/markdown")],
  ["summary.json", shown("application/json")],
  ["summary.csv", shown("text/csv")],
  ["completions.csv", saved("text/csv")],
  ["completions.jsonl", saved("application/x-ndjson")],
  ["junit.xml", shown("application/xml")],
]);

/** An open file with the headers that it is sent with; who gets it closes it. */
export interface OpenFile {
  readonly fd: number;
  readonly headers: Readonly<Record<string, string | number>>;
}

/**
 * What pages of a results folder may do, which may come from anywhere: run their own scripts and be looked at. They have no
 * origin, so that they cannot read what else this server has.
 */
export const reportPolicy: string = [
  "default-src 'none'",
  "script-src 'unsafe-inline'",
  "style-src 'unsafe-inline'",
  "img-src data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
  "sandbox allow-scripts allow-downloads allow-popups",
].join("; ");

/** Opens a file of a run directory; null for a name that is not served, and for what is no plain file. */
export function openRunFile(directory: string, name: string): OpenFile | null {
  const file = served.get(name);
  if (file === undefined) return null;
  let fd: number;
  try {
    fd = openSync(join(directory, name), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return null;
  }
  const found = fstatSync(fd);
  if (!found.isFile()) {
    closeSync(fd);
    return null;
  }
  return {
    fd,
    headers: {
      "content-type": file.type,
      "content-length": found.size,
      "last-modified": found.mtime.toUTCString(),
      "content-security-policy": reportPolicy,
      ...(file.attachment ? { "content-disposition": `attachment; filename="${name}"` } : {}),
    },
  };
}
