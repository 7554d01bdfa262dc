import type { Cost } from "../aggregate/result.ts";
import { costOf } from "../cost/cost-of.ts";
import type { JudgeModel } from "./judge-calls.ts";
import type { Prepared } from "./prepare.ts";
import { priceOf } from "./price-of.ts";

/** Completion tokens that a verdict is taken to have where nothing is known. */
export const expectedVerdict = 150;

/** What verdicts of a model cost, about: each has the mean of the prompt tokens. Null where the price is not known. */
export function verdictsCost(
  prepared: Pick<Prepared, "config" | "prices">,
  { provider, model }: JudgeModel,
  votes: number,
  promptTokens: number,
): Cost | null {
  const usage = {
    promptTokens: promptTokens / votes,
    completionTokens: expectedVerdict,
    reasoningTokens: null,
    cachedTokens: null,
    totalTokens: null,
    estimated: true,
  };
  const one = costOf(usage, priceOf(prepared, provider, { model }));
  return one === null ? null : { ...one, amount: Number((votes * one.amount).toPrecision(15)) };
}
