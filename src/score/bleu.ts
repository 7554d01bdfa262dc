import { z } from "zod";
import { type References, referencesSchema, referenceTexts } from "./references.ts";
import type { ScorerType } from "./scorer.ts";
import { textTokens } from "./text-tokens.ts";

export interface BleuOptions {
  readonly expected: References;
  readonly ignore_case?: boolean | undefined;
}

const longest = 4;

/**
 * `bleu`: BLEU-4 of the answer against one or several texts (Papineni et al. 2002), for a single sentence: an order
 * without a match counts half of the one before (Lin and Och 2004, smoothing 3; the `exp` of sacreBLEU, Post 2018), and
 * orders that the answer is too short for are left out.
 */
export const bleu: ScorerType<BleuOptions> = {
  type: "bleu",
  about: "the answer shares runs of words with a text (BLEU)",
  graded: true,
  options: z.strictObject({
    expected: referencesSchema.describe("the text, or a list of texts that all count"),
    ignore_case: z.boolean().optional().describe("default false"),
  }),
  check: ({ expected }) =>
    referenceTexts(expected).some((text) => text.trim() === "") ? "`expected` is empty" : null,
  score: (target, options) => {
    const fold = options.ignore_case === true;
    const answer = textTokens(target, fold);
    const references = referenceTexts(options.expected).map((text) => textTokens(text, fold));
    const value = sentenceBleu(answer, references);
    return { value, reason: `BLEU ${value.toFixed(3)}` };
  },
};

/** BLEU of one tokenised text, 0..1. */
function sentenceBleu(answer: readonly string[], references: readonly (readonly string[])[]): number {
  if (answer.length === 0) return 0;
  let logs = 0;
  let smoothing = 1;
  const orders = Math.min(longest, answer.length);
  for (let order = 1; order <= orders; order++) {
    const counts = runs(answer, order);
    const allowed = references.map((reference) => runs(reference, order));
    let matches = 0;
    for (const [run, count] of counts) {
      matches += Math.min(count, Math.max(...allowed.map((known) => known.get(run) ?? 0)));
    }
    // Nothing shared at all is 0, and not a smoothed little.
    if (order === 1 && matches === 0) return 0;
    if (matches === 0) smoothing *= 2;
    logs += Math.log((matches === 0 ? 1 / smoothing : matches) / (answer.length - order + 1));
  }
  return brevityPenalty(answer.length, references) * Math.exp(logs / orders);
}

function runs(tokens: readonly string[], order: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let i = 0; i + order <= tokens.length; i++) {
    const run = tokens.slice(i, i + order).join("\u0000");
    counts.set(run, (counts.get(run) ?? 0) + 1);
  }
  return counts;
}

/** Against the reference whose length is nearest, of two the shorter one. */
function brevityPenalty(length: number, references: readonly (readonly string[])[]): number {
  const nearest = references
    .map((reference) => reference.length)
    .sort((a, b) => Math.abs(a - length) - Math.abs(b - length) || a - b)[0];
  return nearest === undefined || length >= nearest ? 1 : Math.exp(1 - nearest / length);
}
