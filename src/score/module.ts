import { z } from "zod";
import type { ScorerType } from "./scorer.ts";

export interface ModuleOptions {
  readonly file: string;
  readonly options?: unknown;
  readonly expected?: unknown;
  readonly timeout?: number | string | undefined;
}

const duration = /^\d+(\.\d+)?(ms|s|m)$/;
const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 };

/** `module`: a function of the user's own says what an answer is worth. It runs after the answers, and is journaled. */
export const moduleScorer: ScorerType<ModuleOptions> = {
  type: "module",
  about: "a function of your own says what the answer is worth",
  graded: true,
  external: "module",
  options: z.strictObject({
    file: z
      .string()
      .min(1)
      .describe(
        "a JavaScript module (.js, .mjs, .cjs), relative to the matrix, whose default export or `score` is the function",
      ),
    options: z.unknown().optional().describe("handed to the function as `options`"),
    expected: z
      .unknown()
      .optional()
      .describe(
        "handed to the function as `expected`, where scorers such as those of `autoevals` look for it",
      ),
    timeout: z
      .union([z.number().positive(), z.string().regex(duration, "a time such as `10s` is needed")])
      .optional()
      .describe("how long one call may take: seconds, or a time such as `500ms`; default 10s"),
  }),
  check: ({ file }) => {
    if (file.includes("{{")) return "`file` cannot come from rows";
    if (/\.[cm]?ts$/.test(file)) return "`file` is TypeScript, which Node 20 does not run: compile it first";
    return /\.[cm]?js$/.test(file) ? null : "`file` is no JavaScript module (.js, .mjs, .cjs)";
  },
  score: () => ({ value: null, reason: "not scored yet" }),
};

/** Milliseconds that one call may take. */
export function moduleTimeoutMs({ timeout = 10 }: ModuleOptions): number {
  if (typeof timeout === "number") return timeout * 1_000;
  const unit = /[a-z]+$/.exec(timeout)?.[0] ?? "s";
  return Number.parseFloat(timeout) * (unitMs[unit] ?? 1_000);
}
