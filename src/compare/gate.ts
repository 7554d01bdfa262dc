import type { FailureKind } from "../outcome/failure.ts";
import type { Metric } from "./metric.ts";

/** A bound that a run must keep. Shares are 0..1; a relative bound of 0.2 is 20 %. */
export type GateLimit =
  | { readonly kind: "min" | "max"; readonly value: number }
  | { readonly kind: "max_drop" | "max_increase"; readonly value: number };

/** Which variants are meant: those that agree in every key. Keys are `prompt`, `provider` and parameters. */
export type VariantSelector = Readonly<Record<string, unknown>>;

/** One entry of `gates`, read and checked. */
export interface GateSpec {
  /** Unique in the matrix: as stated, else the gate in words (`pass_rate max_drop 5 points`). */
  readonly id: string;
  readonly metric: Metric;
  readonly limit: GateLimit;
  /** What a `max_drop` or `max_increase` is measured against: null is the baseline, else a variant of the same run. */
  readonly against: VariantSelector | null;
  /** The variants that are judged; null is every one. */
  readonly variants: VariantSelector | null;
  /** `variant`: each for itself; `run`: all of them together, row by row. */
  readonly per: "variant" | "run";
  /** A dataset column: every value of it is judged for itself; null for all rows together. */
  readonly by: string | null;
  /** Share of requests that may be missing before the verdict is `invalid`; default 0.02. */
  readonly maxMissing: number;
  /** Failures that the prompt itself causes and that count as missing all the same; by default none does. */
  readonly missing: readonly FailureKind[];
  /** Keys in which baseline and run may differ although variants are paired by them. */
  readonly vary: readonly string[];
  /** 1-based line of the gate in its file, for annotations; null for a gate of the command line. */
  readonly place: { readonly file: string; readonly line: number; readonly column: number } | null;
}

/** Failures that the prompt itself causes: in gates they count as not passed, unless a gate says otherwise. */
export const promptFailures: readonly FailureKind[] = [
  "content_filtered",
  "context_overflow",
  "invalid_request",
];

/** Share of missing requests from which nothing is judged, where a gate states none. */
export const defaultMaxMissing = 0.02;

/** The drop of the pass rate that is looked for where a baseline is given and no gate compares with it: 5 points. */
export const defaultMaxDrop = 0.05;

/** One-sided error level of gates, over the family of all comparisons of a run (Holm). */
export const gateAlpha = 0.05;
