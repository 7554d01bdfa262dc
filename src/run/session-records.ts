import { journalVersion, round, type SessionRecord } from "../journal/record.ts";
import type { Prepared } from "./prepare.ts";
import type { SessionEnd, SessionOptions } from "./session.ts";
import { sessionShard } from "./shard-share.ts";

/** The first and the last record of a session. */
export class SessionRecords {
  readonly #options: SessionOptions;
  readonly #common: Omit<SessionRecord, "event" | "at">;
  readonly #startedAt: number;

  constructor(options: SessionOptions, prepared: Prepared) {
    this.#options = options;
    this.#startedAt = options.clock.now();
    this.#common = {
      v: journalVersion,
      kind: "session",
      session: options.session,
      promptgrid_version: options.version,
      node_version: options.nodeVersion,
      ...sessionShard(prepared),
    };
  }

  start(): SessionRecord {
    return { ...this.#common, event: "start", at: this.#options.clock.wall() };
  }

  /** `delayMs` is what the event loop was late by, 99th percentile; absent where it was not measured. */
  end({ status, reason }: SessionEnd, notes: readonly string[], delayMs?: number): SessionRecord {
    const { clock } = this.#options;
    return {
      ...this.#common,
      event: "end",
      at: clock.wall(),
      wall_seconds: round((clock.now() - this.#startedAt) / 1_000),
      status,
      reason,
      ...(notes.length === 0 ? {} : { notes }),
      ...(delayMs === undefined ? {} : { event_loop_delay_p99_ms: round(delayMs) }),
    };
  }
}
