import type { Summary, SummaryRun } from "../../src/aggregate/summary-shape.ts";
import type { Flip, GateResult } from "../../src/compare/comparison.ts";
import { worstVerdict } from "../../src/compare/judge-gates.ts";
import { hostile, results, summaryOf } from "./sample.ts";

/** A row that passed before and fails now, with these answers. */
export function regression(rowId: string, base: string | null, candidate: string | null): Flip {
  return { row_id: rowId, base: { value: 1, output: base }, candidate: { value: 0, output: candidate } };
}

/** A drop of the pass rate against another side that fails its gate, or whatever is said instead. */
export function gateOf(rest: Partial<GateResult> = {}): GateResult {
  return {
    gate: "pass_rate max_drop 5.0 points",
    base: "origin/main (1a2b3c4)",
    candidate: "prompt=v2",
    base_variants: ["b1"],
    candidate_variants: ["c1"],
    metric: "pass_rate",
    slice: null,
    test: "mcnemar-midp",
    n: 300,
    only_base: 0,
    only_candidate: 0,
    base_value: 0.958,
    candidate_value: 0.878,
    difference: { value: -0.08, low: -0.131, high: -0.029 },
    relative: false,
    regressed: 26,
    improved: 2,
    p_value: 0.002,
    p_adjusted: 0.002,
    mde: 0.048,
    rows_needed: null,
    suspected: false,
    verdict: "fail",
    reason:
      "pass_rate fell by 8.0 points [2.9, 13.1] from 0.958 to 0.878, no more than 5.0 points is allowed, p = 0.002",
    flipped: [],
    limit: { kind: "max_drop", value: 0.05 },
    place: { file: "configs/triage.yaml", line: 12 },
    prompt_place: { file: "configs/triage.yaml", line: 4 },
    ...rest,
  };
}

const noNumbers = {
  test: "none",
  only_base: 0,
  only_candidate: 0,
  base_value: null,
  regressed: null,
  improved: null,
  p_value: null,
  p_adjusted: null,
  mde: null,
} as const;

/** One gate of each verdict and kind, some with hostile text. */
export const gates: readonly GateResult[] = [
  gateOf({
    ...noNumbers,
    gate: "pass_rate min 0.900",
    base: null,
    base_variants: [],
    candidate_value: 0.95,
    difference: { value: 0.95, low: 0.91, high: 0.97 },
    limit: { kind: "min", value: 0.9 },
    verdict: "pass",
    reason: "pass_rate is 0.950 [0.910, 0.970], at least 0.900",
  }),
  gateOf({
    flipped: [
      regression("q17", "The answer is 18.", hostile),
      regression("q|18`", "<b>yes</b>\n\n]]>", ""),
      regression("q19", null, null),
      { row_id: "q20", base: { value: 0, output: "no" }, candidate: { value: 1, output: "::error::yes" } },
    ],
  }),
  gateOf({
    candidate: "prompt=v3",
    slice: { column: "category", value: "math & <logic>" },
    n: 40,
    candidate_value: 0.93,
    difference: { value: -0.028, low: -0.09, high: 0.034 },
    p_value: 0.2,
    p_adjusted: 0.4,
    mde: 0.08,
    rows_needed: 110,
    verdict: "inconclusive",
    reason:
      "pass_rate fell by 2.8 points [-3.4, 9.0] from 0.958 to 0.930; 40 rows can see a drop of 8.0 points (80 % power), the gate asks for 5.0 points; 70 rows more would settle it",
    prompt_place: null,
  }),
  gateOf({
    ...noNumbers,
    gate: "tokens",
    metric: "completion_tokens.mean",
    relative: true,
    n: 0,
    candidate_value: null,
    difference: { value: null, low: null, high: null },
    limit: { kind: "max_increase", value: 0.2 },
    verdict: "invalid",
    reason: "completion_tokens.mean is missing for 9 of 300 requests (3 %), more than 2 %",
    prompt_place: { file: "prompts/100%, really: long.md", line: 1 },
  }),
  gateOf({
    ...noNumbers,
    gate: "cost max_increase 20 %",
    metric: "cost",
    relative: true,
    base: null,
    base_variants: [],
    n: 0,
    candidate_value: null,
    difference: { value: null, low: null, high: null },
    limit: { kind: "max_increase", value: 0.2 },
    verdict: "none",
    reason: "there is no baseline yet",
  }),
];

/** The sample's summary with these gates; the run is complete unless said otherwise. */
export function judged(
  list: readonly GateResult[] = gates,
  run: Partial<SummaryRun> = {},
  warnings: readonly string[] = [],
): Summary {
  return {
    ...summaryOf(results, run),
    gates: list,
    verdict: worstVerdict(list.map(({ verdict }) => verdict)),
    warnings,
  };
}
