import { mediaTokens } from "../cost/chat-overhead.ts";
import { outputLimits, worstCompletionTokens } from "../cost/expected-completion.ts";
import type { PlannedRequest } from "../plan/plan.ts";
import { roughChatTokens } from "../schedule/rough-tokens.ts";
import type { Demand } from "../schedule/token-learner.ts";

/** What a request may take of a limit of tokens, as far as it can be told before it is sent. */
export function demandOf(
  { messages, parameters }: Pick<PlannedRequest, "messages" | "parameters">,
  group: number,
): Demand {
  return {
    group,
    promptTokens: roughChatTokens(messages, parameters.tools, mediaTokens),
    mostCompletion: worstCompletionTokens(outputLimits(parameters)),
  };
}
