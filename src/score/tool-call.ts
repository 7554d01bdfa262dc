import { z } from "zod";
import type { ToolCall } from "../outcome/completion.ts";
import { excerpt } from "./excerpt.ts";
import { type ExpectedCall, expectedCalls, fitsCall } from "./expected-call.ts";
import { pairUp } from "./pair-up.ts";
import type { ScorerType } from "./scorer.ts";

export interface ToolCallOptions {
  readonly expected: unknown;
  readonly order?: "any" | "same" | undefined;
  readonly arguments?: "equal" | "subset" | undefined;
  readonly ignore_case?: boolean | undefined;
}

/** `tool_call`: the model made the calls that are expected, no more and no fewer. `[]` expects none. */
export const toolCall: ScorerType<ToolCallOptions> = {
  type: "tool_call",
  about: "the calls made are the expected ones",
  graded: false,
  reads: "facts",
  options: z.strictObject({
    expected: z
      .unknown()
      .describe(
        'list of `{ name, arguments }`, or of `{ NAME: arguments }`; `[]` is no call. A list where the call has one value holds the accepted values, of which `""` is one that may be left out; without `arguments` any will do. JSON text is read',
      ),
    order: z.enum(["any", "same"]).optional().describe("whether the calls come in this order; default `any`"),
    arguments: z
      .enum(["equal", "subset"])
      .optional()
      .describe("`equal` (default): no argument beyond the expected ones; `subset`: others do not count"),
    ignore_case: z.boolean().optional().describe("in texts among the arguments; default false"),
  }),
  check: (options) => {
    const calls = expectedCalls(options.expected);
    return typeof calls === "string" ? calls : null;
  },
  score: (_, options, { completion }) => {
    const expected = expectedCalls(options.expected);
    if (typeof expected === "string") return { value: null, reason: expected };
    const made = completion.toolCalls;
    if (made.length !== expected.length) {
      const wanted = expected.length === 0 ? "no call" : `${expected.length} (${names(expected)})`;
      const found = made.length === 0 ? "no call" : `${made.length} (${names(made)})`;
      return { value: 0, reason: `expected ${wanted}, found ${found}` };
    }
    const fits = (call: ExpectedCall, one: ToolCall): string | null => fitsCall(call, one, options);
    const pairs =
      options.order === "same"
        ? expected.map((_call, i) => i)
        : pairUp(expected.length, (i, k) => {
            const [call, one] = [expected[i], made[k]];
            return call !== undefined && one !== undefined && fits(call, one) === null;
          });
    for (const [i, call] of expected.entries()) {
      const one = made[pairs[i] ?? -1] ?? closest(call, made);
      const problem = one === undefined ? "it is missing" : fits(call, one);
      if (problem !== null || (pairs[i] ?? -1) < 0)
        return { value: 0, reason: `\`${call.name}\`: ${problem ?? "called too seldom"}` };
    }
    return { value: 1 };
  },
};

function closest(call: ExpectedCall, made: readonly ToolCall[]): ToolCall | undefined {
  return made.find(({ name }) => call.names.includes(name)) ?? made[0];
}

function names(calls: readonly { readonly name: string }[]): string {
  return calls
    .slice(0, 5)
    .map(({ name }) => excerpt(name, 40))
    .join(", ");
}
