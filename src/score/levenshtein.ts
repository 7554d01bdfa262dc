import { distance } from "fastest-levenshtein";
import { z } from "zod";
import { excerpt } from "./excerpt.ts";
import { type References, referencesSchema, referenceTexts } from "./references.ts";
import type { ScorerType } from "./scorer.ts";

export interface LevenshteinOptions {
  readonly expected: References;
  readonly max_distance?: number | undefined;
  readonly ignore_case?: boolean | undefined;
  readonly trim?: boolean | undefined;
}

/** Characters of answer and text together beyond which the time, which grows with their product, is too long. */
const mostCharacters = 200_000;

/** `levenshtein`: how near the answer is to a text: 1 − edit distance / length of the longer one. */
export const levenshtein: ScorerType<LevenshteinOptions> = {
  type: "levenshtein",
  about: "the answer is within an edit distance of a text",
  graded: true,
  options: z.strictObject({
    expected: referencesSchema.describe("the text, or a list of which the nearest counts"),
    max_distance: z
      .number()
      .min(0)
      .optional()
      .describe(
        "yes up to so many insertions, deletions and replacements of a character (UTF-16 unit); the value is then 1 or 0",
      ),
    ignore_case: z.boolean().optional().describe("default false"),
    trim: z.boolean().optional().describe("leave out white space around both sides; default true"),
  }),
  score: (target, options) => {
    const fold = (text: string): string => {
      const trimmed = options.trim === false ? text : text.trim();
      return options.ignore_case === true ? trimmed.toLowerCase() : trimmed;
    };
    const answer = fold(target);
    let best = { value: -1, edits: 0, text: "" };
    for (const text of referenceTexts(options.expected).map(fold)) {
      if (answer.length + text.length > mostCharacters)
        return { value: null, reason: `more than ${mostCharacters} characters to compare` };
      const edits = distance(answer, text);
      const length = Math.max(answer.length, text.length);
      const value = length === 0 ? 1 : 1 - edits / length;
      if (value > best.value) best = { value, edits, text };
    }
    const reason = `${best.edits} edit${best.edits === 1 ? "" : "s"} from ${excerpt(best.text)}`;
    if (options.max_distance === undefined) return { value: best.value, reason };
    return { value: best.edits <= options.max_distance ? 1 : 0, reason };
  },
};
