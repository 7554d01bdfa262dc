import type { Side } from "./side.ts";

/** Rows that two sides share, by position on each. */
export interface RowPairs {
  readonly base: Int32Array;
  readonly candidate: Int32Array;
  /** Ids of rows that only one side has, in its order. */
  readonly onlyBase: readonly string[];
  readonly onlyCandidate: readonly string[];
  /** Ids of rows that both have with other variables: left out. */
  readonly changed: readonly string[];
  /** Whether the variables could be compared at all. */
  readonly verified: boolean;
}

/**
 * Pairs the rows of two sides by id, in the candidate's order. A row is left out when the variables that the base's
 * prompts and scorers use have other values now; columns that the candidate's dataset no longer has are not compared.
 */
export function pairRows(base: Side, candidate: Side): RowPairs {
  if (base === candidate) {
    const all = Int32Array.from(base.rows, (_, i) => i);
    return { base: all, candidate: all, onlyBase: [], onlyCandidate: [], changed: [], verified: true };
  }
  const names = base.variables.filter((name) => candidate.column(0, name) !== null);
  const left: number[] = [];
  const right: number[] = [];
  const onlyCandidate: string[] = [];
  const changed: string[] = [];
  let verified = true;
  candidate.rows.forEach(({ id }, position) => {
    const other = base.rowOfId.get(id);
    if (other === undefined) {
      onlyCandidate.push(id);
      return;
    }
    const before = base.digest(other, names);
    const now = candidate.digest(position, names);
    if (before === null || now === null) verified = false;
    else if (before !== now) {
      changed.push(id);
      return;
    }
    left.push(other);
    right.push(position);
  });
  return {
    base: Int32Array.from(left),
    candidate: Int32Array.from(right),
    onlyBase: base.rows.filter(({ id }) => !candidate.rowOfId.has(id)).map(({ id }) => id),
    onlyCandidate,
    changed,
    verified,
  };
}
