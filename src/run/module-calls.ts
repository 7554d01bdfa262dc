import type { Completion } from "../outcome/completion.ts";
import { contentId } from "../plan/canonical-json.ts";
import type { PlannedRequest } from "../plan/plan.ts";
import type { ModuleOptions } from "../score/module.ts";
import type { RenderedScorer } from "../score/score-completion.ts";
import type { ScoreInput, ScorerSpec } from "../score/scorer.ts";

/** What a module is asked about one completion. */
export interface ModuleCall {
  /** Digest of the module, its options and all that it is told but the cost. */
  readonly key: string;
  readonly spec: ScorerSpec;
  readonly options: ModuleOptions;
  readonly input: Readonly<Record<string, unknown>>;
}

/** The call of a module: its input in the words of the reports, and in those of `autoevals` (`input`, `output`, `expected`). */
export function moduleCall(
  request: Pick<PlannedRequest, "messages" | "row" | "trial">,
  completion: Completion,
  facts: Pick<ScoreInput, "usage" | "latencyMs" | "cost">,
  { spec, options }: { readonly spec: ScorerSpec; readonly options: object },
): ModuleCall {
  const stated = options as ModuleOptions;
  const target = spec.target === "reasoning" ? completion.reasoning : completion.content;
  const told = {
    input: lastUserText(request.messages),
    output: target,
    ...(stated.expected === undefined ? {} : { expected: stated.expected }),
    messages: request.messages,
    answer: completion.content,
    reasoning: completion.reasoning,
    tool_calls: completion.toolCalls,
    refusal: completion.refusal,
    finish_reason: completion.finishReason,
    usage: facts.usage,
    latency_ms: facts.latencyMs,
    variables: request.row.variables,
    row_id: request.row.id,
    trial: request.trial,
    choice: completion.choice,
    options: stated.options ?? null,
  };
  const key = contentId({ module: spec.moduleDigest ?? "", ...told }, 24);
  return { key, spec, options: stated, input: { ...told, cost: facts.cost } };
}

/** The modules among the scorers of a row, those whose options could be filled. */
export function modulesOf(
  scorers: readonly RenderedScorer[],
): readonly (RenderedScorer & { options: object })[] {
  return scorers.flatMap((scorer) =>
    scorer.spec.type === "module" && scorer.options !== null ? [{ ...scorer, options: scorer.options }] : [],
  );
}

function lastUserText(messages: PlannedRequest["messages"]): string {
  const content = messages.filter(({ role }) => role === "user").at(-1)?.content;
  return typeof content === "string" ? content : content === undefined ? "" : JSON.stringify(content);
}
