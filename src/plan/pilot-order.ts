import { type SendPart, variantAt } from "./send-order.ts";

/**
 * The requests of a pilot: `most` of each of the variants, as positions in sending order. Rows come in the order of the
 * run, the same for every variant; a second trial of a row is asked only when every row has one.
 */
export function pilotOrder(
  parts: readonly SendPart[],
  variants: readonly number[],
  most: number,
): readonly number[] {
  const steps = variants.map((variant) => ({ ...variantAt(parts, variant), taken: 0 }));
  const blocks = parts[0]?.rows.length ?? 0;
  const positions: number[] = [];
  const trials = Math.max(
    0,
    ...steps.map(({ part, variantIndex }) => part.plan.variant(variantIndex).trials),
  );
  for (let trial = 0; trial < trials; trial++) {
    for (let block = 0; block < blocks; block++) {
      if (steps.every(({ taken }) => taken >= most)) return positions;
      for (const step of steps) {
        const { part, variantIndex } = step;
        const rowIndex = part.rows[block] ?? -1;
        if (step.taken >= most || rowIndex < 0) continue;
        const index = part.plan.indexOf({ variantIndex, rowIndex, trial });
        if (index < 0) continue;
        step.taken++;
        positions.push(part.offset + index);
      }
    }
  }
  return positions;
}
