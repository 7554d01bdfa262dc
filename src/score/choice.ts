import { z } from "zod";
import { chosenLetter } from "./choice-grammar.ts";
import { choiceSet, expectedLetter } from "./choice-options.ts";
import type { ScorerType } from "./scorer.ts";
import { type TextList, textListSchema } from "./text-list.ts";

export interface ChoiceOptions {
  readonly expected: string;
  readonly choices?: TextList | undefined;
}

/** `choice`: the letter the answer chooses is the expected one. An answer that chooses none is not right. */
export const choice: ScorerType<ChoiceOptions> = {
  type: "choice",
  about: "the letter chosen is the expected one",
  graded: false,
  options: z.strictObject({
    expected: z.string().describe("the right letter, as `C` or `(C)`, or the text of the right choice"),
    choices: textListSchema
      .optional()
      .describe(
        "letters that can be chosen, or the texts that A, B, C … stand for: a list, or one text with commas",
      ),
  }),
  check: (options) => {
    if (options.expected.trim() === "") return "`expected` is empty";
    const set = choiceSet(options.choices);
    if (set.letters.size === 0) return "`choices` is empty";
    if (expectedLetter(options.expected, set) !== null) return null;
    return options.choices === undefined
      ? "`expected` is no letter, and there are no `choices` to find its text in"
      : "`expected` is none of the `choices`";
  },
  score: (target, options) => {
    const set = choiceSet(options.choices);
    const expected = expectedLetter(options.expected, set);
    if (expected === null) return { value: null, reason: "`expected` is none of the choices" };
    const chosen = chosenLetter(target, set);
    if (chosen === expected) return { value: 1 };
    return {
      value: 0,
      reason:
        chosen === null ? `expected ${expected}, no choice found` : `expected ${expected}, found ${chosen}`,
    };
  },
};
