import { join } from "node:path";
import { lastUserText } from "../simulator/chat-request.ts";
import { requestDigest } from "../simulator/request-digest.ts";
import { openRun } from "./open-run.ts";
import { providerSpec } from "./provider-spec.ts";
import { runResults } from "./results.ts";
import { runFiles } from "./run-directory.ts";

/** The answers of a run as recordings (JSONL lines of `simulate --replay`), in plan order. */
export function* recordedAnswers(directory: string): Generator<string> {
  const { prepared, index } = openRun(directory);
  for (const result of runResults(prepared, index, join(directory, runFiles.journal))) {
    if (result.answer === null) continue;
    const { usage } = result.answer;
    const models =
      providerSpec(prepared.plan.variant(result.variantIndex).provider, prepared.config)?.models ?? {};
    const own = String(result.parameters.model);
    const model = models[own] ?? own;
    for (const completion of result.answer.completions) {
      yield `${JSON.stringify({
        model,
        request: requestDigest({ ...result.parameters, model, messages: result.messages }),
        prompt: lastUserText(result.messages),
        content: completion.content,
        ...(completion.reasoning === "" ? {} : { reasoning_content: completion.reasoning }),
        ...(completion.toolCalls.length === 0 ? {} : { tool_calls: completion.toolCalls }),
        ...(completion.finishReasonRaw === null ? {} : { finish_reason: completion.finishReasonRaw }),
        ...(result.answer.completions.length > 1 ||
        usage.promptTokens === null ||
        usage.completionTokens === null
          ? {}
          : {
              usage: {
                prompt_tokens: usage.promptTokens,
                completion_tokens: usage.completionTokens,
                total_tokens: usage.totalTokens ?? usage.promptTokens + usage.completionTokens,
              },
            }),
      })}\n`;
    }
  }
}
