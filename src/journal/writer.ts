import {
  closeSync,
  existsSync,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
} from "node:fs";
import { dirname } from "node:path";
import { AtomicFile, writeAll } from "../system/write-atomically.ts";
import { decodeRecord, encodeRecord, type JournalRecord } from "./record.ts";

const syncEveryMs = 50;
const syncEveryRecords = 256;
/** Characters that go to the kernel at once: a text has a greatest length, and many large answers may come in one turn. */
const mostAtOnce = 1 << 24;
/** Added to the journal's name where that has gone to another file. */
const besideSuffix = ".removed";

/**
 * Appends records to the journal. Records of one turn of the event loop go to the kernel in one `write`, synchronously,
 * at the end of that turn, so that a killed process loses nothing it had; `fdatasync` follows at most every 50 ms or
 * 256 records, so that a power cut loses at most that. The first error stops the writer for good and is told once;
 * `close` tries once more to keep what it could not write. That the file was removed, replaced or cut by others is such an
 * error, too.
 */
export class JournalWriter {
  readonly #path: string;
  readonly #fd: number;
  readonly #onError: (error: Error) => void;
  #pending: string[] = [];
  #pendingLength = 0;
  #turn: NodeJS.Immediate | null = null;
  /** Bytes that hold whole lines. */
  #whole: number;
  /** Some file systems of users' own say 0 for every file. */
  readonly #countsLinks: boolean;
  #unsynced = 0;
  #syncTimer: NodeJS.Timeout | null = null;
  #syncing = false;
  #failed = false;
  #closed = false;

  /** Opens (or creates) the file for appending; `cutAt` truncates a torn tail first. */
  constructor(path: string, onError: (error: Error) => void, cutAt: number | null = null) {
    this.#path = path;
    this.#onError = onError;
    this.#fd = openSync(path, "a+");
    if (cutAt !== null) ftruncateSync(this.#fd, cutAt);
    const { size, nlink } = fstatSync(this.#fd);
    this.#whole = size;
    this.#countsLinks = nlink > 0;
    syncFolder(dirname(path));
  }

  append(record: JournalRecord): void {
    const line = encodeRecord(record);
    this.#pending.push(line);
    this.#pendingLength += line.length;
    if (this.#failed) return;
    if (this.#pendingLength >= mostAtOnce) this.#write();
    else this.#turn ??= setImmediate(() => this.#write());
  }

  /** Writes and syncs what was appended so far; says whether it is on the disk. Errors go where those of writing go. */
  settle(): boolean {
    this.#write();
    if (!this.#failed && !this.#closed) {
      this.#guard(() => fdatasyncSync(this.#fd));
      this.#unsynced = 0;
    }
    return !this.#failed && !this.#closed;
  }

  /** Writes and syncs everything, then closes; gives how many answers could not be kept. A second call does nothing. */
  close(): number {
    if (this.#closed) return 0;
    this.#closed = true;
    if (this.#syncTimer !== null) clearTimeout(this.#syncTimer);
    this.#syncTimer = null;
    try {
      if (!this.#failed) this.#write();
      if (this.#failed) this.#writeWhatFits();
      if (this.#unsynced > 0 || this.#syncing) this.#guard(() => fdatasyncSync(this.#fd));
      this.#guard(() => this.#watch());
      if (this.#isRemoved(fstatSync(this.#fd).nlink)) this.#guard(() => this.#putBack());
    } finally {
      closeSync(this.#fd);
    }
    return this.#pending.filter(isAnswer).length;
  }

  #write(): void {
    if (this.#turn !== null) clearImmediate(this.#turn);
    this.#turn = null;
    this.#pendingLength = 0;
    if (this.#pending.length === 0 || this.#failed) return;
    this.#guard(() => {
      for (const lines of groups(this.#pending, mostAtOnce)) {
        const bytes = Buffer.from(lines.join(""), "utf8");
        writeAll(this.#fd, bytes);
        this.#whole += bytes.length;
        this.#unsynced += lines.length;
        this.#pending.splice(0, lines.length);
      }
    });
    if (this.#failed || this.#closed) return;
    if (this.#unsynced >= syncEveryRecords) this.#sync();
    else this.#syncTimer ??= setTimeout(() => this.#sync(), syncEveryMs);
  }

  /** After an error: the line that was torn by it is taken away, and line by line what still finds room is written. */
  #writeWhatFits(): void {
    try {
      const size = this.#cutTornEnd();
      // Where others cut it the end of a line may be missing: what follows begins a line of its own.
      if (size < this.#whole && this.#pending.length > 0) {
        writeAll(this.#fd, Buffer.from("\n"));
        this.#whole = size + 1;
      }
      for (let line = this.#pending[0]; line !== undefined; line = this.#pending[0]) {
        const bytes = Buffer.from(line, "utf8");
        writeAll(this.#fd, bytes);
        this.#whole += bytes.length;
        this.#unsynced++;
        this.#pending.shift();
      }
    } catch {
      // The disk has not changed its mind: what is left is lost, and counted.
      this.#guard(() => this.#cutTornEnd());
    }
  }

  /** Takes away what stands after the last whole line; the size before. */
  #cutTornEnd(): number {
    const { size } = fstatSync(this.#fd);
    if (size > this.#whole) ftruncateSync(this.#fd, this.#whole);
    return size;
  }

  #sync(): void {
    if (this.#syncTimer !== null) clearTimeout(this.#syncTimer);
    this.#syncTimer = null;
    if (this.#syncing || this.#failed) return;
    this.#guard(() => this.#watch());
    if (this.#failed) return;
    this.#syncing = true;
    this.#unsynced = 0;
    fdatasync(this.#fd, (error) => {
      this.#syncing = false;
      if (error !== null && error.code !== "EBADF") this.#fail(error);
      else if (this.#unsynced > 0) this.#syncTimer ??= setTimeout(() => this.#sync(), syncEveryMs);
    });
  }

  /** Throws where the file is not what was written: removed, replaced, or cut. */
  #watch(): void {
    const { nlink, size } = fstatSync(this.#fd);
    if (this.#isRemoved(nlink))
      throw new Error(this.#isReplaced() ? replaced(this.#path) : "it was removed; what it held is put back");
    if (size < this.#whole) throw new Error("it was cut by another program");
  }

  #isRemoved(links: number): boolean {
    return this.#countsLinks && links === 0;
  }

  /** Whether another file has its name. */
  #isReplaced(): boolean {
    return existsSync(this.#path);
  }

  /** The file has lost its name while it was written: its lines get the name back, or another one where that is taken. */
  #putBack(): void {
    mkdirSync(dirname(this.#path), { recursive: true });
    const file = new AtomicFile(this.#isReplaced() ? `${this.#path}${besideSuffix}` : this.#path);
    const block = Buffer.allocUnsafe(1 << 20);
    try {
      let at = 0;
      for (let got = readSync(this.#fd, block, 0, block.length, 0); got > 0; ) {
        file.writeBytes(block.subarray(0, got));
        at += got;
        got = readSync(this.#fd, block, 0, block.length, at);
      }
      file.commit();
    } finally {
      file.discard();
    }
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

function replaced(path: string): string {
  return `another file took its place; what it held is put into \`${path}${besideSuffix}\``;
}

function isAnswer(line: string): boolean {
  const record = decodeRecord(Buffer.from(line.trimEnd(), "utf8"));
  return typeof record !== "string" && record.kind === "attempt" && record.status === "ok";
}

/** Lines in groups of about `most` characters; a longer line is a group of its own. */
function groups(lines: readonly string[], most: number): readonly (readonly string[])[] {
  const out: (readonly string[])[] = [];
  let from = 0;
  let length = 0;
  for (const [i, line] of lines.entries()) {
    if (length > 0 && length + line.length > most) {
      out.push(lines.slice(from, i));
      from = i;
      length = 0;
    }
    length += line.length;
  }
  out.push(from === 0 ? [...lines] : lines.slice(from));
  return out;
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
