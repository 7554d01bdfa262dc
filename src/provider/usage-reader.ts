import type { Usage } from "../outcome/completion.ts";
import { isJsonObject, type JsonObject } from "./json-value.ts";

/**
 * Token counts from a `usage` object, or null when it holds none. Reads the OpenAI, DeepSeek and Moonshot spellings;
 * a missing total is the sum of prompt and completion where both are known. Counts are what the server says so far:
 * a later object replaces an earlier one and is never added to it.
 */
export function readUsage(value: unknown): Usage | null {
  if (!isJsonObject(value)) return null;
  const promptTokens = count(value.prompt_tokens);
  const completionTokens = count(value.completion_tokens);
  const cachedTokens =
    count(detail(value, "prompt_tokens_details", "cached_tokens")) ??
    count(value.prompt_cache_hit_tokens) ??
    count(value.cached_tokens);
  const reasoningTokens = count(detail(value, "completion_tokens_details", "reasoning_tokens"));
  const summed = promptTokens === null || completionTokens === null ? null : promptTokens + completionTokens;
  const totalTokens = count(value.total_tokens) ?? summed;
  if (promptTokens === null && completionTokens === null && totalTokens === null) return null;
  return { promptTokens, completionTokens, reasoningTokens, cachedTokens, totalTokens, estimated: false };
}

function detail(usage: JsonObject, group: string, name: string): unknown {
  const details = usage[group];
  return isJsonObject(details) ? details[name] : undefined;
}

function count(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : null;
}
