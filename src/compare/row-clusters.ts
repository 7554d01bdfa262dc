import type { Side } from "./side.ts";

/** The cluster of each row of a side, a row without one being its own; null where rows do not depend on each other. */
export function rowClusters(side: Side): readonly string[] | null {
  if (!side.clustered) return null;
  return side.rows.map(({ cluster }, row) => (cluster === null ? `row ${row}` : `cluster ${cluster}`));
}
