import { z } from "zod";
import type { ScorerType } from "./scorer.ts";

export interface FinishReasonOptions {
  readonly expected: string | readonly string[];
}

/** `finish_reason`: the answer ended for this reason. Silence of the server is unknown. */
export const finishReason: ScorerType<FinishReasonOptions> = {
  type: "finish_reason",
  about: "the answer ended for this reason",
  graded: false,
  reads: "facts",
  options: z.strictObject({
    expected: z
      .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
      .describe(
        "`stop`, `length`, `tool_calls`, `content_filter`, or the server's own word; a list of those that are right. Case does not count",
      ),
  }),
  score: (_, { expected }, { completion }) => {
    const { finishReason: normal, finishReasonRaw: raw } = completion;
    if (normal === null && raw === null)
      return { value: null, reason: "the server did not say why the answer ended" };
    const wanted = (typeof expected === "string" ? [expected] : expected).map((word) => word.toLowerCase());
    if ([normal, raw].some((word) => word !== null && wanted.includes(word.toLowerCase())))
      return { value: 1 };
    return { value: 0, reason: `expected ${wanted.join(" or ")}, found ${normal ?? raw ?? "nothing"}` };
  },
};
