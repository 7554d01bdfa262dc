import { UsageError } from "../errors.ts";
import { Draw } from "./draw.ts";

/**
 * What can go wrong on purpose. Numbers are answers with that status; `reset` destroys the connection before any
 * answer, `truncate` cuts an answer short, `hang` never answers, `html` is a page with status 200, `empty` has no
 * choices, `slow` answers late.
 */
export const faultKinds = [
  "401",
  "429",
  "500",
  "503",
  "504",
  "reset",
  "truncate",
  "hang",
  "html",
  "empty",
  "slow",
] as const;

export type FaultKind = (typeof faultKinds)[number];

/** One kind of fault and the share of arrivals it strikes, 0..1. */
export interface Fault {
  readonly kind: FaultKind;
  readonly rate: number;
}

/** A fault as people write it: `503=0.1` or `503=10%`. Throws a `UsageError` for anything else. */
export function parseFault(text: string): Fault {
  const match = /^\s*([a-z0-9]+)\s*=\s*(\d*\.?\d+)(%?)\s*$/.exec(text);
  const kind = faultKinds.find((known) => known === match?.[1]);
  const rate = Number(match?.[2]) / (match?.[3] === "%" ? 100 : 1);
  if (kind === undefined || !(rate >= 0 && rate <= 1)) {
    throw new UsageError("simulator/bad-fault", `\`${text}\` is no fault`, {
      hint: `write \`kind=rate\` with a rate from 0 to 1 and one of ${faultKinds.join(", ")}`,
    });
  }
  return { kind, rate };
}

/** Problems of a list of faults taken together: rates that add up to more than 1. Throws a `UsageError`. */
export function checkFaults(faults: readonly Fault[]): void {
  const sum = faults.reduce((total, fault) => total + fault.rate, 0);
  if (sum > 1 + 1e-9) {
    throw new UsageError("simulator/bad-fault", `the rates of the faults add up to ${sum}, more than 1`);
  }
}

/** The fault that strikes an arrival, or null. Depends on the seed and the number of the arrival (from 0) alone. */
export function faultOf(faults: readonly Fault[], seed: number, arrival: number): FaultKind | null {
  if (faults.length === 0) return null;
  let rest = new Draw(["fault", seed, arrival]).uniform;
  for (const fault of faults) {
    if (rest < fault.rate) return fault.kind;
    rest -= fault.rate;
  }
  return null;
}
