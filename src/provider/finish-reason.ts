import type { FinishReason } from "../outcome/completion.ts";
import type { FailureKind } from "../outcome/failure.ts";

const normal: ReadonlyMap<string, FinishReason> = new Map<string, FinishReason>([
  ["stop", "stop"],
  ["eos", "stop"],
  ["stop_sequence", "stop"],
  ["end_turn", "stop"],
  ["length", "length"],
  ["max_tokens", "length"],
  ["model_context_window_exceeded", "length"],
  ["tool_calls", "tool_calls"],
  ["function_call", "tool_calls"],
  ["tool_use", "tool_calls"],
  ["content_filter", "content_filter"],
  ["sensitive", "content_filter"],
]);

/**
 * Why a choice ended, in our vocabulary. Unknown words are `other`, silence is null. A choice that holds tool calls and
 * claims to have merely stopped ended for its tool calls: servers say `stop` when the tool was forced.
 */
export function finishReason(raw: string | null, hasToolCalls: boolean): FinishReason | null {
  const reason = raw === null ? null : (normal.get(raw.toLowerCase()) ?? "other");
  return hasToolCalls && (reason === null || reason === "stop") ? "tool_calls" : reason;
}

const failed: ReadonlyMap<string, FailureKind> = new Map<string, FailureKind>([
  ["insufficient_system_resource", "overloaded"],
  ["aborted", "server"],
  ["error", "server"],
  ["network_error", "server"],
]);

/** The failure that a finish reason confesses, or null when the choice ended as an answer. All of them may be retried. */
export function failedFinish(raw: string | null): FailureKind | null {
  return raw === null ? null : (failed.get(raw.toLowerCase()) ?? null);
}
