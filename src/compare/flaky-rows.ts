import { variantAt } from "./arm.ts";
import type { Side } from "./side.ts";

/** A row whose answers disagree with each other. */
export interface FlakyRow {
  readonly rowId: string;
  /** Share of its answers that passed. */
  readonly passRate: number;
  /** Scored answers. */
  readonly n: number;
}

/**
 * Rows of a variant with several scored answers of which a fifth to four fifths pass (0.2 and 0.8 included). They are to
 * be listed, never left out: a row that turns flaky is a finding.
 */
export function flakyRows(side: Side, variant: number): readonly FlakyRow[] {
  const pass = variantAt(side, variant).series.get("pass");
  if (pass === undefined) return [];
  return side.rows.flatMap(({ id }, row) => {
    const mean = pass.means[row] ?? Number.NaN;
    const n = pass.counts[row] ?? 0;
    return n > 1 && mean >= 0.2 && mean <= 0.8 ? [{ rowId: id, passRate: mean, n }] : [];
  });
}
