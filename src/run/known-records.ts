import { JournalLines } from "../journal/reader.ts";
import type { AttemptRecord } from "../journal/record.ts";

/** A journal that answers are taken from. */
export interface AnswerSource {
  readonly path: string;
  /** A record as the run keeps it that takes it, for the request at a position of its plan. */
  readonly change: (record: AttemptRecord, index: number) => AttemptRecord;
}

/** An answer that was not asked for in this session: where it stands, and its position in the plan. It is read when needed. */
export interface KnownRecord {
  readonly index: number;
  readonly offset: number;
  readonly length: number;
  readonly source: AnswerSource;
}

/** Reads the records one by one, as they are to be kept. */
export function* readKnown(known: readonly KnownRecord[]): Generator<AttemptRecord> {
  const open = new Map<string, JournalLines>();
  try {
    for (const { index, offset, length, source } of known) {
      const lines = open.get(source.path) ?? new JournalLines(source.path);
      open.set(source.path, lines);
      const record = lines.read(offset, length);
      if (record.kind === "attempt") yield source.change(record, index);
    }
  } finally {
    for (const lines of open.values()) lines.close();
  }
}
