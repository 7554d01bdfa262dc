import type { Comparison, ComparisonReport, Flip, FlipSide } from "../../src/compare/comparison.ts";

/** A comparison of pass rates with nothing special about it. */
export function comparison(facts: Partial<Comparison> = {}): Comparison {
  return {
    base: "results/before",
    candidate: "Qwen/Qwen3-8B",
    metric: "pass_rate",
    slice: null,
    test: "mcnemar-midp",
    n: 200,
    only_base: 0,
    only_candidate: 0,
    base_value: 0.945,
    candidate_value: 0.865,
    difference: { value: -0.08, low: -0.1277, high: -0.0309 },
    relative: false,
    regressed: 20,
    improved: 4,
    p_value: 0.0011834,
    p_adjusted: 0.0011834,
    mde: 0.0691,
    rows_needed: null,
    verdict: "none",
    reason: "",
    flipped: [],
    ...facts,
  };
}

/** A comparison of something that is no share: its difference is relative to the base. */
export function relative(metric: string, facts: Partial<Comparison> = {}): Comparison {
  return comparison({ metric, relative: true, test: "paired-t", regressed: null, improved: null, ...facts });
}

/** A row that changed sides. */
export function flip(
  rowId: string,
  base: string | null,
  candidate: string | null,
  values: readonly [number, number] = [1, 0],
): Flip {
  const side = (value: number, output: string | null): FlipSide => ({ value, output });
  return { row_id: rowId, base: side(values[0], base), candidate: side(values[1], candidate) };
}

/** A report of some comparisons and nothing else. */
export function reportOf(
  comparisons: readonly Comparison[],
  facts: Partial<ComparisonReport> = {},
): ComparisonReport {
  return { verdict: "none", comparisons, prompts: [], changed_rows: [], warnings: [], ...facts };
}

const working = `Let me work through this step by step. ${"First we add what is known. ".repeat(30)}`;

/** One variant before and after its prompt was changed, for the worse. */
export const twoRuns: ComparisonReport = reportOf(
  [
    comparison({
      only_base: 3,
      only_candidate: 1,
      verdict: "fail",
      reason:
        "pass_rate fell by 8.0 points [3.1, 12.8] from 0.945 to 0.865, no more than 5.0 points is allowed, p = 0.00059 (McNemar mid-p: 20 rows regressed, 4 improved)",
      flipped: [
        flip("t-017", "billing", "Billing, because the customer asks for a refund."),
        flip("t-031", "support", "Support or billing.\nI cannot tell which of the two it is."),
        flip("t-044", `${working}So the answer is 18.`, `${working}So the answer is 81.`),
        flip("t-102", "billing", ""),
        flip("t-150", "账单", "这张工单属于账单部门，因为客户要求退款。"),
        flip("t-009", "Either.", "support", [0, 1]),
        flip("t-160", null, "support", [0.333333, 1]),
      ],
    }),
    relative("latency_ms.p50", {
      base_value: 812.4,
      candidate_value: 910.2,
      difference: { value: 0.1204, low: 0.0812, high: 0.1688 },
      test: "mann-whitney",
      p_value: 0.00001,
      p_adjusted: 0.00001,
      mde: null,
    }),
    relative("completion_tokens.mean", {
      base_value: 2.4,
      candidate_value: 14.87,
      difference: { value: 5.196, low: 4.81, high: 5.58 },
      p_value: 1e-12,
      p_adjusted: 1e-12,
      mde: 0.55,
    }),
    relative("cost", {
      base_value: 0.0000412,
      candidate_value: 0.0000415,
      difference: { value: 0.0073, low: -0.0021, high: 0.0167 },
      p_value: 0.1276,
      p_adjusted: 0.1276,
      mde: 0.0134,
    }),
    relative("ttft_ms.p50", {
      n: 0,
      test: "none",
      base_value: null,
      candidate_value: null,
      difference: { value: null, low: null, high: null },
      p_value: null,
      p_adjusted: null,
      mde: null,
    }),
  ],
  {
    verdict: "fail",
    prompts: [
      {
        prompt_id: "triage",
        base: "system: You triage tickets.\nAnswer with one word.\n\nTeams are billing and support.\nuser: {{ text }}",
        candidate:
          "system: You triage tickets.\nExplain your answer.\n\nTeams are billing and support.\nuser: {{ text }}",
      },
    ],
    changed_rows: Array.from({ length: 23 }, (_, i) => `t-${200 + i}`),
    warnings: ["23 rows are left out: their variables differ"],
  },
);

const models = ["6b-finetuning", "6b-verification", "175b-finetuning", "175b-verification"] as const;
const rates = [0.2057, 0.3889, 0.3457, 0.5504] as const;

/** All pairs of four models, on three metrics, without a limit. */
export const sixPairs: ComparisonReport = reportOf(
  ["pass_rate", "latency_ms.p50", "completion_tokens.mean"].flatMap((metric) =>
    models.flatMap((base, i) =>
      models.slice(i + 1).map((candidate, k) => {
        const [before, after] = [rates[i] ?? 0, rates[i + k + 1] ?? 0];
        const facts = {
          base: `model=${base}`,
          candidate: `model=${candidate}`,
          n: 1319,
        };
        const value = after - before;
        if (metric === "pass_rate") {
          const close = Math.abs(value) < 0.05;
          return comparison({
            ...facts,
            base_value: before,
            candidate_value: after,
            difference: { value, low: value - 0.028, high: value + 0.028 },
            regressed: close ? 209 : 100,
            improved: close ? 152 : 100 + Math.round(value * 1319),
            p_value: close ? 0.0026873913 : 1e-20,
            p_adjusted: close ? 0.0026873913 : 6e-20,
            mde: 0.0404,
            flipped: close ? [flip("q-12", "The answer is 18", "The answer is 20")] : [],
          });
        }
        return relative(metric, {
          ...facts,
          base_value: metric === "latency_ms.p50" ? 1_240 + 100 * i : 98.2 + i,
          candidate_value: metric === "latency_ms.p50" ? 1_340 + 100 * i : 98.4 + i,
          difference: { value: 0.01 * (k + 1), low: -0.02, high: 0.041 },
          p_value: 0.2 + 0.1 * k,
          p_adjusted: 1,
          mde: 0.044,
        });
      }),
    ),
  ),
);

/** Two runs of four variants, one of which got worse: prompt and temperature tell them apart. */
export const fourVariants: ComparisonReport = reportOf(
  [
    "prompt=v1,temperature=0",
    "prompt=v1,temperature=0.7",
    "prompt=v2,temperature=0",
    "prompt=v2,temperature=0.7",
  ].map((candidate, i) =>
    i === 2
      ? comparison({ candidate, verdict: "fail", reason: "it fell", p_adjusted: 0.0047 })
      : comparison({
          candidate,
          difference: { value: -0.005, low: -0.02, high: 0.01 },
          base_value: 0.91,
          candidate_value: 0.905,
          regressed: 2,
          improved: 1,
          p_value: 0.62,
          p_adjusted: 1,
          verdict: "pass",
          reason: "it did not fall",
        }),
  ),
  { verdict: "fail" },
);

/** Each of two prompts with two models: what the model does, prompt by prompt. */
export const axisInGroups: ComparisonReport = reportOf(
  ["v1", "v2"].map((prompt) =>
    comparison({
      base: `prompt=${prompt},model=a,temperature=0`,
      candidate: `prompt=${prompt},model=b,temperature=0`,
    }),
  ),
);

/** One variant, the pass rate in each category, judged. */
export const slices: ComparisonReport = reportOf(
  (["fail", "inconclusive", "pass", "invalid"] as const).map((verdict, i) =>
    comparison({
      slice: { column: "category", value: ["billing", "support", "refunds", ""][i] ?? "" },
      n: verdict === "invalid" ? 0 : 40 + i,
      ...(verdict === "invalid"
        ? {
            base_value: null,
            candidate_value: null,
            difference: { value: null, low: null, high: null },
            regressed: null,
            improved: null,
            p_value: null,
            p_adjusted: null,
            mde: null,
          }
        : { p_adjusted: 0.02 * (i + 1) }),
      verdict,
      reason: `the ${verdict} of ${["billing", "support", "refunds", "nothing"][i] ?? ""}, in a sentence`,
    }),
  ),
  { verdict: "invalid" },
);

/** Text that would like to be more than text. */
export const hostileLines: string = [
  "::error file=x.ts,line=1::owned",
  "   ::add-mask::e",
  "x ##[add-path]/tmp ##vso[task.complete]",
  "\u001b[31mred\u001b]0;title\u0007 \u202eevil\u2066",
  "``` </details><script>alert(1)</script> | a | @someone #12 https://evil.example",
  "שלום עולם",
].join("\n");

/** The same text everywhere: answers, ids, labels, prompts, reasons, warnings. */
export const hostileReport: ComparisonReport = reportOf(
  [
    comparison({
      base: hostileLines,
      candidate: hostileLines.toUpperCase(),
      metric: `scores.${hostileLines}`,
      slice: { column: hostileLines, value: hostileLines },
      verdict: "fail",
      reason: hostileLines,
      flipped: [flip(hostileLines, hostileLines, `${hostileLines}\n::warning::2`), flip("2", "::x::", "y")],
    }),
    comparison({
      base: hostileLines,
      candidate: "::set-output name=x::y",
      metric: `scores.${hostileLines}`,
      verdict: "inconclusive",
      reason: hostileLines,
    }),
  ],
  {
    verdict: "fail",
    prompts: [{ prompt_id: hostileLines, base: "a", candidate: `${hostileLines}\na` }],
    changed_rows: [hostileLines],
    warnings: [hostileLines],
  },
);
