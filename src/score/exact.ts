import { z } from "zod";
import { excerpt } from "./excerpt.ts";
import { type PlainText, plainTextSchema } from "./plain-text.ts";
import type { ScorerType } from "./scorer.ts";

export interface ExactOptions {
  readonly expected: PlainText;
  readonly ignore_case?: boolean | undefined;
  /** Default true: white space around both sides does not count. */
  readonly trim?: boolean | undefined;
}

/** `exact`: the answer equals the expected text, character for character. An empty `expected` wants an empty answer. */
export const exact: ScorerType<ExactOptions> = {
  type: "exact",
  about: "the answer equals a text",
  graded: false,
  options: z.strictObject({
    expected: plainTextSchema.describe("the text the answer must equal"),
    ignore_case: z.boolean().optional().describe("default false"),
    trim: z
      .boolean()
      .optional()
      .describe("leave out white space around answer and expected text; default true"),
  }),
  doubt: ({ expected }) =>
    String(expected).trim() === "" ? "`expected` is empty, which only an empty answer equals" : null,
  score: (target, options) => {
    const fold = (text: string): string => {
      const trimmed = options.trim === false ? text : text.trim();
      return options.ignore_case === true ? trimmed.toLowerCase() : trimmed;
    };
    const expected = String(options.expected);
    if (fold(target) === fold(expected)) return { value: 1 };
    return { value: 0, reason: `expected ${excerpt(expected)}, found ${excerpt(target)}` };
  },
};
