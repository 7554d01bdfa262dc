import { mediaTokens } from "../cost/chat-overhead.ts";
import type { JudgingEstimate } from "../cost/estimate-shape.ts";
import type { Completion } from "../outcome/completion.ts";
import { roughChatTokens } from "../schedule/rough-tokens.ts";
import type { CountedVariant } from "./estimate-prompts.ts";
import { type JudgeModel, judgeCall, judgesOf } from "./judge-calls.ts";
import type { Prepared } from "./prepare.ts";
import { expectedVerdict, verdictsCost } from "./verdict-cost.ts";

/** Rows of a variant whose verdicts are looked at. */
const mostRows = 50;

const unanswered: Completion = {
  choice: 0,
  content: "",
  reasoning: "",
  toolCalls: [],
  refusal: null,
  finishReason: null,
  finishReasonRaw: null,
};

/**
 * What judges will be asked, by model: of up to 50 rows of each variant, scaled, every answer as long as it is expected to
 * be. At most: equal answers are judged once.
 */
export function estimateJudging(
  prepared: Prepared,
  counted: readonly CountedVariant[],
): readonly JudgingEstimate[] {
  const found = new Map<string, { model: JudgeModel; votes: number; promptTokens: number }>();
  for (const { variant, use } of counted) {
    const { plan, scoring } = prepared;
    const places = Math.min(mostRows, variant.requests / variant.trials);
    const answers = choicesOf(variant.parameters);
    // Each of the rows looked at stands for so many answers.
    const share = (variant.requests / places) * answers;
    const answerTokens = use.completion.expected / variant.requests / answers;
    for (let place = 0; place < places; place++) {
      const at = Math.floor((place * variant.requests) / variant.trials / places);
      const request = plan.request(variant.offset + at * variant.trials);
      for (const judge of judgesOf(scoring.forRow(request.row, 0, variant.promptId))) {
        const call = judgeCall(prepared, request, unanswered, judge);
        const key = `${call.provider}\n${call.model}`;
        const sum = found.get(key) ?? { model: call, votes: 0, promptTokens: 0 };
        found.set(key, sum);
        const votes = share * call.keys.length;
        sum.votes += votes;
        sum.promptTokens += votes * (roughChatTokens(call.messages, undefined, mediaTokens) + answerTokens);
      }
    }
  }
  return [...found.values()].map(({ model: { provider, model }, votes, promptTokens }) => ({
    provider,
    model,
    verdicts: Math.round(votes),
    prompt_tokens: Math.round(promptTokens),
    completion_tokens: Math.round(votes) * expectedVerdict,
    cost: verdictsCost(prepared, { provider, model }, votes, promptTokens),
  }));
}

function choicesOf({ n }: Readonly<Record<string, unknown>>): number {
  return typeof n === "number" && n >= 1 ? n : 1;
}
