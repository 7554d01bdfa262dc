import { nearest } from "../diagnostics/nearest.ts";
import { UsageError } from "../errors.ts";
import { Draw } from "./draw.ts";

/** Faults that are a whole answer of their own, mostly with an error status: their bodies are in `fault-refusals.ts`. */
export const refusalFaults = [
  "400",
  "400-model",
  "400-parameter",
  "400-overflow",
  "400-openai",
  "400-vllm",
  "400-arrearage",
  "401",
  "401-object",
  "402",
  "402-retry-after",
  "403",
  "403-identity",
  "403-bare",
  "403-moderation",
  "404",
  "408",
  "409",
  "413",
  "422",
  "425",
  "429",
  "429-tpm",
  "429-rpd",
  "429-code",
  "429-retry-after",
  "429-reset",
  "429-quota",
  "429-zhipu",
  "429-zhipu-quota",
  "429-dashscope",
  "451",
  "498",
  "500",
  "500-text",
  "500-unmarshal",
  "502",
  "503",
  "503-busy",
  "504",
  "504-bare",
  "520",
  "524",
  "529",
  "html",
  "error-200",
] as const;

/** Faults with no answer at all. */
export const silentFaults = ["reset", "hang"] as const;

/** Faults that put the answer into another form, or break it: `fault-forms.ts` says what they come to. */
export const formFaults = [
  "truncate",
  "reset-stream",
  "error-stream",
  "malformed",
  "empty",
  "huge",
  "slow",
  "drip",
  "crlf",
  "gzip",
  "no-content-type",
  "json-for-stream",
  "stream-for-json",
  "no-done",
  "no-usage",
  "last-usage",
  "thinking-only",
  "eos",
] as const;

export type RefusalFault = (typeof refusalFaults)[number];
export type SilentFault = (typeof silentFaults)[number];
export type FormFault = (typeof formFaults)[number];

/** What can go wrong, or otherwise than usual, on purpose. */
export type FaultKind = RefusalFault | SilentFault | FormFault;

/** Every kind of fault, in the order of docs/simulator.md. */
export const faultKinds: readonly FaultKind[] = [...refusalFaults, ...silentFaults, ...formFaults];

/** One kind of fault and the share of arrivals it strikes, 0..1. */
export interface Fault {
  readonly kind: FaultKind;
  readonly rate: number;
}

/** A fault as people write it: `503=0.1` or `error-stream=10%`. Throws a `UsageError` for anything else. */
export function parseFault(text: string): Fault {
  const match = /^\s*([a-z0-9-]+)\s*=\s*(\d*\.?\d+)(%?)\s*$/.exec(text);
  const kind = faultKinds.find((known) => known === match?.[1]);
  const rate = Number(match?.[2]) / (match?.[3] === "%" ? 100 : 1);
  if (kind === undefined || !(rate >= 0 && rate <= 1)) {
    const meant = kind === undefined ? nearest(text.split("=")[0]?.trim() ?? "", faultKinds) : null;
    throw new UsageError("simulator/bad-fault", `\`${text}\` is no fault`, {
      hint:
        meant === null
          ? `write \`kind=rate\` with a rate from 0 to 1 and one of ${faultKinds.join(", ")}`
          : `did you mean \`${meant}\`?`,
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

/** One of several shapes of a fault, as the seed and the number of the arrival have it. Throws for an empty list. */
export function shapeOf<Shape>(shapes: readonly Shape[], seed: number, arrival: number): Shape {
  return new Draw(["shape", seed, arrival]).pick(shapes);
}
