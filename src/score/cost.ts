import { z } from "zod";
import type { ScorerType } from "./scorer.ts";

export interface CostOptions {
  readonly max: number | string;
}

const amount = /^(\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?:\s*([A-Z]{3}))?$/;

/** `cost`: the request cost at most so much. Unknown where the price is; currencies are never converted. */
export const cost: ScorerType<CostOptions> = {
  type: "cost",
  about: "the answer cost at most so much",
  graded: false,
  reads: "facts",
  options: z.strictObject({
    max: z
      .union([z.number().min(0), z.string().regex(amount, "an amount such as `0.002 CNY` is needed")])
      .describe(
        "money for the request, all of its choices together: `0.002 CNY`, or a number in whatever the model's price is",
      ),
  }),
  score: (_, { max }, input) => {
    if (input.cost === null) return { value: null, reason: "the cost is not known" };
    const currency = typeof max === "string" ? (amount.exec(max)?.[2] ?? null) : null;
    const limit = typeof max === "string" ? Number.parseFloat(max) : max;
    const spent = input.cost;
    if (currency !== null && currency !== spent.currency)
      return { value: null, reason: `the cost is in ${spent.currency}, the limit in ${currency}` };
    if (spent.amount <= limit) return { value: 1 };
    return { value: 0, reason: `${spent.amount} ${spent.currency}, at most ${limit}` };
  },
};
