import { holm } from "../stats/index.ts";
import { absoluteResult } from "./absolute-gate.ts";
import { type Arm, type MissingPolicy, unansweredShare, variantAt } from "./arm.ts";
import { compareSeries, type SeriesDifference } from "./compare-series.ts";
import type { GateResult, Verdict } from "./comparison.ts";
import { type FlipLimits, findFlips } from "./flips.ts";
import type { GateSpec } from "./gate.ts";
import { type GateCase, gateCases } from "./gate-cases.ts";
import { type Confirmation, harmP, type Judged, judgeDifference } from "./gate-verdict.ts";
import { gateWarnings } from "./gate-warnings.ts";
import { baseName, labelsOf } from "./labels.ts";
import { noNumbers, numbersOf, rounded } from "./numbers.ts";
import { type Pairing, pairArms } from "./paired-series.ts";
import type { Side } from "./side.ts";
import { currenciesDiffer, currencyOf, type Settled, unusable } from "./unusable.ts";

/** What gates are judged by. */
export interface GateInput {
  readonly gates: readonly GateSpec[];
  readonly candidate: Side;
  /** The baseline, or the other side of this run; null where there is none. */
  readonly base: Side | null;
  /** Both sides are of one session: equal request ids mean the very same answer. */
  readonly shared: boolean;
  /** Whether suspicions are confirmed before they count, and the variants that were asked again. */
  readonly confirm: boolean;
  readonly confirmed: ReadonlySet<string>;
  /** Where a prompt is written. */
  readonly promptPlace: (promptId: string) => { readonly file: string; readonly line: number } | null;
  readonly flips: FlipLimits;
}

/** All gates of a run, judged. */
export interface JudgedGates {
  readonly results: readonly GateResult[];
  readonly verdict: Verdict;
  readonly warnings: readonly string[];
}

/** Worst first. */
const precedence: readonly Verdict[] = ["invalid", "fail", "inconclusive", "pass", "none"];

/** The worst of some verdicts: invalid, fail, inconclusive, pass; none where there is none. */
export function worstVerdict(verdicts: readonly Verdict[]): Verdict {
  return precedence.find((verdict) => verdicts.includes(verdict)) ?? "none";
}

/** Judges every gate: differences first, then Holm over all of them, then the verdicts. */
export function judgeGates(input: GateInput): JudgedGates {
  const measured = gateCases(input.gates, input.candidate, input.base).map((one) => measure(one, input));
  const tested = measured.filter(({ p }) => p !== null);
  const adjusted = holm(tested.map(({ p }) => p ?? 1));
  const adjustedOf = new Map(tested.map((one, i) => [one, adjusted[i] ?? 1]));
  const results = measured.map((one) => resultOf(one, adjustedOf.get(one) ?? null, tested.length, input));
  return {
    results,
    verdict: worstVerdict(results.map(({ verdict }) => verdict)),
    warnings: gateWarnings(
      input,
      measured.map(({ gateCase }) => gateCase),
    ),
  };
}

/** A case with its numbers, before the family is known. */
interface Measured {
  readonly gateCase: GateCase;
  readonly pairing: Pairing | null;
  readonly difference: SeriesDifference | null;
  /** One-sided; null where nothing is tested. */
  readonly p: number | null;
  /** What settles the case without a test. */
  readonly settled: Settled | null;
}

function measure(gateCase: GateCase, input: GateInput): Measured {
  const { spec, base, candidate, rows } = gateCase;
  const nothing = { gateCase, pairing: null, difference: null, p: null };
  if (spec.limit.kind === "min" || spec.limit.kind === "max") return { ...nothing, settled: null };
  if (base === null) {
    const reason = gateCase.absent ?? "nothing to compare with";
    // A variant that its base does not have (a renamed prompt) must not look as if it had been judged.
    const unpaired = input.base !== null || spec.against !== null;
    return { ...nothing, settled: { verdict: unpaired ? "inconclusive" : "none", reason } };
  }
  // A difference of two currencies is no number.
  const mixed = currenciesDiffer(spec.metric, base, candidate);
  if (mixed !== null) return { ...nothing, settled: { verdict: "invalid", reason: mixed } };
  const policy = policyOf(spec);
  const inSlice = gateCase.within;
  const shared = input.shared && base.side !== candidate.side && spec.metric.quantity.endsWith("_ms");
  const partner = shared ? new Map(Array.from(rows.candidate, (row, i) => [row, rows.base[i] ?? 0])) : null;
  // What was asked once has its time once, on the candidate's side: it says nothing of a change.
  const within = (row: number): boolean => {
    if (!inSlice(row)) return false;
    const other = partner?.get(row);
    return other === undefined || !askedTheSame(base, candidate, other, row);
  };
  const pairing = pairArms(base, candidate, rows, spec.metric, policy, within);
  const difference = compareSeries(pairing.series, spec.metric);
  const settled =
    sameRequests(gateCase, policy, inSlice, input) ??
    unusable({ spec, base, candidate, rows }, difference, policy, within);
  return { gateCase, pairing, difference, p: settled === null ? harmP(spec, difference) : null, settled };
}

/** Both sides asked the very same in one session, and were answered: they cannot differ, whatever is measured. */
function sameRequests(
  { spec, base, candidate, rows }: GateCase,
  policy: MissingPolicy,
  within: (candidateRow: number) => boolean,
  input: GateInput,
): Settled | null {
  if (!input.shared || base === null || base.side === candidate.side) return null;
  const positions = Array.from(candidate.side.rows, (_, row) => row).filter(within);
  const partner = new Map(Array.from(rows.candidate, (row, i) => [row, rows.base[i] ?? 0]));
  const same = positions.every((row) => {
    const other = partner.get(row);
    return other !== undefined && askedTheSame(base, candidate, other, row);
  });
  if (!same || unansweredShare(candidate, policy, positions) > spec.maxMissing) return null;
  return { verdict: "pass", reason: "both sides ask the very same: nothing changed" };
}

/** Whether the requests of a row are the very same on both sides, as many trials of them too. */
function askedTheSame(base: Arm, candidate: Arm, baseRow: number, row: number): boolean {
  return candidate.variants.every((own, k) => {
    const other = base.variants[k] ?? 0;
    const asked = variantAt(candidate.side, own).requests[row] ?? 0;
    if (asked !== (variantAt(base.side, other).requests[baseRow] ?? 0)) return false;
    return asked === 0 || candidate.side.requestId(own, row) === base.side.requestId(other, baseRow);
  });
}

function resultOf(measured: Measured, adjusted: number | null, family: number, input: GateInput): GateResult {
  const { gateCase, pairing, difference } = measured;
  const { spec, base, candidate, slice } = gateCase;
  const prompts = new Set(candidate.variants.map((i) => variantAt(candidate.side, i).promptId));
  const [prompt] = prompts;
  const common = {
    gate: spec.id,
    base: base === null ? null : baseName(base, candidate),
    candidate: labelsOf(candidate),
    metric: spec.metric.name,
    limit: spec.limit,
    slice,
    relative: spec.metric.scale === "relative",
    ...currencyOf(spec.metric, base, candidate),
    base_variants: base === null ? [] : base.variants.map((i) => variantAt(base.side, i).variantId),
    candidate_variants: candidate.variants.map((i) => variantAt(candidate.side, i).variantId),
    place: spec.place === null ? null : { file: spec.place.file, line: spec.place.line },
    prompt_place: prompt === undefined || prompts.size > 1 ? null : input.promptPlace(prompt),
  } as const;
  if (pairing === null || difference === null || base === null)
    return measured.settled === null
      ? { ...common, ...absoluteResult(spec, candidate, slice) }
      : { ...common, ...noNumbers, ...measured.settled };
  const numbers = numbersOf(difference, pairing);
  const flipped = findFlips(base, candidate, pairing, spec.metric, input.flips);
  if (measured.settled !== null) return { ...common, ...noNumbers, ...numbers, ...measured.settled, flipped };
  const judged: Judged = judgeDifference(
    spec,
    difference,
    adjusted ?? 1,
    Math.max(1, family),
    confirmationOf(input),
  );
  return {
    ...common,
    ...numbers,
    p_value: rounded(measured.p),
    p_adjusted: rounded(adjusted),
    mde: rounded(judged.mde),
    rows_needed: judged.rowsNeeded,
    verdict: judged.verdict,
    reason: judged.reason,
    suspected: judged.suspected,
    flipped,
  };
}

function confirmationOf(input: GateInput): Confirmation {
  if (!input.confirm) return "none";
  // There is one round of confirmation: after it every case is judged, by its level.
  return input.confirmed.size > 0 ? "done" : "open";
}

function policyOf(spec: GateSpec): MissingPolicy {
  return { promptFailuresCount: true, missing: spec.missing };
}
