import { z } from "zod";
import { excerpt } from "./excerpt.ts";
import { type PlainText, plainTextSchema } from "./plain-text.ts";
import type { ScorerType } from "./scorer.ts";

export interface StartsWithOptions {
  readonly expected: PlainText;
  readonly ignore_case?: boolean | undefined;
  /** Default true: white space before the answer does not count. */
  readonly trim?: boolean | undefined;
}

/** `starts_with`: the answer begins with the expected text. */
export const startsWith: ScorerType<StartsWithOptions> = {
  type: "starts_with",
  about: "the answer begins with a text",
  graded: false,
  options: z.strictObject({
    expected: plainTextSchema.describe("the text the answer must begin with"),
    ignore_case: z.boolean().optional().describe("default false"),
    trim: z
      .boolean()
      .optional()
      .describe("leave out white space before answer and expected text; default true"),
  }),
  check: (options) =>
    options.expected === "" ? "`expected` is empty, and every answer begins with that" : null,
  score: (target, options) => {
    const fold = (text: string): string => {
      const trimmed = options.trim === false ? text : text.trimStart();
      return options.ignore_case === true ? trimmed.toLowerCase() : trimmed;
    };
    const expected = String(options.expected);
    if (fold(target).startsWith(fold(expected))) return { value: 1 };
    return { value: 0, reason: `does not begin with ${excerpt(expected)}` };
  },
};
