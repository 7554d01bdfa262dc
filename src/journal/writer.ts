import { closeSync, fdatasync, fdatasyncSync, fsyncSync, ftruncateSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { writeAll } from "../system/write-atomically.ts";
import { encodeRecord, type JournalRecord } from "./record.ts";

const syncEveryMs = 50;
const syncEveryRecords = 256;
/** Characters that go to the kernel at once: a text has a greatest length, and many large answers may come in one turn. */
const mostAtOnce = 1 << 24;

/**
 * Appends records to the journal. Records of one turn of the event loop go to the kernel in one `write`, synchronously,
 * at the end of that turn, so that a killed process loses nothing it had; `fdatasync` follows at most every 50 ms or
 * 256 records, so that a power cut loses at most that. The first error stops the writer for good and is told once.
 */
export class JournalWriter {
  readonly #fd: number;
  readonly #onError: (error: Error) => void;
  #pending: string[] = [];
  #turn: NodeJS.Immediate | null = null;
  #unsynced = 0;
  #syncTimer: NodeJS.Timeout | null = null;
  #syncing = false;
  #failed = false;
  #closed = false;

  /** Opens (or creates) the file for appending; `cutAt` truncates a torn tail first. */
  constructor(path: string, onError: (error: Error) => void, cutAt: number | null = null) {
    this.#onError = onError;
    this.#fd = openSync(path, "a");
    if (cutAt !== null) ftruncateSync(this.#fd, cutAt);
    syncFolder(dirname(path));
  }

  append(record: JournalRecord): void {
    if (this.#failed) return;
    this.#pending.push(encodeRecord(record));
    this.#turn ??= setImmediate(() => this.#write());
  }

  /** Writes and syncs everything, then closes. A second call does nothing. */
  close(): void {
    if (this.#closed) return;
    this.#write();
    if (this.#syncTimer !== null) clearTimeout(this.#syncTimer);
    this.#syncTimer = null;
    if (!this.#failed && (this.#unsynced > 0 || this.#syncing)) this.#guard(() => fdatasyncSync(this.#fd));
    this.#closed = true;
    closeSync(this.#fd);
  }

  #write(): void {
    if (this.#turn !== null) clearImmediate(this.#turn);
    this.#turn = null;
    const lines = this.#pending;
    if (lines.length === 0 || this.#failed) return;
    this.#pending = [];
    this.#guard(() => {
      for (const text of joined(lines, mostAtOnce)) writeAll(this.#fd, Buffer.from(text, "utf8"));
    });
    this.#unsynced += lines.length;
    if (this.#unsynced >= syncEveryRecords) this.#sync();
    else this.#syncTimer ??= setTimeout(() => this.#sync(), syncEveryMs);
  }

  #sync(): void {
    if (this.#syncTimer !== null) clearTimeout(this.#syncTimer);
    this.#syncTimer = null;
    if (this.#syncing || this.#failed) return;
    this.#syncing = true;
    this.#unsynced = 0;
    fdatasync(this.#fd, (error) => {
      this.#syncing = false;
      if (error !== null && error.code !== "EBADF") this.#fail(error);
      else if (this.#unsynced > 0) this.#syncTimer ??= setTimeout(() => this.#sync(), syncEveryMs);
    });
  }

  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  #fail(error: Error): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#onError(error);
  }
}

/** Lines in groups of about `most` characters; a longer line is a group of its own. */
function* joined(lines: readonly string[], most: number): Generator<string> {
  let from = 0;
  let length = 0;
  for (const [i, line] of lines.entries()) {
    if (length > 0 && length + line.length > most) {
      yield lines.slice(from, i).join("");
      from = i;
      length = 0;
    }
    length += line.length;
  }
  yield from === 0 ? lines.join("") : lines.slice(from).join("");
}

/** Makes a new name in a folder survive a power cut; where folders cannot be synced nothing is lost by trying. */
function syncFolder(folder: string): void {
  let fd: number | null = null;
  try {
    fd = openSync(folder, "r");
    fsyncSync(fd);
  } catch {
    // some file systems refuse to sync a folder
  } finally {
    if (fd !== null) closeSync(fd);
  }
}
