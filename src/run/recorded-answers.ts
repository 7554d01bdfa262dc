import { join } from "node:path";
import type { Message } from "../plan/messages.ts";
import { openRun } from "./rebuild.ts";
import { runResults } from "./results.ts";
import { runFiles } from "./run-directory.ts";

/** The answers of a run as recordings (JSONL lines of `simulate --replay`), in plan order. */
export function* recordedAnswers(directory: string): Generator<string> {
  const { prepared, index } = openRun(directory);
  for (const result of runResults(prepared, index, join(directory, runFiles.journal))) {
    if (result.answer === null) continue;
    const { usage } = result.answer;
    for (const completion of result.answer.completions) {
      yield `${JSON.stringify({
        model: result.parameters.model,
        prompt: lastUserText(result.messages as readonly Message[]),
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

/** Text of the last user message; the texts of a list of parts joined. */
function lastUserText(messages: readonly Message[]): string {
  const last = messages.findLast((message) => message.role === "user");
  const content = last?.content;
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return (content as readonly { text?: unknown }[])
    .map((part) => (typeof part.text === "string" ? part.text : ""))
    .join("");
}
