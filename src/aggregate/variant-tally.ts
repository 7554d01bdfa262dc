import type { Variant } from "../plan/variant.ts";
import type { ScoreColumn } from "../score/score-column.ts";
import { CostTally, roundedAmount } from "./cost-tally.ts";
import { distributionOf, TokenTally } from "./distribution.ts";
import { JudgingTally } from "./judging-tally.ts";
import type { LostTally } from "./lost-tally.ts";
import { NumberList } from "./number-list.ts";
import type { RequestResult } from "./result.ts";
import { RowPasses } from "./row-passes.ts";
import { RowScores } from "./row-scores.ts";
import type { VariantSummary } from "./summary-shape.ts";

const timeNames = ["latencyMs", "ttftMs", "tpotMs", "queuedMs", "totalMs"] as const;
const tokenNames = [
  "promptTokens",
  "completionTokens",
  "reasoningTokens",
  "cachedTokens",
  "totalTokens",
] as const;

/** Counts and lists of one variant while its results come in. The lists hold eight bytes for each time and row. */
export class VariantTally {
  readonly #variant: Variant;
  readonly #scorers: readonly ScoreColumn[];
  readonly #pass: RowScores;
  readonly #passes: RowPasses;
  readonly #scores: readonly RowScores[];
  readonly #unscored: number[];
  readonly #times: Readonly<Record<(typeof timeNames)[number], NumberList>>;
  readonly #tokens: Readonly<Record<(typeof tokenNames)[number], TokenTally>>;
  readonly #failures = new Map<string, number>();
  /** Of all answers; `bought` are those this run paid for, `taken` those of earlier runs. */
  readonly cost: CostTally = new CostTally();
  readonly bought: CostTally = new CostTally();
  readonly taken: CostTally = new CostTally();
  readonly lost: LostTally;
  readonly judging: JudgingTally = new JudgingTally();
  #rowNumber = 0;
  #rowId: string | null = null;
  requests = 0;
  answered = 0;
  failed = 0;
  pending = 0;
  reused = 0;
  attempts = 0;
  completions = 0;
  passed = 0;
  scored = 0;
  /** Completion tokens of the answers this run bought itself. */
  boughtTokens = 0;

  /** `lost`: the attempts of the variant that brought no answer and may have been billed. */
  constructor(variant: Variant, scorers: readonly ScoreColumn[], clustered: boolean, lost: LostTally) {
    this.#variant = variant;
    this.lost = lost;
    this.#scorers = scorers;
    this.#pass = new RowScores(clustered);
    this.#passes = new RowPasses(clustered);
    this.#unscored = scorers.map(() => 0);
    this.#scores = scorers.map(() => new RowScores(clustered));
    this.#times = {
      latencyMs: new NumberList(),
      ttftMs: new NumberList(),
      tpotMs: new NumberList(),
      queuedMs: new NumberList(),
      totalMs: new NumberList(),
    };
    this.#tokens = {
      promptTokens: new TokenTally(),
      completionTokens: new TokenTally(),
      reasoningTokens: new TokenTally(),
      cachedTokens: new TokenTally(),
      totalTokens: new TokenTally(),
    };
  }

  get failures(): ReadonlyMap<string, number> {
    return this.#failures;
  }

  tokens(name: (typeof tokenNames)[number]): number | null {
    return this.#tokens[name].sum;
  }

  add(result: RequestResult): void {
    this.requests++;
    this.attempts += result.attempts;
    if (result.rowId !== this.#rowId) {
      this.#rowId = result.rowId;
      this.#rowNumber++;
    }
    if (result.status === "pending") this.pending++;
    else if (result.status === "failed") this.#failure(result);
    else this.#answer(result);
  }

  /** The summary of a variant that is complete; the lists behind it are forgotten, the counts stay. */
  close(): VariantSummary {
    const summary = this.#summary();
    for (const list of [this.#pass, this.#passes, ...this.#scores, ...Object.values(this.#times)])
      list.clear();
    return summary;
  }

  #summary(): VariantSummary {
    const judged = this.#scorers.some((scorer) => scorer.required);
    const { latencyMs, ttftMs, tpotMs, queuedMs, totalMs } = this.#times;
    const cost = this.cost.only();
    return {
      variant_id: this.#variant.id,
      variant: this.#variant.label,
      prompt_id: this.#variant.promptId,
      provider: this.#variant.provider,
      parameters: this.#variant.parameters,
      requests: this.requests,
      answered: this.answered,
      failed: this.failed,
      pending: this.pending,
      reused: this.reused,
      attempts: this.attempts,
      lost_attempts: this.lost.attempts,
      completions: this.completions,
      passed: judged ? this.passed : null,
      scored: this.scored,
      pass_rate: judged ? this.#pass.rate() : null,
      scores: Object.fromEntries(
        this.#scorers.map(({ id, graded }, i) => [
          id,
          { ...this.#scores[i]?.estimate(graded), unscored: this.#unscored[i] ?? 0 },
        ]),
      ) as VariantSummary["scores"],
      pass_at_k: judged ? this.#passes.atLeastOne() : null,
      pass_hat_k: judged ? this.#passes.all() : null,
      failures: sortedCounts(this.#failures),
      latency_ms: distributionOf(latencyMs),
      ttft_ms: distributionOf(ttftMs),
      tpot_ms: distributionOf(tpotMs),
      queued_ms: distributionOf(queuedMs),
      total_ms: distributionOf(totalMs),
      prompt_tokens: this.#tokens.promptTokens.summary(),
      completion_tokens: this.#tokens.completionTokens.summary(),
      reasoning_tokens: this.#tokens.reasoningTokens.summary(),
      cached_tokens: this.#tokens.cachedTokens.summary(),
      total_tokens: this.#tokens.totalTokens.summary(),
      cost,
      cost_per_request: cost?.complete === true ? roundedAmount(cost.amount / this.answered) : null,
      // Unknown where a part of the cost is, and where nothing passed.
      cost_per_pass:
        judged && cost?.complete === true && this.passed > 0
          ? roundedAmount(cost.amount / this.passed)
          : null,
      judging: this.judging.summary(),
    };
  }

  #failure(result: RequestResult): void {
    this.failed++;
    const kind = result.failure?.kind ?? "bad_response";
    this.#failures.set(kind, (this.#failures.get(kind) ?? 0) + 1);
  }

  #answer(result: RequestResult): void {
    this.answered++;
    this.cost.add(result.cost);
    (result.reused ? this.taken : this.bought).add(result.cost);
    const usage = result.answer?.usage ?? null;
    for (const name of tokenNames) this.#tokens[name].add(usage?.[name] ?? null);
    if (result.reused) this.reused++;
    else {
      this.boughtTokens += usage?.completionTokens ?? 0;
      for (const name of timeNames) {
        const ms = result.times[name];
        if (ms !== null) this.#times[name].push(ms);
      }
    }
    for (const { passed, scores, judging } of result.completions) {
      if (judging !== null && judging !== undefined) this.judging.add(judging);
      this.completions++;
      if (passed !== null) this.scored++;
      if (passed === true) this.passed++;
      this.#passes.add(this.#rowNumber, result.cluster, passed);
      this.#pass.add(this.#rowNumber, result.cluster, passed === null ? null : Number(passed));
      this.#scorers.forEach(({ id }, i) => {
        // A scorer that does not apply to a prompt or a row says nothing, which is not a failure to score.
        const score = scores[id];
        if (score === undefined) return;
        if (score.value === null) this.#unscored[i] = (this.#unscored[i] ?? 0) + 1;
        this.#scores[i]?.add(this.#rowNumber, result.cluster, score.value);
      });
    }
  }
}

/** Counts by name, the largest first, then by name. */
export function sortedCounts(counts: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  return Object.fromEntries([...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)));
}
