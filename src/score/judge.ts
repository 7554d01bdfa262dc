import { z } from "zod";
import { nearest } from "../diagnostics/nearest.ts";
import { rubrics } from "./judge-rubrics.ts";
import { type PlainText, plainTextSchema } from "./plain-text.ts";
import type { ScorerType } from "./scorer.ts";

const formats = ["json_schema", "json_object", "text"] as const;

/** How a judge is made to answer in JSON: by `response_format`, or by the prompt alone. */
export type VerdictFormat = (typeof formats)[number];

export interface JudgeOptions {
  readonly rubric: string;
  readonly model: string;
  readonly provider?: string | undefined;
  /** Lowest and highest grade; absent is pass or fail. */
  readonly scale?: readonly number[] | undefined;
  /** How often it is asked; the median counts. */
  readonly votes?: number | undefined;
  readonly expected?: PlainText | undefined;
  readonly context?: unknown;
  readonly format?: VerdictFormat | undefined;
  readonly parameters?: Readonly<Record<string, unknown>> | undefined;
}

/** `judge`: a model grades the answer by a rubric. Its verdicts are asked for after the answers, and journaled. */
export const judge: ScorerType<JudgeOptions> = {
  type: "judge",
  about: "a model grades the answer by a rubric",
  graded: true,
  external: "judge",
  options: z.strictObject({
    rubric: z
      .string()
      .min(1)
      .describe(
        `what is judged: a text of your own, or one that ships: ${Object.keys(rubrics)
          .map((name) => `\`${name}\``)
          .join(", ")}`,
      ),
    model: z.string().min(1).describe("the model that judges"),
    provider: z.string().min(1).optional().describe("where it is asked; default the provider of the matrix"),
    scale: z
      .array(z.number())
      .length(2)
      .optional()
      .describe(
        "lowest and highest grade, such as `[1, 5]`; the value is where the grade lies between them. Without it the verdict is pass or fail",
      ),
    votes: z
      .int()
      .min(1)
      .max(99)
      .optional()
      .describe("an odd number: how often the judge is asked, of which the median counts; default 1"),
    expected: plainTextSchema
      .optional()
      .describe("a reference: the correct answer (`correctness`), the tone that is wanted (`tone`)"),
    context: z
      .unknown()
      .optional()
      .describe("what the answer must rest on (`faithfulness`), or other material"),
    format: z
      .enum(formats)
      .optional()
      .describe(
        "how JSON is asked for: a `response_format` of `json_schema` or `json_object`, or by the prompt alone (`text`); default what the provider is known to have",
      ),
    parameters: z
      .record(z.string(), z.unknown())
      .optional()
      .describe(
        "parameters of the judge's requests, such as `{ max_tokens: 512 }`; default `{ temperature: 0 }` with one vote, else none",
      ),
  }),
  check: (options) => {
    const [low, high] = options.scale ?? [0, 1];
    if (low === undefined || high === undefined || low >= high)
      return "`scale` is the lowest and the highest grade, such as `[1, 5]`";
    if ((options.votes ?? 1) % 2 === 0) return "`votes` is an odd number, so that there is a middle one";
    if ([options.model, options.provider ?? ""].some((name) => name.includes("{{")))
      return "`model` and `provider` cannot come from rows: limits and prices are found by them";
    return rubricProblem(options);
  },
  score: () => ({ value: null, reason: "not judged yet" }),
};

function rubricProblem(options: JudgeOptions): string | null {
  const name = options.rubric.trim();
  const shipped = Object.hasOwn(rubrics, name) ? rubrics[name] : undefined;
  if (shipped === undefined) {
    if (/\s/.test(name)) return null;
    const close = nearest(name, Object.keys(rubrics));
    return `\`rubric\` names none that ships (${close === null ? Object.keys(rubrics).join(", ") : `did you mean \`${close}\`?`}), and one of your own is a sentence at least`;
  }
  const missing = shipped.needs.find((need) => options[need] === undefined || options[need] === "");
  return missing === undefined ? null : `\`${missing}\` is needed by the rubric \`${name}\``;
}
