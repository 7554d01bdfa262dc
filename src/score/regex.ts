import { z } from "zod";
import { excerpt } from "./excerpt.ts";
import { patternOf, patternProblem } from "./pattern.ts";
import type { ScorerType } from "./scorer.ts";

export interface RegexOptions {
  readonly pattern: string;
  /** Of `i`, `m`, `s`, `u`, `v`. */
  readonly flags?: string | undefined;
}

/** `regex`: a JavaScript regular expression matches somewhere in the answer. */
export const regex: ScorerType<RegexOptions> = {
  type: "regex",
  about: "a regular expression matches",
  graded: false,
  options: z.strictObject({
    pattern: z
      .string()
      .describe("JavaScript regular expression; it may match anywhere, so anchor it with ^ and $"),
    flags: z
      .string()
      .regex(/^[imsuv]*$/, "flags can be i, m, s, u and v")
      .optional()
      .describe("of i (ignore case), m (^ and $ at each line), s (. matches line ends), u and v (Unicode)"),
  }),
  check: (options) =>
    options.pattern === "" ? "`pattern` is empty, and every answer matches that" : problemOf(options),
  score: (target, options) => {
    if (patternOf(options.pattern, options.flags).test(target)) return { value: 1 };
    return { value: 0, reason: `does not match ${excerpt(options.pattern)}` };
  },
};

function problemOf({ pattern, flags }: RegexOptions): string | null {
  const problem = patternProblem(pattern, flags);
  return problem === null ? null : `\`pattern\` ${problem}`;
}
