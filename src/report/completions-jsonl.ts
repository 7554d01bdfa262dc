import type { RequestResult, ScoredCompletion } from "../aggregate/result.ts";
import type { Variant } from "../plan/variant.ts";
import type { ReportWriter } from "./report-writer.ts";

/**
 * `completions.jsonl`: one JSON line per completion and per failed request, in plan order. As the CSV, with the messages
 * as sent, all variables, and the scores' reasons and details. Times and tokens stand on the first line of a request.
 */
export function completionsJsonl({ variants }: { readonly variants: readonly Variant[] }): ReportWriter {
  return {
    fileName: "completions.jsonl",
    begin: () => "",
    row: (result) => {
      if (result.status === "pending") return "";
      const lines = result.status === "failed" ? [null] : result.completions;
      return lines
        .map((scored) => `${JSON.stringify(entry(result, scored, variants[result.variantIndex]))}\n`)
        .join("");
    },
    end: () => "",
  };
}

function entry(
  result: RequestResult,
  scored: ScoredCompletion | null,
  variant: Variant | undefined,
): Readonly<Record<string, unknown>> {
  return {
    request_id: result.requestId,
    variant_id: variant?.id,
    variant: variant?.label,
    prompt_id: variant?.promptId,
    row_id: result.rowId,
    variables: result.variables,
    trial: result.trial,
    status: result.status,
    provider: variant?.provider,
    parameters: result.parameters,
    messages: result.messages,
    ...(scored === null ? {} : completionFields(scored)),
    ...(scored === null || scored === result.completions[0] ? requestFields(result) : {}),
    ...(result.failure === null
      ? {}
      : { error: { kind: result.failure.kind, message: result.failure.message, code: result.failure.code } }),
    http_status: result.httpStatus,
    response_id: result.answer?.responseId ?? null,
    response_model: result.answer?.responseModel ?? null,
    trace_id: result.traceId,
    started_at: result.startedAt,
    reused: result.reused,
    maybe_billed: result.maybeBilled,
  };
}

function completionFields({
  completion,
  passed,
  failReason,
  scores,
  judging,
}: ScoredCompletion): Readonly<Record<string, unknown>> {
  return {
    choice: completion.choice,
    output: completion.content,
    reasoning: completion.reasoning,
    tool_calls: completion.toolCalls,
    refusal: completion.refusal,
    finish_reason: completion.finishReason,
    finish_reason_raw: completion.finishReasonRaw,
    passed,
    fail_reason: failReason,
    scores,
    ...(judging === null || judging === undefined
      ? {}
      : {
          judging: {
            verdicts: judging.calls,
            failed: judging.failed,
            prompt_tokens: judging.promptTokens,
            completion_tokens: judging.completionTokens,
            costs: judging.costs,
          },
        }),
  };
}

function requestFields(result: RequestResult): Readonly<Record<string, unknown>> {
  const usage = result.answer?.usage ?? null;
  const { times } = result;
  return {
    attempts: result.attempts,
    times: {
      latency_ms: times.latencyMs,
      ttft_ms: times.ttftMs,
      tpot_ms: times.tpotMs,
      queued_ms: times.queuedMs,
      total_ms: times.totalMs,
    },
    usage:
      usage === null
        ? null
        : {
            prompt_tokens: usage.promptTokens,
            completion_tokens: usage.completionTokens,
            reasoning_tokens: usage.reasoningTokens,
            cached_tokens: usage.cachedTokens,
            total_tokens: usage.totalTokens,
            stated_cost: usage.statedCost ?? null,
            estimated: usage.estimated,
          },
    cost: result.cost,
  };
}
