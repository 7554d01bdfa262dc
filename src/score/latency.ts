import { z } from "zod";
import type { ScorerType } from "./scorer.ts";

export interface LatencyOptions {
  readonly max: number | string;
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 };

/** `latency`: the answer was complete within so long, of the attempt that succeeded. Unknown for answers that were reused or came in a batch. */
export const latency: ScorerType<LatencyOptions> = {
  type: "latency",
  about: "the answer was complete within so long",
  graded: false,
  reads: "facts",
  options: z.strictObject({
    max: z
      .union([
        z.number().min(0),
        z.string().regex(/^\d+(\.\d+)?\s*(ms|s|m)$/, "a time such as `2s` is needed"),
      ])
      .describe("milliseconds, or a time such as `2s`; `latency_ms` of the reports, all choices together"),
  }),
  score: (_, { max }, { latencyMs }) => {
    if (latencyMs === null)
      return { value: null, reason: "the latency is not known: the answer was reused, or came in a batch" };
    const limit = milliseconds(max);
    if (latencyMs <= limit) return { value: 1 };
    return { value: 0, reason: `${Math.round(latencyMs)} ms, at most ${limit} ms` };
  },
};

function milliseconds(max: number | string): number {
  if (typeof max === "number") return max;
  const unit = /[a-z]+$/.exec(max)?.[0] ?? "ms";
  return Number.parseFloat(max) * (unitMs[unit] ?? 1);
}
