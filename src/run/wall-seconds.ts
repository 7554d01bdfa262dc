import type { SessionRecord } from "../journal/record.ts";
import type { JournalIndex } from "./journal-index.ts";

/**
 * Seconds over all sessions, or those that asked for answers; a session that was killed counts up to the end of its last
 * attempt. Sessions of shards, which run side by side, count as long as any of them ran.
 */
export function wallSeconds(index: JournalIndex, of: "all" | "answers" = "all"): number {
  let sum = 0;
  const shards: Span[] = [];
  for (const { record, seconds } of sessions(index)) {
    if (of === "answers" && record.work !== undefined) continue;
    const start = Date.parse(record.at) / 1_000;
    if (record.shard === undefined) sum += seconds;
    else shards.push({ start, end: start + seconds });
  }
  return Math.round((sum + unionOf(shards)) * 1_000) / 1_000;
}

/** Seconds since the epoch. */
interface Span {
  readonly start: number;
  readonly end: number;
}

/** The sessions of a journal by their first record, with their length. */
function* sessions(
  index: JournalIndex,
): Generator<{ readonly record: SessionRecord; readonly seconds: number }> {
  let session = -1;
  let open: SessionRecord | null = null;
  const killed = (): number => {
    const span = index.sessionSpans[session];
    return span === undefined ? 0 : (span.end - span.start) / 1_000;
  };
  for (const record of index.sessions) {
    if (record.event === "start") {
      if (open !== null) yield { record: open, seconds: killed() };
      session++;
      open = record;
    } else {
      yield { record: open ?? record, seconds: record.wall_seconds ?? 0 };
      open = null;
    }
  }
  if (open !== null) yield { record: open, seconds: killed() };
}

function unionOf(spans: readonly Span[]): number {
  let [length, covered] = [0, Number.NEGATIVE_INFINITY];
  for (const { start, end } of [...spans].sort((one, other) => one.start - other.start)) {
    length += Math.max(0, end - Math.max(start, covered));
    covered = Math.max(covered, end);
  }
  return length;
}
