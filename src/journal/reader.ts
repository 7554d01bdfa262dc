import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { decodeRecord, type JournalRecord } from "./record.ts";

const blockBytes = 1 << 20;
const newline = 0x0a;

/** What was found besides good records. */
export interface JournalScan {
  readonly records: number;
  /** Bytes up to and with the last complete line; what lies behind is torn. */
  readonly goodBytes: number;
  readonly tornBytes: number;
  /** Lines in the middle that could not be read, by number from 1. */
  readonly corrupt: readonly { readonly line: number; readonly reason: string }[];
}

/** Reads a journal from the start, record by record, in constant memory. `offset` and `length` are bytes of the line. */
export function scanJournal(
  path: string,
  visit: (record: JournalRecord, offset: number, length: number) => void,
): JournalScan {
  const corrupt: { line: number; reason: string }[] = [];
  let records = 0;
  let lineNumber = 0;
  const { size, end } = eachLine(path, (line, offset) => {
    lineNumber++;
    if (line.length === 0) return;
    const record = decodeRecord(line);
    if (typeof record === "string") corrupt.push({ line: lineNumber, reason: record });
    else {
      records++;
      visit(record, offset, line.length);
    }
  });
  return { records, goodBytes: end, tornBytes: size - end, corrupt };
}

/** Calls back for each complete line; gives the file's size and the end of the last complete line. */
function eachLine(
  path: string,
  visit: (line: Buffer, offset: number) => void,
): { size: number; end: number } {
  const fd = openSync(path, "r");
  try {
    const { size } = fstatSync(fd);
    let carry: Buffer = Buffer.alloc(0);
    let carryAt = 0;
    let position = 0;
    while (position < size) {
      const block = Buffer.allocUnsafe(Math.min(blockBytes, size - position));
      const got = readSync(fd, block, 0, block.length, position);
      if (got === 0) break;
      position += got;
      const bytes =
        carry.length === 0 ? block.subarray(0, got) : Buffer.concat([carry, block.subarray(0, got)]);
      let start = 0;
      for (let at = bytes.indexOf(newline, 0); at !== -1; at = bytes.indexOf(newline, start)) {
        visit(bytes.subarray(start, at), carryAt + start);
        start = at + 1;
      }
      carry = bytes.subarray(start);
      carryAt += start;
    }
    return { size, end: carryAt };
  } finally {
    closeSync(fd);
  }
}

/** Reads single lines again by offset, through a file kept open. */
export class JournalLines {
  readonly #fd: number;
  #buffer: Buffer = Buffer.allocUnsafe(64 * 1024);

  constructor(path: string) {
    this.#fd = openSync(path, "r");
  }

  read(offset: number, length: number): JournalRecord {
    if (this.#buffer.length < length) this.#buffer = Buffer.allocUnsafe(length * 2);
    readSync(this.#fd, this.#buffer, 0, length, offset);
    const record = decodeRecord(this.#buffer.subarray(0, length));
    if (typeof record === "string")
      throw new Error(`journal changed while it was read: ${record} at byte ${offset}`);
    return record;
  }

  close(): void {
    closeSync(this.#fd);
  }
}
