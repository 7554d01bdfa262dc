import type { Quantity } from "./metric.ts";
import type { Side } from "./side.ts";

/**
 * Ids of the scorers behind a quantity that judge otherwise on the two sides: all that one of them requires for the pass
 * rate, the scorer itself for a score, none for what no scorer judges.
 */
export function changedScorers(quantity: Quantity, base: Side, candidate: Side): readonly string[] {
  return scorersBehind(quantity, base, candidate).filter(
    (id) => base.scorers.get(id) !== candidate.scorers.get(id),
  );
}

function scorersBehind(quantity: Quantity, base: Side, candidate: Side): readonly string[] {
  if (quantity === "pass") return [...new Set([...base.required, ...candidate.required])];
  return quantity.startsWith("scores.") ? [quantity.slice("scores.".length)] : [];
}
