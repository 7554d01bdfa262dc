import type { GateResult } from "../compare/comparison.ts";
import type { GateSpec } from "../compare/gate.ts";
import type { Plan } from "../plan/plan.ts";
import type { Confirmation } from "./run-file.ts";

/** Further trials by variant id, as a plan wants them. */
export function extraTrials(confirmation: Confirmation | null): ReadonlyMap<string, number> {
  return new Map(Object.entries(confirmation?.variants ?? {}));
}

/** What is asked again on both sides, and which variants that is about. */
export interface Suspicion {
  readonly candidate: Confirmation;
  /** null without a base that can be asked. */
  readonly base: Confirmation | null;
  /** Whether what is compared with is asked again, too: a baseline file cannot be. */
  readonly bothSides: boolean;
  /** Labels of the candidate's suspected variants. */
  readonly labels: readonly string[];
}

/**
 * The variants of both sides that suspected regressions are about, each with `trials` more; null when nothing is
 * suspected. A gate against a variant of the same run has both sides in the candidate's plan; every other gate has its
 * base in `base`, under the candidate's variant ids where it names none.
 */
export function suspicionOf(
  results: readonly GateResult[],
  gates: readonly GateSpec[],
  trials: number,
  candidate: Plan,
  base: Plan | null,
): Suspicion | null {
  const within = new Set(gates.filter(({ against }) => against !== null).map(({ id }) => id));
  const own = new Set<string>();
  const others = new Set<string>();
  const suspected = new Set<string>();
  for (const result of results.filter((one) => one.suspected)) {
    for (const id of result.candidate_variants) {
      own.add(id);
      suspected.add(id);
    }
    const other = within.has(result.gate) ? own : others;
    const named = result.base_variants.length > 0 ? result.base_variants : result.candidate_variants;
    for (const id of named) other.add(id);
  }
  const asked = asConfirmation(candidate, own, trials);
  if (Object.keys(asked.variants).length === 0) return null;
  const { variants } = candidate;
  const other = base === null ? null : asConfirmation(base, others, trials);
  return {
    candidate: asked,
    base: other,
    bothSides: own.size > suspected.size || Object.keys(other?.variants ?? {}).length > 0,
    labels: variants.filter(({ id }) => suspected.has(id)).map(({ label }) => label),
  };
}

function asConfirmation(plan: Plan, ids: ReadonlySet<string>, trials: number): Confirmation {
  const known = plan.variants.filter(({ id }) => ids.has(id));
  return { variants: Object.fromEntries(known.map(({ id }) => [id, trials])) };
}
