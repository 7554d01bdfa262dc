import type { JournalIndex } from "./journal-index.ts";

/**
 * Seconds over all sessions, or those that asked for answers; a session that was killed counts up to the end of its last
 * attempt.
 */
export function wallSeconds(index: JournalIndex, of: "all" | "answers" = "all"): number {
  let sum = 0;
  let session = -1;
  let open = false;
  const close = (): void => {
    const span = index.sessionSpans[session];
    if (open && span !== undefined) sum += (span.end - span.start) / 1_000;
  };
  for (const record of index.sessions) {
    if (record.event === "start" && of === "answers" && record.work !== undefined) {
      close();
      session++;
      open = false;
      continue;
    }
    if (record.event === "end" && of === "answers" && record.work !== undefined) continue;
    if (record.event === "start") {
      close();
      session++;
      open = true;
    } else {
      sum += record.wall_seconds ?? 0;
      open = false;
    }
  }
  close();
  return Math.round(sum * 1_000) / 1_000;
}
