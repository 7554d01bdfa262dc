import { z } from "zod";
import { excerpt } from "./excerpt.ts";
import {
  allowedDifference,
  defaultTolerance,
  isNearNumber,
  type Tolerance,
  toleranceSchema,
} from "./near-number.ts";
import { type FoundNumber, findNumbers } from "./number-grammar.ts";
import { patternOf, patternProblem } from "./pattern.ts";
import type { ScorerType } from "./scorer.ts";

export interface NumericOptions {
  readonly expected: number | string;
  /** How far the answer may be off: a number, or a share of the expected value such as `1%`. Default 1e-6. */
  readonly tolerance?: Tolerance | undefined;
  /** `last` (default), `first`, or a regular expression: the last number of its last match's group counts. */
  readonly extract?: string | undefined;
}

/** `numeric`: the number in the answer is the expected one. The sign counts. */
export const numeric: ScorerType<NumericOptions> = {
  type: "numeric",
  about: "the number in the answer is the expected one",
  graded: false,
  options: z.strictObject({
    expected: z
      .union([z.number(), z.string()])
      .describe("the number, or a text whose last number it is, such as `$70,000`"),
    tolerance: toleranceSchema
      .optional()
      .describe(
        "how far off is still right: absolute, or relative to the expected number as `1%`; default 1e-6",
      ),
    extract: z
      .string()
      .optional()
      .describe(
        "`last` (default) or `first` number of the answer, or a regular expression that finds its place",
      ),
  }),
  check: (options) => {
    if (options.expected === "") return "`expected` is empty";
    if (expectedNumber(options) === null) return "`expected` holds no number";
    if (isPlace(options.extract)) return null;
    const problem = options.extract === "" ? "is empty" : patternProblem(options.extract, "gm");
    return problem === null
      ? null
      : `\`extract\` is neither \`last\` nor \`first\` nor a pattern: it ${problem}`;
  },
  score: (target, options) => {
    const expected = expectedNumber(options);
    if (expected === null) return { value: null, reason: "`expected` holds no number" };
    const found = extracted(target, options.extract);
    if (found === null) return { value: 0, reason: `expected ${expected.plain}, found no number` };
    if (isNear(found, expected, options.tolerance ?? defaultTolerance)) return { value: 1 };
    return { value: 0, reason: `expected ${expected.plain}, found ${shown(found)}` };
  },
};

function expectedNumber(options: NumericOptions): FoundNumber | null {
  return findNumbers(String(options.expected)).at(-1) ?? null;
}

function isPlace(extract: string | undefined): extract is "last" | "first" | undefined {
  return extract === undefined || extract === "last" || extract === "first";
}

function extracted(target: string, extract: string | undefined): FoundNumber | null {
  if (isPlace(extract)) return findNumbers(target).at(extract === "first" ? 0 : -1) ?? null;
  const match = patternOf(extract, "gm").last(target);
  return match === null ? null : (findNumbers(match[1] ?? match[0]).at(-1) ?? null);
}

function isNear(found: FoundNumber, expected: FoundNumber, tolerance: Tolerance): boolean {
  if (allowedDifference(expected.value, tolerance) < 1 && areLarge(found, expected))
    return BigInt(found.plain) === BigInt(expected.plain);
  return isNearNumber(found.value, expected.value, tolerance);
}

/** Whole numbers that a double no longer tells from their neighbours. */
function areLarge(found: FoundNumber, expected: FoundNumber): boolean {
  const whole = /^-?[0-9]+$/;
  return (
    whole.test(found.plain) &&
    whole.test(expected.plain) &&
    Math.abs(expected.value) > Number.MAX_SAFE_INTEGER
  );
}

function shown(found: FoundNumber): string {
  return found.plain.length <= 40 ? found.plain : excerpt(found.plain, 40);
}
