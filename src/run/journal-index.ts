import { UsageError } from "../errors.ts";
import { type JournalScan, scanOutlines } from "../journal/reader.ts";
import {
  type AttemptOutline,
  type BatchRecord,
  recordedFailure,
  recordedUsage,
  type SessionRecord,
  type VariantRecord,
} from "../journal/record.ts";
import type { Usage } from "../outcome/completion.ts";
import type { Failure } from "../outcome/failure.ts";
import type { Plan } from "../plan/plan.ts";
import { PaceHistory } from "./pace-history.ts";
import { VerdictIndex } from "./verdict-index.ts";

const answered = 1;
const failed = 2;
const maybeBilled = 4;

/** Where the deciding record of a request stands in the journal. */
export interface Deciding {
  readonly offset: number;
  readonly length: number;
}

/** What an attempt without an answer used, by the position of its request. */
export interface LostUsage {
  readonly index: number;
  readonly usage: Usage;
  /** Whether it came in a batch. */
  readonly batch: boolean;
}

/**
 * What a journal says of each request of a plan, in typed arrays (about 20 bytes a request): the record that decides
 * (the first answer, else the last failure), how many attempts ended, and whether a lost one may have been billed.
 */
export class JournalIndex {
  readonly sessions: SessionRecord[] = [];
  readonly pace: PaceHistory = new PaceHistory();
  /** What external scorers said. */
  readonly verdicts: VerdictIndex = new VerdictIndex();
  /** The last record of each batch that is still open, by name. */
  readonly openBatches: ReadonlyMap<string, BatchRecord>;
  /** Records of requests that the plan does not have. */
  strangers = 0;
  firstStranger: AttemptOutline | null = null;
  /** Start of the first and end of the last attempt, per session in order: what a killed session leaves of its length. */
  readonly sessionSpans: { start: number; end: number }[] = [];
  /** Attempts without an answer that may have been billed, by variant id. */
  readonly lostAttempts: ReadonlyMap<string, number>;
  /** Those of them whose use the server stated before they broke: few, so they are kept one by one. */
  readonly lostUsage: readonly LostUsage[];
  readonly #openBatches = new Map<string, BatchRecord>();
  /** Requests that failed in a batch that is still open, by the provider's id of it. */
  readonly #failedIn = new Map<string, Set<number>>();
  readonly #refusals = new Map<string, Failure>();
  readonly #lostAttempts = new Map<string, number>();
  readonly #lostUsage: LostUsage[] = [];
  readonly #offsets: Float64Array;
  readonly #lengths: Int32Array;
  readonly #attempts: Uint16Array;
  readonly #flags: Uint8Array;
  #answeredCount = 0;

  constructor(size: number) {
    this.#offsets = new Float64Array(size).fill(-1);
    this.#lengths = new Int32Array(size);
    this.#attempts = new Uint16Array(size);
    this.#flags = new Uint8Array(size);
    this.lostAttempts = this.#lostAttempts;
    this.lostUsage = this.#lostUsage;
    this.openBatches = this.#openBatches;
  }

  /** Requests that have an answer. */
  get answeredCount(): number {
    return this.#answeredCount;
  }

  isAnswered(index: number): boolean {
    return ((this.#flags[index] ?? 0) & answered) !== 0;
  }

  mayBeBilled(index: number): boolean {
    return ((this.#flags[index] ?? 0) & maybeBilled) !== 0;
  }

  /** HTTP exchanges that ended; a reused answer is none. */
  attempts(index: number): number {
    return this.#attempts[index] ?? 0;
  }

  /** The record that decides, or null for a request without any. */
  deciding(index: number): Deciding | null {
    const offset = this.#offsets[index] ?? -1;
    return offset < 0 ? null : { offset, length: this.#lengths[index] ?? 0 };
  }

  /** Why a server refuses a variant as a whole; null where it does not. Requests without a record failed for that. */
  refusal(variantId: string): Failure | null {
    return this.#refusals.get(variantId) ?? null;
  }

  /** Takes note of a variant that is refused. */
  noteRefusal(record: VariantRecord): void {
    const failure = recordedFailure(record);
    if (failure !== null) this.#refusals.set(record.variant_id, failure);
  }

  /** Whether an open batch has brought a failure of a request already: it was read before, and not to its end. */
  hasFailedIn(batch: string, index: number): boolean {
    return this.#failedIn.get(batch)?.has(index) === true;
  }

  /** Takes note of what became of a batch. */
  noteBatch(record: BatchRecord): void {
    const isOver = record.event === "ended" || record.event === "dropped";
    if (isOver) this.#openBatches.delete(record.name);
    else this.#openBatches.set(record.name, record);
    if (isOver && record.batch !== undefined) this.#failedIn.delete(record.batch);
  }

  /** Answered requests among `count` from `offset` on. */
  answeredIn(offset: number, count: number): number {
    let sum = 0;
    for (let i = offset; i < offset + count; i++) if (this.isAnswered(i)) sum++;
    return sum;
  }

  /** Takes note of an answer that comes from elsewhere and is journaled by this session. */
  markAnswered(index: number): void {
    if (this.isAnswered(index)) return;
    this.#flags[index] = (this.#flags[index] ?? 0) | answered;
    this.#answeredCount++;
  }

  note(index: number, record: AttemptOutline, offset: number, length: number): void {
    if (record.reused_from === undefined)
      this.#attempts[index] = Math.min(0xffff, (this.#attempts[index] ?? 0) + 1);
    if (record.batch !== undefined && record.status === "failed") this.#noteFailedIn(record.batch, index);
    const flags = this.#flags[index] ?? 0;
    if (record.failure?.maybe_billed === true) {
      this.#flags[index] = flags | maybeBilled;
      if (record.reused_from === undefined) this.#noteLost(index, record);
    }
    if ((flags & answered) !== 0) return;
    this.#offsets[index] = offset;
    this.#lengths[index] = length;
    this.#flags[index] = (this.#flags[index] ?? 0) | (record.status === "ok" ? answered : failed);
    if (record.status === "ok") {
      this.#answeredCount++;
      this.#refusals.delete(record.variant_id);
    }
  }

  #noteFailedIn(batch: string, index: number): void {
    const known = this.#failedIn.get(batch);
    if (known === undefined) this.#failedIn.set(batch, new Set([index]));
    else known.add(index);
  }

  #noteLost(index: number, record: AttemptOutline): void {
    const { variant_id: id } = record;
    this.#lostAttempts.set(id, (this.#lostAttempts.get(id) ?? 0) + 1);
    const usage = recordedUsage(record);
    if (usage !== null) this.#lostUsage.push({ index, usage, batch: record.batch !== undefined });
  }
}

/**
 * Reads a journal against a plan. Records are matched by variant, row and trial; with `verify` their request ids are
 * compared as well, which renders every request and is needed only where the inputs may have changed.
 */
export function indexJournal(
  path: string,
  plan: Plan,
  verify: boolean,
): { readonly index: JournalIndex; readonly scan: JournalScan } {
  const index = new JournalIndex(plan.length);
  let span: { start: number; end: number } | null = null;
  const scan = scanOutlines(path, (record, offset, length) => {
    if (record.kind === "session") {
      index.sessions.push(record);
      if (record.event === "start") {
        const at = Date.parse(record.at);
        span = { start: at, end: at };
        index.sessionSpans.push(span);
      }
      return;
    }
    if (record.kind === "score") {
      index.verdicts.note(record, offset, length);
      if (span !== null && record.source === "judge")
        span.end = Math.max(span.end, Date.parse(record.started_at) + record.latency_ms);
      return;
    }
    if (record.kind === "lane") {
      index.pace.note(record);
      return;
    }
    if (record.kind === "variant") {
      index.noteRefusal(record);
      return;
    }
    if (record.kind === "batch") {
      index.noteBatch(record);
      return;
    }
    if (span !== null && record.reused_from === undefined) {
      span.end = Math.max(span.end, Date.parse(record.started_at) + record.latency_ms);
    }
    const position = plan.locate(record.variant_id, record.row_id, record.trial);
    if (position < 0 || (verify && plan.request(position).requestId !== record.request_id)) {
      index.strangers++;
      index.firstStranger ??= record;
      return;
    }
    index.note(position, record, offset, length);
  });
  const newer = scan.corrupt.find(({ reason }) => reason.startsWith("written by a newer version"));
  if (newer !== undefined) {
    throw new UsageError("run/newer", `journal line ${newer.line} was ${newer.reason} of promptgrid`, {
      hint: "use that version: this one would not see answers that are there",
    });
  }
  return { index, scan };
}
