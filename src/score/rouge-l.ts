import { createRequire } from "node:module";
import { z } from "zod";
import { type References, referencesSchema, referenceTexts } from "./references.ts";
import type { ScorerType } from "./scorer.ts";
import { wordTokens } from "./text-tokens.ts";

export interface RougeLOptions {
  readonly expected: References;
}

const require = createRequire(import.meta.url);
/** Words of answer and text beyond which the time, which grows with their product, is too long. */
const mostWords = 5_000;

/** `rouge_l`: the longest common subsequence of words, as F1 (Lin 2004). Case and signs do not count. */
export const rougeL: ScorerType<RougeLOptions> = {
  type: "rouge_l",
  about: "the answer shares words in their order with a text (ROUGE-L)",
  graded: true,
  options: z.strictObject({
    expected: referencesSchema.describe("the text, or a list of which the nearest counts"),
  }),
  check: ({ expected }) =>
    referenceTexts(expected).some((text) => wordTokens(text).length === 0)
      ? "`expected` holds no word"
      : null,
  score: (target, { expected }) => {
    const answer = wordTokens(target);
    if (answer.length === 0) return { value: 0, reason: "no words" };
    let value = 0;
    for (const text of referenceTexts(expected)) {
      const words = wordTokens(text);
      if (Math.max(answer.length, words.length) > mostWords)
        return { value: null, reason: `more than ${mostWords} words to compare` };
      value = Math.max(value, rouge(answer, words));
    }
    return { value, reason: `ROUGE-L ${value.toFixed(3)}` };
  },
};

interface Rouge {
  l(
    candidate: string,
    reference: string,
    options: {
      readonly beta: number;
      readonly caseSensitive: boolean;
      readonly segmenter: (text: string) => readonly string[];
      readonly tokenizer: (text: string) => readonly string[];
    },
  ): number;
}

/** Both texts are one sentence to the library: words are ours, so that scripts without spaces have some. */
function rouge(answer: readonly string[], words: readonly string[]): number {
  const { l } = require("js-rouge") as Rouge;
  return l(answer.join(" "), words.join(" "), {
    beta: 1,
    caseSensitive: true,
    segmenter: (text) => [text],
    tokenizer: (text) => text.split(" "),
  });
}
