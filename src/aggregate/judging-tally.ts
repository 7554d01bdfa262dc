import { CostTally } from "./cost-tally.ts";
import type { Judging } from "./result.ts";
import type { CostSum } from "./summary-shape.ts";

/** What judges took in all: apart from the answers, whose tokens and cost do not hold it. */
export interface JudgingSummary {
  readonly verdicts: number;
  /** Attempts that brought none. */
  readonly failed: number;
  /** Null where no server said. */
  readonly prompt_tokens: number | null;
  readonly completion_tokens: number | null;
  readonly cost: readonly CostSum[];
}

/** Adds up what judges took. */
export class JudgingTally {
  #verdicts = 0;
  #failed = 0;
  #promptTokens: number | null = null;
  #completionTokens: number | null = null;
  readonly #cost = new CostTally();

  add({ calls, failed, promptTokens, completionTokens, costs }: Judging): void {
    this.#verdicts += calls;
    this.#failed += failed;
    if (promptTokens !== null) this.#promptTokens = (this.#promptTokens ?? 0) + promptTokens;
    if (completionTokens !== null) this.#completionTokens = (this.#completionTokens ?? 0) + completionTokens;
    for (const cost of costs) this.#cost.add(cost);
  }

  addAll(other: JudgingTally): void {
    this.#verdicts += other.#verdicts;
    this.#failed += other.#failed;
    this.add({
      calls: 0,
      failed: 0,
      promptTokens: other.#promptTokens,
      completionTokens: other.#completionTokens,
      costs: [],
    });
    this.#cost.addAll(other.#cost);
  }

  /** Null where no judge was asked. */
  summary(): JudgingSummary | null {
    if (this.#verdicts === 0 && this.#failed === 0) return null;
    return {
      verdicts: this.#verdicts,
      failed: this.#failed,
      prompt_tokens: this.#promptTokens,
      completion_tokens: this.#completionTokens,
      cost: this.#cost.sums(),
    };
  }
}
