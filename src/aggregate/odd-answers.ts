import { emptiedByThought } from "../outcome/emptied-by-thought.ts";
import type { RequestResult } from "./result.ts";

/** Answers that are answers, but not what was asked for: how many of each kind. Keys are those of `summary.json`. */
export interface OddAnswerCounts {
  /** Completions whose answer is empty although the model reasoned, and ended of its own accord. */
  readonly thought_only: number;
  /** Completions whose answer is empty because the reasoning used up the token limit. */
  readonly cut_in_thought: number;
  /** Requests that got fewer choices than their `n`. */
  readonly fewer_choices: number;
  /** Requests of which the server did not say how many tokens they used. */
  readonly without_usage: number;
}

/** Counts odd answers. */
export class OddAnswers {
  #thoughtOnly = 0;
  #cutInThought = 0;
  #fewerChoices = 0;
  #withoutUsage = 0;

  /** Takes an answered request. */
  add({ completions, parameters, answer }: RequestResult): void {
    for (const { completion } of completions) {
      const emptied = emptiedByThought(completion);
      if (emptied === "thought_only") this.#thoughtOnly++;
      else if (emptied === "cut_in_thought") this.#cutInThought++;
    }
    if (typeof parameters.n === "number" && completions.length < parameters.n) this.#fewerChoices++;
    const usage = answer?.usage;
    if (usage?.completionTokens == null && usage?.totalTokens == null) this.#withoutUsage++;
  }

  counts(): OddAnswerCounts {
    return {
      thought_only: this.#thoughtOnly,
      cut_in_thought: this.#cutInThought,
      fewer_choices: this.#fewerChoices,
      without_usage: this.#withoutUsage,
    };
  }
}
