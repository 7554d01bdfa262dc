import { z } from "zod";
import { answerJson, type JsonReading, jsonReadingKeys } from "./answer-json.ts";
import { excerpt } from "./excerpt.ts";
import { pathProblem, valuesAt } from "./json-place.ts";
import { isExpected } from "./same-json.ts";
import type { ScorerType } from "./scorer.ts";

export interface JsonOptions extends JsonReading {
  readonly expected?: unknown;
  /** JSONPath, RFC 9535. */
  readonly path?: string | undefined;
}

/** `json`: the answer is JSON; with `path` there is something there; with `expected` it is that value. */
export const json: ScorerType<JsonOptions> = {
  type: "json",
  about: "the answer is JSON, and a value in it is the expected one",
  graded: false,
  options: z.strictObject({
    expected: z
      .unknown()
      .optional()
      .describe(
        "the value: members in any order; a text also stands for the JSON that it writes. Without it any JSON is right",
      ),
    path: z
      .string()
      .optional()
      .describe(
        "where the value is: a JSONPath (RFC 9535) such as `$.items[0].name`. One that finds several values compares their list",
      ),
    ...jsonReadingKeys,
  }),
  check: (options) => {
    const problem = options.path === undefined ? null : pathProblem(options.path);
    return problem === null ? null : `\`path\`: ${problem}`;
  },
  score: (target, options) => {
    const read = answerJson(target, options);
    if ("problem" in read) return { value: 0, reason: read.problem };
    const { path, expected } = options;
    const found = path === undefined ? [read.value] : valuesAt(read.value, path);
    if (found.length === 0) return { value: 0, reason: `nothing at \`${path ?? "$"}\`` };
    if (expected === undefined) return { value: 1 };
    const single = found.length === 1;
    if ((single && isExpected(found[0], expected)) || (path !== undefined && isExpected(found, expected)))
      return { value: 1 };
    const shown = excerpt(JSON.stringify(single ? found[0] : found));
    return { value: 0, reason: `expected ${excerpt(asText(expected))}, found ${shown}` };
  },
};

function asText(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "undefined");
}
