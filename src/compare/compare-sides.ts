import { detectableEffectOf, holm } from "../stats/index.ts";
import { type Arm, allMissing, type MissingPolicy, missingShare, variantAt } from "./arm.ts";
import { changedScorers } from "./changed-scorers.ts";
import { compareSeries, type SeriesDifference } from "./compare-series.ts";
import type { Comparison, ComparisonReport, PromptChange, Verdict } from "./comparison.ts";
import { type FlipLimits, findFlips } from "./flips.ts";
import { defaultMaxMissing, type GateSpec } from "./gate.ts";
import type { Slice } from "./gate-cases.ts";
import { harmP, judgeDifference } from "./gate-verdict.ts";
import { changeWords, percentWords, testSentence } from "./gate-words.ts";
import { worstVerdict } from "./judge-gates.ts";
import { baseName, labelsOf } from "./labels.ts";
import { type Metric, passRate } from "./metric.ts";
import { numbersOf, rounded } from "./numbers.ts";
import { pairRows, type RowPairs } from "./pair-rows.ts";
import { type Pairing, pairArms } from "./paired-series.ts";
import type { Side } from "./side.ts";
import { currenciesDiffer, currencyOf, lacksValues, unusable } from "./unusable.ts";

/** Two arms that are compared on every metric. */
export interface ArmPair {
  readonly base: Arm;
  readonly candidate: Arm;
}

/** How a comparison is made. */
export interface CompareSpec {
  readonly metrics: readonly Metric[];
  /** The drop of the pass rate from which the verdict is `fail`; null gives no verdict. */
  readonly maxDrop: number | null;
  /** A dataset column, whose values are compared each for itself; null for all rows together. */
  readonly by: string | null;
  readonly flips: FlipLimits;
}

interface Measured {
  readonly pair: ArmPair;
  readonly metric: Metric;
  readonly slice: Slice | null;
  readonly rows: RowPairs;
  readonly within: (candidateRow: number) => boolean;
  readonly pairing: Pairing;
  readonly difference: SeriesDifference;
}

/** What a gate takes failures for: those that the prompt itself causes did not pass. */
const gatePolicy: MissingPolicy = { promptFailuresCount: true, missing: [] };

/**
 * Compares pairs of arms on every metric: two-sided, with Holm over the comparisons of one metric. With `maxDrop` the
 * pass rate is judged as a gate would judge it.
 */
export function comparePairs(pairs: readonly ArmPair[], spec: CompareSpec): ComparisonReport {
  const rows = new RowPairsCache();
  const lacking: string[] = [];
  const measured = spec.metrics.flatMap((metric) =>
    pairs.flatMap((pair) => {
      const lack =
        lacksValues(metric, pair.base) ??
        lacksValues(metric, pair.candidate) ??
        currenciesDiffer(metric, pair.base, pair.candidate);
      if (lack !== null) lacking.push(lack);
      const judged = metric.quantity === "pass" && spec.maxDrop !== null;
      return lack === null
        ? slicesOf(pair, spec.by).map((slice) => measure(pair, metric, slice, rows, judged))
        : [];
    }),
  );
  const adjusted = adjustByMetric(measured);
  const judged = verdictsOf(measured, spec);
  const comparisons = measured.map((one, i): Comparison => {
    const { metric, difference, pairing, pair, slice } = one;
    const own = judged.get(one) ?? {
      verdict: "none" as Verdict,
      reason: plainWords(one, adjusted[i] ?? null),
      rowsNeeded: null,
      mde: null,
    };
    return {
      base: baseName(pair.base, pair.candidate),
      candidate: labelsOf(pair.candidate),
      metric: metric.name,
      slice,
      relative: metric.scale === "relative",
      ...currencyOf(metric, pair.base, pair.candidate),
      ...numbersOf(difference, pairing),
      p_value: rounded(difference.p?.twoSided ?? null),
      p_adjusted: rounded(adjusted[i] ?? null),
      // What is judged says what the judgement could see; else two-sided, by itself.
      mde: rounded(own.mde ?? detectableAlone(difference)),
      rows_needed: own.rowsNeeded,
      verdict: own.verdict,
      reason: own.reason,
      flipped: findFlips(pair.base, pair.candidate, pairing, metric, spec.flips),
    };
  });
  const sides = rows.pairs();
  return {
    verdict: worstVerdict(comparisons.map(({ verdict }) => verdict)),
    comparisons,
    prompts: promptChanges(pairs),
    changed_rows: [...new Set(sides.flatMap((one) => one.changed))],
    warnings: [...new Set([...lacking, ...warningsOf(measured), ...sides.flatMap(rowWarnings)])],
  };
}

function detectableAlone({ standardError }: SeriesDifference): number | null {
  return standardError === null ? null : detectableEffectOf(standardError);
}

/** Row pairs of each two sides, found once. */
class RowPairsCache {
  readonly #known = new Map<Side, Map<Side, RowPairs>>();

  of(base: Side, candidate: Side): RowPairs {
    const inner = this.#known.get(base) ?? new Map<Side, RowPairs>();
    this.#known.set(base, inner);
    const found = inner.get(candidate) ?? pairRows(base, candidate);
    inner.set(candidate, found);
    return found;
  }

  pairs(): readonly RowPairs[] {
    return [...this.#known.values()].flatMap((inner) => [...inner.values()]);
  }
}

function measure(
  pair: ArmPair,
  metric: Metric,
  slice: Slice | null,
  cache: RowPairsCache,
  judged: boolean,
): Measured {
  const { base, candidate } = pair;
  const rows = cache.of(base.side, candidate.side);
  const within = (row: number): boolean =>
    slice === null || (candidate.side.column(row, slice.column) ?? "") === slice.value;
  const pairing = pairArms(base, candidate, rows, metric, judged ? gatePolicy : allMissing, within);
  return { pair, metric, slice, rows, within, pairing, difference: compareSeries(pairing.series, metric) };
}

function slicesOf({ candidate }: ArmPair, column: string | null): readonly (Slice | null)[] {
  if (column === null) return [null];
  const values = new Set(candidate.side.rows.map((_row, i) => candidate.side.column(i, column) ?? ""));
  return [...values].map((value) => ({ column, value }));
}

/** Two-sided p after Holm over the comparisons of the same metric; null where nothing was tested. */
function adjustByMetric(measured: readonly Measured[]): readonly (number | null)[] {
  const adjusted: (number | null)[] = measured.map(() => null);
  for (const metric of new Set(measured.map((one) => one.metric))) {
    const family = measured.flatMap((one, i) =>
      one.metric === metric && one.difference.p !== null ? [i] : [],
    );
    const values = holm(family.map((i) => measured[i]?.difference.p?.twoSided ?? 1));
    family.forEach((i, k) => {
      adjusted[i] = values[k] ?? null;
    });
  }
  return adjusted;
}

interface Judgement {
  readonly verdict: Verdict;
  readonly reason: string;
  readonly rowsNeeded: number | null;
  readonly mde: number | null;
}

/** Verdicts on the pass rate, where a drop is declared. */
function verdictsOf(measured: readonly Measured[], spec: CompareSpec): ReadonlyMap<Measured, Judgement> {
  const { maxDrop } = spec;
  if (maxDrop === null) return new Map();
  const gate = passRateGate(maxDrop);
  const wanted = measured.filter(({ metric }) => metric.quantity === "pass");
  const family = wanted.filter(({ difference }) => difference.p !== null);
  const adjusted = holm(family.map(({ difference }) => harmP(gate, difference) ?? 1));
  return new Map(
    wanted.map((one): [Measured, Judgement] => {
      const { pair, difference, rows, within } = one;
      const settled = unusable({ spec: gate, ...pair, rows }, difference, gatePolicy, within);
      if (settled !== null) return [one, { ...settled, rowsNeeded: null, mde: null }];
      const p = adjusted[family.indexOf(one)] ?? 1;
      return [one, judgeDifference(gate, one.difference, p, Math.max(1, family.length), "none")];
    }),
  );
}

function passRateGate(maxDrop: number): GateSpec {
  return {
    id: "pass_rate",
    metric: passRate,
    limit: { kind: "max_drop", value: maxDrop },
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

/** What a comparison without a verdict found. */
function plainWords({ metric, difference, pair }: Measured, adjusted: number | null): string {
  if (difference.n === 0) return `no row has ${metric.name} on both sides`;
  if (difference.value === null)
    return `${metric.name} of the base is 0: no change relative to it can be told`;
  if (adjusted === null)
    return `${metric.name} ${changeWords(difference, metric)}; ${difference.n} rows are too few for a test`;
  const same = pair.base.side === pair.candidate.side;
  const seen =
    adjusted <= 0.05 ? (same ? "they differ" : "it changed") : "no difference that the data can tell";
  return `${metric.name} ${changeWords(difference, metric)}: ${seen}, ${testSentence(difference, adjusted, 1, 2)}`;
}

/** Prompts of paired variants whose text differs. */
function promptChanges(pairs: readonly ArmPair[]): readonly PromptChange[] {
  const changes = new Map<string, PromptChange>();
  for (const { base, candidate } of pairs) {
    const before = variantAt(base.side, base.variants[0] ?? 0).promptId;
    const now = variantAt(candidate.side, candidate.variants[0] ?? 0).promptId;
    const [old, fresh] = [base.side.prompts.get(before), candidate.side.prompts.get(now)];
    if (old === undefined || fresh === undefined || old === fresh) continue;
    const id = before === now ? now : `${before} → ${now}`;
    changes.set(id, { prompt_id: id, base: old, candidate: fresh });
  }
  return [...changes.values()];
}

function warningsOf(measured: readonly Measured[]): readonly string[] {
  const seen = new Set<string>();
  for (const { pair, metric } of measured) {
    const changed = changedScorers(metric.quantity, pair.base.side, pair.candidate.side);
    if (changed.length > 0)
      seen.add(
        `the scorer \`${changed.join("`, `")}\` differs between ${pair.base.side.name} and ${pair.candidate.side.name}`,
      );
    if (metric.quantity !== "pass") continue;
    for (const arm of [pair.base, pair.candidate]) {
      const rows = Array.from(arm.side.rows, (_row, i) => i);
      const { share, missing, requests } = missingShare(arm, metric, allMissing, rows);
      if (share > defaultMaxMissing && requests > 0)
        seen.add(
          `${missing} of ${requests} requests of ${arm.side.name}, ${labelsOf(arm)}, are missing (${percentWords(share)})`,
        );
    }
  }
  return [...seen];
}

function rowWarnings(rows: RowPairs): readonly string[] {
  const found: string[] = [];
  if (!rows.verified) found.push("it cannot be told whether the rows have the same variables on both sides");
  if (rows.changed.length > 0) found.push(`${rows.changed.length} rows are left out: their variables differ`);
  return found;
}
