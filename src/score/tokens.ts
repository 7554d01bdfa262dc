import { z } from "zod";
import type { ScorerType } from "./scorer.ts";

export interface TokensOptions {
  readonly max: number;
}

/** `tokens`: the request took at most so many completion tokens, reasoning included. Unknown where the server is silent. */
export const tokens: ScorerType<TokensOptions> = {
  type: "tokens",
  about: "the answer took at most so many tokens",
  graded: false,
  reads: "facts",
  options: z.strictObject({
    max: z
      .number()
      .min(0)
      .describe("completion tokens of the request, reasoning included, all of its choices together"),
  }),
  score: (_, { max }, { usage }) => {
    const used = usage?.completionTokens ?? null;
    if (used === null) return { value: null, reason: "the server did not say how many tokens it used" };
    return used <= max ? { value: 1 } : { value: 0, reason: `${used} tokens, at most ${max}` };
  },
};
