import { join } from "node:path";
import type { AttemptRecord } from "../journal/record.ts";
import type { Plan } from "../plan/plan.ts";
import type { JournalIndex } from "./journal-index.ts";
import type { KnownRecord } from "./known-records.ts";
import { runFiles } from "./run-directory.ts";
import { asksTheSame, type RunProvider } from "./run-file.ts";

/** Requests that are the very same on both sides: the candidate asks them, and both journals keep what came back. */
export interface SharedRequests {
  /** For each position in the candidate's plan the one in the base's, or -1. */
  readonly baseOf: Int32Array;
  /** For each position in the base's plan 1 where the candidate asks it. */
  readonly inBase: Uint8Array;
  readonly count: number;
}

/** A plan, and what its providers are. */
export interface Asked {
  readonly plan: Plan;
  readonly providers: Readonly<Record<string, RunProvider>>;
}

/** The requests that two plans have in common: same variant, row, trial and request id, and the same endpoint. */
export function findShared(candidate: Asked, base: Asked): SharedRequests {
  const baseOf = new Int32Array(candidate.plan.length).fill(-1);
  const inBase = new Uint8Array(base.plan.length);
  let count = 0;
  for (const variant of base.plan.variants) {
    const there = base.providers[variant.provider];
    const here = candidate.providers[variant.provider];
    if (there === undefined || here === undefined || !asksTheSame(there, here)) continue;
    for (let index = variant.offset; index < variant.offset + variant.requests; index++) {
      const { rowIndex, trial } = base.plan.coordinates(index);
      const twin = candidate.plan.locate(variant.id, base.plan.row(rowIndex).id, trial);
      if (twin < 0 || candidate.plan.request(twin).requestId !== base.plan.request(index).requestId) continue;
      baseOf[twin] = index;
      inBase[index] = 1;
      count++;
    }
  }
  return { baseOf, inBase, count };
}

/** A record as the other side keeps it: nothing was asked or bought there. */
export function asShared(record: AttemptRecord, run: string): AttemptRecord {
  const { failure } = record;
  return {
    ...record,
    ...(failure === undefined ? {} : { failure: { ...failure, maybe_billed: false } }),
    reused_from: record.reused_from ?? run,
  };
}

/** One side's journal, as it was read. */
export interface ReadJournal {
  /** Id of the run. */
  readonly id: string;
  readonly directory: string;
  readonly index: JournalIndex;
}

/**
 * Answers to shared requests that only one of the two journals has: a process was killed between the two writes, a disk
 * lost the end of one of them, or one side was begun later. Each with its position in the plan that lacks it.
 */
export function missingCopies(
  shared: SharedRequests,
  candidate: ReadJournal,
  base: ReadJournal,
): { readonly candidate: readonly KnownRecord[]; readonly base: readonly KnownRecord[] } {
  const forCandidate: Copy[] = [];
  const forBase: Copy[] = [];
  shared.baseOf.forEach((theirs, own) => {
    if (theirs < 0) return;
    const here = candidate.index.isAnswered(own);
    const there = base.index.isAnswered(theirs);
    if (here && !there) forBase.push({ from: own, to: theirs });
    if (there && !here) forCandidate.push({ from: theirs, to: own });
  });
  return {
    base: copies(forBase, candidate, (record) => asShared(record, candidate.id)),
    candidate: copies(forCandidate, base, (record) => asOwn(record, candidate.id, base.id)),
  };
}

/** Positions of one answer in both plans. */
interface Copy {
  readonly from: number;
  readonly to: number;
}

function copies(
  wanted: readonly Copy[],
  { directory, index }: ReadJournal,
  change: (record: AttemptRecord) => AttemptRecord,
): readonly KnownRecord[] {
  const source = { path: join(directory, runFiles.journal), change };
  return wanted.flatMap(({ from, to }) => {
    const deciding = index.deciding(from);
    return deciding === null ? [] : [{ ...deciding, index: to, source }];
  });
}

/** The base's record as the candidate keeps it: its own again where the candidate had asked. */
function asOwn(record: AttemptRecord, candidate: string, base: string): AttemptRecord {
  const { reused_from: from = base, ...own } = record;
  return from === candidate ? own : { ...own, reused_from: from };
}
