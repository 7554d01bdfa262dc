import { type Arm, variantAt } from "./arm.ts";

/** The label of an arm; several variants by their number. */
export function labelsOf(arm: Arm): string {
  const [first] = arm.variants;
  if (first === undefined) return "no variant";
  return arm.variants.length === 1 ? variantAt(arm.side, first).label : `all ${arm.variants.length} variants`;
}

/** What a base is called beside its candidate: its side too, where that is another. */
export function baseName(base: Arm, candidate: Arm): string {
  if (base.side === candidate.side) return labelsOf(base);
  const label = labelsOf(base);
  return label === labelsOf(candidate) ? base.side.name : `${base.side.name}: ${label}`;
}
