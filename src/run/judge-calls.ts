import type { Completion } from "../outcome/completion.ts";
import { contentId } from "../plan/canonical-json.ts";
import type { PlannedRequest } from "../plan/plan.ts";
import type { JudgeOptions, VerdictFormat } from "../score/judge.ts";
import { type JudgeMessage, judgeMessages, judgeParameters } from "../score/judge-request.ts";
import type { RenderedScorer } from "../score/score-completion.ts";
import type { ScorerSpec } from "../score/scorer.ts";
import type { Prepared } from "./prepare.ts";
import { presetName } from "./provider-spec.ts";

/** A model that judges, and where it is asked. */
export interface JudgeModel {
  readonly provider: string;
  readonly model: string;
}

/** What a judge is asked about one completion. */
export interface JudgeCall extends JudgeModel {
  /** By vote: equal material has equal keys, whatever answer it belongs to. */
  readonly keys: readonly string[];
  readonly spec: ScorerSpec;
  readonly options: JudgeOptions;
  /** The text that is judged. */
  readonly material: string;
  readonly messages: readonly JudgeMessage[];
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** The models that judge, each once, in the order of the scorers. */
export function judgeModels({ scoring }: Pick<Prepared, "scoring">): readonly JudgeModel[] {
  const models = new Map<string, JudgeModel>();
  for (const { type, options } of scoring.specs) {
    if (type !== "judge") continue;
    const [provider, model] = [String(options.provider), String(options.model)];
    models.set(`${provider}\n${model}`, { provider, model });
  }
  return [...models.values()];
}

/** Whether some scorer is a judge. */
export function hasJudges({ scoring }: Pick<Prepared, "scoring">): boolean {
  return scoring.specs.some(({ type }) => type === "judge");
}

/** What a judge is asked about a completion; null for one that is not judged: its text went all into the reasoning. */
export function judgeCall(
  { config }: Pick<Prepared, "config">,
  request: Pick<PlannedRequest, "messages">,
  completion: Completion,
  { spec, options }: { readonly spec: ScorerSpec; readonly options: object },
): JudgeCall {
  const judge = options as JudgeOptions;
  const provider = judge.provider ?? config.provider; // always stated, once the scorers are compiled
  const target = spec.target === "reasoning" ? completion.reasoning : completion.content;
  const messages = judgeMessages(judge, { messages: request.messages, completion, target });
  const parameters = judgeParameters(judge, judge.format ?? knownFormat(presetName(provider, config)));
  const id = contentId({ judge: provider, parameters, messages }, 24);
  const keys = Array.from({ length: judge.votes ?? 1 }, (_, vote) => `${id}-${vote}`);
  return { provider, model: judge.model, keys, spec, options: judge, material: target, messages, parameters };
}

/** The judges among the scorers of a row, those whose options could be filled. */
export function judgesOf(
  scorers: readonly RenderedScorer[],
): readonly (RenderedScorer & { options: object })[] {
  return scorers.flatMap((scorer) =>
    scorer.spec.type === "judge" && scorer.options !== null ? [{ ...scorer, options: scorer.options }] : [],
  );
}

/** Providers whose references have structured outputs with a schema for all chat models, or an object of JSON at least. */
const formats: Readonly<Record<string, VerdictFormat>> = {
  openai: "json_schema",
  simulator: "json_schema",
  siliconflow: "json_object",
  "siliconflow-intl": "json_object",
  deepseek: "json_object",
  moonshot: "json_object",
};

function knownFormat(preset: string): VerdictFormat {
  return formats[preset] ?? "text";
}
