import type { Completion } from "./completion.ts";

/**
 * How an answer without text came about when the model reasoned: it ended of its own accord (SiliconFlow was seen to put
 * a whole answer into `reasoning_content`), or its reasoning used up the token limit. Null for any other completion.
 */
export function emptiedByThought(completion: Completion): "thought_only" | "cut_in_thought" | null {
  if (completion.content.trim() !== "" || completion.reasoning.trim() === "") return null;
  if (completion.toolCalls.length > 0 || (completion.refusal ?? "") !== "") return null;
  return completion.finishReason === "length" ? "cut_in_thought" : "thought_only";
}
