import { type ParetoSet, paretoSet } from "../compare/pareto.ts";
import type { Variant } from "../plan/variant.ts";
import type { ScoreColumn } from "../score/score-column.ts";
import { CostTally } from "./cost-tally.ts";
import { rounded } from "./distribution.ts";
import { FailureMessages } from "./failure-messages.ts";
import { type JudgingSummary, JudgingTally } from "./judging-tally.ts";
import { LostTally } from "./lost-tally.ts";
import { OddAnswers } from "./odd-answers.ts";
import type { RequestResult } from "./result.ts";
import type {
  CostSum,
  Findings,
  KeptEstimate,
  Spending,
  Summary,
  SummaryRun,
  SummaryTotals,
  VariantSummary,
} from "./summary-shape.ts";
import { sortedCounts, VariantTally } from "./variant-tally.ts";

/** What a summary rests on besides the results. */
export interface SummaryFacts {
  readonly run: SummaryRun;
  /** Sum over the sessions. */
  readonly wallSeconds: number;
  /** Of those, the ones in which answers were asked for; left out for all of them. */
  readonly answeringSeconds?: number;
  readonly variants: readonly Variant[];
  readonly scorers: readonly ScoreColumn[];
  /** Whether the dataset names a cluster column. */
  readonly clustered: boolean;
  /** Attempts that brought no answer and may have been billed, by variant id; left out for none. */
  readonly lost?: ReadonlyMap<string, LostTally>;
  /** What the run was expected to use, where that was kept; left out for nothing. */
  readonly estimate?: KeptEstimate | null;
}

/** Collects results, which come in plan order, into a summary. */
export interface SummaryBuilder {
  add(result: RequestResult): void;
  finish(findings?: Findings): Summary;
}

const noFindings: Findings = {
  slices: [],
  effects: [],
  best: null,
  base: null,
  gates: [],
  verdict: "none",
  warnings: [],
};

/** A summary that waits for its results. Memory is that of the lists of one variant: eight bytes for each time. */
export function createSummary(facts: SummaryFacts): SummaryBuilder {
  const tallies = facts.variants.map((variant) => {
    const lost = facts.lost?.get(variant.id) ?? new LostTally();
    return new VariantTally(variant, facts.scorers, facts.clustered, lost);
  });
  const messages = new FailureMessages();
  const odd = new OddAnswers();
  const variants: VariantSummary[] = [];
  const closeUpTo = (index: number): void => {
    for (const tally of tallies.slice(variants.length, index)) variants.push(tally.close());
  };
  return {
    add: (result) => {
      const tally = tallies[result.variantIndex];
      if (tally === undefined || result.variantIndex < variants.length)
        throw new Error(`a result of variant ${result.variantIndex} came out of plan order`);
      closeUpTo(result.variantIndex);
      tally.add(result);
      if (result.failure !== null) messages.add(result.failure);
      if (result.status === "ok") odd.add(result);
    },
    finish: (findings = noFindings) => {
      closeUpTo(tallies.length);
      return {
        schema_version: 1,
        run: facts.run,
        totals: totalsOf(tallies, facts, messages, odd),
        variants,
        slices: findings.slices,
        effects: findings.effects,
        best: findings.best,
        pareto: paretoOf(variants, facts.scorers),
        estimate: facts.estimate ?? null,
        base: findings.base,
        gates: findings.gates,
        verdict: findings.verdict,
        warnings: findings.warnings,
      };
    },
  };
}

function totalsOf(
  tallies: readonly VariantTally[],
  { wallSeconds, answeringSeconds = wallSeconds }: SummaryFacts,
  messages: FailureMessages,
  odd: OddAnswers,
): SummaryTotals {
  const sum = (of: (tally: VariantTally) => number): number =>
    tallies.reduce((total, tally) => total + of(tally), 0);
  const known = (of: (tally: VariantTally) => number | null): number | null => {
    const values = tallies.map(of).filter((value) => value !== null);
    return values.length === 0 ? null : values.reduce((total, value) => total + value, 0);
  };
  const cost = new CostTally();
  for (const tally of tallies) cost.addAll(tally.cost);
  const failures = new Map<string, number>();
  for (const tally of tallies)
    for (const [kind, count] of tally.failures) failures.set(kind, (failures.get(kind) ?? 0) + count);
  const fresh = sum((tally) => tally.answered - tally.reused);
  const rate = (count: number): number | null =>
    answeringSeconds > 0 ? rounded(count / answeringSeconds) : null;
  const outputTokens = known((tally) => tally.tokens("completionTokens"));
  return {
    requests: sum((tally) => tally.requests),
    answered: sum((tally) => tally.answered),
    failed: sum((tally) => tally.failed),
    pending: sum((tally) => tally.pending),
    reused: sum((tally) => tally.reused),
    completions: sum((tally) => tally.completions),
    attempts: sum((tally) => tally.attempts),
    prompt_tokens: known((tally) => tally.tokens("promptTokens")),
    completion_tokens: outputTokens,
    reasoning_tokens: known((tally) => tally.tokens("reasoningTokens")),
    cached_tokens: known((tally) => tally.tokens("cachedTokens")),
    total_tokens: known((tally) => tally.tokens("totalTokens")),
    cost: cost.sums(),
    spent: spendingOf(tallies),
    failures: sortedCounts(failures),
    odd_answers: odd.counts(),
    failure_messages: messages.list(),
    judging: judgingOf(tallies),
    wall_seconds: wallSeconds,
    requests_per_second: rate(fresh),
    output_tokens_per_second: outputTokens === null ? null : rate(sum((tally) => tally.boughtTokens)),
  };
}

function judgingOf(tallies: readonly VariantTally[]): JudgingSummary | null {
  const all = new JudgingTally();
  for (const { judging } of tallies) all.addAll(judging);
  return all.summary();
}

function spendingOf(tallies: readonly VariantTally[]): Spending {
  const sums = (of: (tally: VariantTally) => CostTally): readonly CostSum[] => {
    const all = new CostTally();
    for (const tally of tallies) all.addAll(of(tally));
    return all.sums();
  };
  const lost = new LostTally();
  for (const tally of tallies) lost.addAll(tally.lost);
  return { bought: sums(({ bought }) => bought), reused: sums(({ taken }) => taken), lost: lost.summary() };
}

/** By the pass rate, or where nothing must pass by the first score. */
function paretoOf(variants: readonly VariantSummary[], scorers: readonly ScoreColumn[]): ParetoSet | null {
  const [first] = scorers;
  if (first === undefined) return null;
  const passes = scorers.some(({ required }) => required);
  return paretoSet(
    passes ? "pass_rate" : `scores.${first.id}`,
    variants.map((one) => ({
      variant_id: one.variant_id,
      variant: one.variant,
      quality: passes ? one.pass_rate : (one.scores[first.id] ?? null),
      cost: one.cost_per_request,
      currency: one.cost?.currency ?? null,
      latency_ms: one.latency_ms.p50,
    })),
  );
}
