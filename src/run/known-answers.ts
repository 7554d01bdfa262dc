import type { AttemptRecord } from "../journal/record.ts";
import type { KnownRecord } from "./known-records.ts";
import { findReused, findReusedForBase } from "./open-journal.ts";
import type { Part } from "./part.ts";
import type { RunContext, RunOptions } from "./run-context.ts";
import { asShared, missingCopies, type SharedRequests } from "./shared-requests.ts";

/** Answers that need not be asked for, side by side; the indices of the sides know of them already. */
export interface KnownAnswers {
  readonly candidate: readonly KnownRecord[];
  readonly base: readonly KnownRecord[];
  /** Those that come from an earlier run. */
  readonly reused: number;
}

/** Takes over what another run has answered, and what one of the two journals lacks of the requests that they share. */
export function knownAnswers(
  candidate: Part,
  base: Part | null,
  shared: SharedRequests | null,
  options: RunOptions,
  results: string,
  context: RunContext,
): KnownAnswers {
  const copies = copiesOf(candidate, base, shared);
  mark(candidate, copies.candidate);
  const taken = findReused(options, candidate, results, candidate.directory, context);
  mark(candidate, taken);
  const own = [...copies.candidate, ...taken];
  if (base === null || shared === null) return { candidate: own, base: [], reused: taken.length };

  const passedOn = taken.flatMap(({ index, source, ...place }): readonly KnownRecord[] => {
    const twin = shared.baseOf[index] ?? -1;
    if (twin < 0 || base.index.isAnswered(twin)) return [];
    const change = (record: AttemptRecord): AttemptRecord =>
      asShared(source.change(record, index), candidate.id);
    return [{ ...place, index: twin, source: { path: source.path, change } }];
  });
  const theirs = [...copies.base, ...passedOn];
  mark(base, theirs);
  const takenToo = findReusedForBase(options, base, results, candidate.directory, context).filter(
    ({ index }) => shared.inBase[index] !== 1,
  );
  mark(base, takenToo);
  return { candidate: own, base: [...theirs, ...takenToo], reused: taken.length + takenToo.length };
}

/** What one of the two journals lacks of the requests that they share. */
export function copiesOf(
  candidate: Part,
  base: Part | null,
  shared: SharedRequests | null,
): { readonly candidate: readonly KnownRecord[]; readonly base: readonly KnownRecord[] } {
  return base === null || shared === null
    ? { candidate: [], base: [] }
    : missingCopies(shared, candidate, base);
}

function mark({ index }: Part, answers: readonly KnownRecord[]): void {
  for (const answer of answers) index.markAnswered(answer.index);
}
