import type { Usage } from "../outcome/completion.ts";
import { isJsonObject, type JsonObject } from "./json-value.ts";

/**
 * Token counts and stated cost from a `usage` object, or null when it holds neither. Reads the OpenAI, DeepSeek and
 * Moonshot spellings; a missing total is the sum of prompt and completion where both are known. Counts are what the
 * server says so far: a later object replaces an earlier one and is never added to it.
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
  const statedCost = costStated(value);
  if (promptTokens === null && completionTokens === null && totalTokens === null && statedCost === null)
    return null;
  return {
    promptTokens,
    completionTokens,
    reasoningTokens,
    cachedTokens,
    totalTokens,
    ...(statedCost === null ? {} : { statedCost }),
    estimated: false,
  };
}

/**
 * OpenRouter's `cost`, in its credits (https://openrouter.ai/docs/use-cases/usage-accounting). With the user's own key
 * for the model's provider it is OpenRouter's fee alone, and what the provider takes stands beside it.
 */
function costStated(usage: JsonObject): number | null {
  const cost = count(usage.cost);
  if (cost === null || usage.is_byok !== true) return cost;
  const upstream = count(detail(usage, "cost_details", "upstream_inference_cost"));
  return upstream === null ? null : cost + upstream;
}

function detail(usage: JsonObject, group: string, name: string): unknown {
  const details = usage[group];
  return isJsonObject(details) ? details[name] : undefined;
}

function count(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : null;
}
