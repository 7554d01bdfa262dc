import { defaultMaxDrop, defaultMaxMissing, type GateSpec } from "./gate.ts";
import { limitWords } from "./gate-words.ts";
import { passRate } from "./metric.ts";

/** The gate of a run that has a base and no gate which compares with it: the pass rate falls by less than 5 points. */
export function defaultGate(): GateSpec {
  const limit = { kind: "max_drop", value: defaultMaxDrop } as const;
  return {
    id: limitWords({ metric: passRate, limit }),
    metric: passRate,
    limit,
    against: null,
    variants: null,
    per: "variant",
    by: null,
    maxMissing: defaultMaxMissing,
    missing: [],
    vary: [],
    place: null,
  };
}

/**
 * The gates of a run that has a base (a baseline, or the other side of `--against`): with the default gate at the end
 * where none of them compares with it. Without a required scorer there is no pass rate, and none is added.
 */
export function withDefaultGate(gates: readonly GateSpec[], hasRequiredScorer: boolean): readonly GateSpec[] {
  return hasRequiredScorer && !gates.some(comparesWithBase) ? [...gates, defaultGate()] : gates;
}

/** Whether a gate has a base at all: the baseline, or a variant of the same run. */
export function compares({ limit: { kind } }: { readonly limit: Pick<GateSpec["limit"], "kind"> }): boolean {
  return kind === "max_drop" || kind === "max_increase";
}

function comparesWithBase(gate: GateSpec): boolean {
  return compares(gate) && gate.against === null;
}
