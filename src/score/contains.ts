import { z } from "zod";
import { excerpt } from "./excerpt.ts";
import { type PlainText, plainTextSchema } from "./plain-text.ts";
import type { ScorerType } from "./scorer.ts";
import { type TextList, textListSchema, textsOf } from "./text-list.ts";

export interface ContainsOptions {
  readonly expected?: PlainText | undefined;
  readonly any?: TextList | undefined;
  readonly all?: TextList | undefined;
  readonly ignore_case?: boolean | undefined;
}

/** `contains`: a text occurs in the answer (`expected`), one of several does (`any`), or all of them do (`all`). */
export const contains: ScorerType<ContainsOptions> = {
  type: "contains",
  about: "a text occurs in the answer, one of several, or all of them",
  graded: false,
  options: z.strictObject({
    expected: plainTextSchema.optional().describe("the text that must occur"),
    any: textListSchema.optional().describe("texts of which one must occur: a list, or one text with commas"),
    all: textListSchema.optional().describe("texts that must all occur: a list, or one text with commas"),
    ignore_case: z.boolean().optional().describe("default false"),
  }),
  check: (options) => {
    const stated = (["expected", "any", "all"] as const).filter((key) => options[key] !== undefined);
    const [key] = stated;
    if (key === undefined) return "one of `expected`, `any` and `all` is needed";
    if (stated.length > 1)
      return `only one of ${stated.map((name) => `\`${name}\``).join(" and ")} can be given`;
    const texts = wanted(options);
    if (texts.length === 0) return `\`${key}\` is empty`;
    return texts.includes("") ? `\`${key}\` holds an empty text, and every answer contains that` : null;
  },
  score: (target, options) => {
    const fold = (text: string): string => (options.ignore_case === true ? text.toLowerCase() : text);
    const answer = fold(target);
    const texts = wanted(options);
    const missing = texts.filter((text) => !answer.includes(fold(text)));
    if (options.any === undefined ? missing.length === 0 : missing.length < texts.length) return { value: 1 };
    const shown = `${missing
      .slice(0, 5)
      .map((text) => excerpt(text))
      .join(", ")}${missing.length > 5 ? " …" : ""}`;
    return {
      value: 0,
      reason: options.any === undefined ? `does not contain ${shown}` : `contains none of ${shown}`,
    };
  },
};

function wanted(options: ContainsOptions): readonly string[] {
  if (options.expected !== undefined) return [String(options.expected)];
  return textsOf(options.any ?? options.all ?? []);
}
