import { type Arm, type ArmValues, armValues, type MissingPolicy } from "./arm.ts";
import type { PairedSeries } from "./compare-series.ts";
import type { Metric } from "./metric.ts";
import type { RowPairs } from "./pair-rows.ts";

/** The pairs of two arms on a metric, with what could not be paired. */
export interface Pairing {
  readonly series: PairedSeries;
  /** Positions of the paired rows on each side, in the candidate's order. */
  readonly baseRows: Int32Array;
  readonly candidateRows: Int32Array;
  /** Rows with a value on one side alone, or with other variables there. */
  readonly onlyBase: number;
  readonly onlyCandidate: number;
}

/** Pairs what two arms have of a metric; `within` keeps some rows (by position on the candidate's side) and not others. */
export function pairArms(
  base: Arm,
  candidate: Arm,
  rows: RowPairs,
  metric: Metric,
  policy: MissingPolicy,
  within: (candidateRow: number) => boolean,
): Pairing {
  const left = armValues(base, metric, policy);
  const right = armValues(candidate, metric, policy);
  const kept: number[] = [];
  let leftOnly = 0;
  let rightOnly = 0;
  for (let i = 0; i < rows.candidate.length; i++) {
    const candidateRow = rows.candidate[i] ?? 0;
    if (!within(candidateRow)) continue;
    const before = hasValue(left, rows.base[i] ?? 0);
    const now = hasValue(right, candidateRow);
    if (before && now) kept.push(i);
    else if (before) leftOnly++;
    else if (now) rightOnly++;
  }
  const baseRows = Int32Array.from(kept, (i) => rows.base[i] ?? 0);
  const candidateRows = Int32Array.from(kept, (i) => rows.candidate[i] ?? 0);
  const unpaired = unpairedRows(base, candidate, rows, left, right, within);
  const clustered = base.side.clustered || candidate.side.clustered;
  return {
    series: {
      base: Float64Array.from(baseRows, (row) => left.means[row] ?? Number.NaN),
      candidate: Float64Array.from(candidateRows, (row) => right.means[row] ?? Number.NaN),
      clusters: clustered ? clustersOf(candidate, candidateRows) : null,
      single: left.single && right.single,
      counts: (pair) => ({
        base: left.count(baseRows[pair] ?? 0),
        candidate: right.count(candidateRows[pair] ?? 0),
      }),
      values: (pair) => ({
        base: left.values(baseRows[pair] ?? 0),
        candidate: right.values(candidateRows[pair] ?? 0),
      }),
    },
    baseRows,
    candidateRows,
    onlyBase: leftOnly + unpaired.base,
    onlyCandidate: rightOnly + unpaired.candidate,
  };
}

/** Rows that are on one side alone, or whose variables differ, and have a value there. */
function unpairedRows(
  base: Arm,
  candidate: Arm,
  rows: RowPairs,
  left: ArmValues,
  right: ArmValues,
  within: (candidateRow: number) => boolean,
): { readonly base: number; readonly candidate: number } {
  const count = (
    ids: readonly string[],
    arm: Arm,
    values: ArmValues,
    inside: (row: number) => boolean,
  ): number =>
    ids.filter((id) => {
      const row = arm.side.rowOfId.get(id);
      return row !== undefined && inside(row) && hasValue(values, row);
    }).length;
  const everywhere = (): boolean => true;
  const onBoth = (row: number): boolean => {
    const position = candidate.side.rowOfId.get(base.side.rows[row]?.id ?? "");
    return position === undefined || within(position);
  };
  return {
    base: count(rows.onlyBase, base, left, everywhere) + count(rows.changed, base, left, onBoth),
    candidate: count([...rows.onlyCandidate, ...rows.changed], candidate, right, within),
  };
}

function hasValue(values: ArmValues, row: number): boolean {
  return !Number.isNaN(values.means[row] ?? Number.NaN);
}

/** A row without a cluster of its own is a cluster by itself. */
function clustersOf(arm: Arm, rows: Int32Array): readonly string[] {
  return Array.from(rows, (row) => {
    const cluster = arm.side.rows[row]?.cluster ?? null;
    return cluster === null ? `row ${row}` : `cluster ${cluster}`;
  });
}
