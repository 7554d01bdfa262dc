import { Draw } from "./draw.ts";

/**
 * The `logprobs` of a choice with these pieces, as JSON: one entry each, with made-up natural logarithms in (−2, 0] that
 * are the same for the same piece. `top_logprobs` is empty.
 */
export function logprobsJson(pieces: readonly string[]): string {
  const content = pieces.map((token) => ({
    token,
    logprob: -Math.round(new Draw(["logprob", token]).uniform * 19_999) / 10_000,
    bytes: [...Buffer.from(token)],
    top_logprobs: [],
  }));
  return JSON.stringify({ content });
}
