import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { type AttemptOutline, decodeOutline, decodeRecord, type JournalRecord } from "./record.ts";

const blockBytes = 1 << 20;
const newline = 0x0a;
/** A program that turned line ends into those of Windows has changed nothing else: it is no part of a line. */
const carriageReturn = 0x0d;

/** What was found besides good records. */
export interface JournalScan {
  readonly records: number;
  /** Bytes up to and with the last complete line; what lies behind is torn. */
  readonly goodBytes: number;
  readonly tornBytes: number;
  /** Lines in the middle that could not be read, by number from 1, counted from where the reading began. */
  readonly corrupt: readonly { readonly line: number; readonly reason: string }[];
}

/** What is done with each good record; `offset` and `length` are bytes of its line, which is there only meanwhile. */
type Visit<T> = (record: T, offset: number, length: number, line: Buffer) => void;

/** Reads a journal from the start, record by record, in constant memory. */
export function scanJournal(path: string, visit: Visit<JournalRecord>): JournalScan {
  return scan(path, decodeRecord, visit);
}

/** The same with outlines of the answers, in half the time; `from` is the byte at which a line begins. */
export function scanOutlines(
  path: string,
  visit: Visit<AttemptOutline | JournalRecord>,
  from = 0,
): JournalScan {
  return scan(path, decodeOutline, visit, from);
}

function scan<T>(path: string, decode: (line: Buffer) => T | string, visit: Visit<T>, from = 0): JournalScan {
  const corrupt: { line: number; reason: string }[] = [];
  let records = 0;
  let lineNumber = 0;
  const { size, end } = eachLine(path, from, (line, offset) => {
    lineNumber++;
    if (line.length === 0) return;
    const record = decode(line);
    if (typeof record === "string") corrupt.push({ line: lineNumber, reason: record });
    else {
      records++;
      visit(record, offset, line.length, line);
    }
  });
  return { records, goodBytes: end, tornBytes: size - end, corrupt };
}

/** Calls back for each complete line, which is there only until the call returns; gives the file's size and the end of the last complete line. */
function eachLine(
  path: string,
  from: number,
  visit: (line: Buffer, offset: number) => void,
): { size: number; end: number } {
  const fd = openSync(path, "r");
  try {
    const { size } = fstatSync(fd);
    // One buffer for the whole file, which grows with the longest line; what is left of a line goes to its front.
    let buffer = Buffer.allocUnsafe(Math.max(0, Math.min(blockBytes, size - from)) + 1);
    let held = 0;
    let heldAt = from;
    for (let position = from; position < size; ) {
      if (held === buffer.length) buffer = Buffer.concat([buffer], buffer.length * 2);
      const got = readSync(fd, buffer, held, Math.min(buffer.length - held, size - position), position);
      if (got === 0) break;
      position += got;
      const bytes = buffer.subarray(0, held + got);
      let start = 0;
      for (let at = bytes.indexOf(newline, held); at !== -1; at = bytes.indexOf(newline, start)) {
        const isWindows = at > start && bytes[at - 1] === carriageReturn;
        visit(bytes.subarray(start, isWindows ? at - 1 : at), heldAt + start);
        start = at + 1;
      }
      bytes.copy(buffer, 0, start);
      held = bytes.length - start;
      heldAt += start;
    }
    return { size, end: heldAt };
  } finally {
    closeSync(fd);
  }
}

/** Blocks that single lines are served from grow to so many bytes. */
const mostAhead = 256 * 1024;
const leastAhead = 8 * 1024;

/**
 * Reads single lines again by offset, through a file kept open. Lines mostly stand near the last ones, so a block around
 * the wanted line is read and serves further ones; it grows while lines come from near it. A line far away is read alone.
 */
export class JournalLines {
  readonly #fd: number;
  #buffer: Buffer = Buffer.alloc(0);
  /** Where the block begins in the file, and how many bytes of it are held. */
  #start = 0;
  #held = 0;
  #ahead = 0;

  constructor(path: string) {
    this.#fd = openSync(path, "r");
  }

  read(offset: number, length: number): JournalRecord {
    if (offset < this.#start || offset + length > this.#start + this.#held) this.#fill(offset, length);
    const at = offset - this.#start;
    const record = decodeRecord(this.#buffer.subarray(at, Math.min(at + length, this.#held)));
    if (typeof record === "string")
      throw new Error(`journal changed while it was read: ${record} at byte ${offset}`);
    return record;
  }

  close(): void {
    closeSync(this.#fd);
  }

  /** Reads a block that holds a line. A part of it lies before the line: answers stand in the order they came in. */
  #fill(offset: number, length: number): void {
    const near =
      this.#held > 0 &&
      offset + mostAhead / 4 >= this.#start &&
      offset <= this.#start + this.#held + mostAhead / 4;
    this.#ahead = near ? Math.min(mostAhead, Math.max(leastAhead, this.#ahead * 4)) : 0;
    const before = Math.min(offset, this.#ahead >> 2);
    const wanted = before + Math.max(length, this.#ahead - before);
    if (this.#buffer.length < wanted) this.#buffer = Buffer.allocUnsafe(Math.max(wanted, mostAhead));
    this.#start = offset - before;
    this.#held = readSync(this.#fd, this.#buffer, 0, wanted, this.#start);
  }
}
