import type { BudgetSpec } from "../config/budget.ts";
import { outputLimits } from "../cost/expected-completion.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { ScorerSpec } from "../score/scorer.ts";
import type { Prepared } from "./prepare.ts";
import { priceOf } from "./price-of.ts";
import { providerSpec } from "./provider-spec.ts";

type Judged = Pick<Prepared, "config" | "scoring" | "prices">;

/** What forbids a budget that judges share: `cost` and `tokens` need their `max_tokens`, `cost` their price. */
export function checkJudgeBudget(spec: BudgetSpec, judged: Judged): readonly Diagnostic[] {
  if (spec.cost.length === 0 && spec.tokens === null) return [];
  const what = spec.cost.length > 0 ? "cost" : "tokens";
  const place = judged.config.sources?.budget?.place;
  const at = place === undefined ? {} : { place };
  return judged.scoring.specs
    .filter(({ type }) => type === "judge")
    .flatMap((judge): readonly Diagnostic[] => {
      const open = outputLimits(parametersOf(judge)).answerTokens === null;
      const unpriced = spec.cost.length > 0 && isUnpriced(judge, judged);
      return [
        ...(open
          ? [
              {
                code: "budget/max-tokens",
                severity: "error" as const,
                message: `\`budget.${what}\` needs \`max_tokens\`: without it nobody knows what the judge \`${judge.id}\` may use at worst`,
                hint: "`parameters: { max_tokens: 512 }` of the scorer",
                ...at,
              },
            ]
          : []),
        ...(unpriced
          ? [
              {
                code: "budget/unknown-price",
                severity: "error" as const,
                message: `\`budget.cost\` needs a price: that of \`${String(judge.options.provider)}/${String(judge.options.model)}\`, which judges, is unknown`,
                hint: "state it under `prices`, or limit `tokens` and `requests` instead",
                ...at,
              },
            ]
          : []),
      ];
    });
}

function parametersOf({ options }: ScorerSpec): Readonly<Record<string, unknown>> {
  const { parameters } = options;
  return typeof parameters === "object" && parameters !== null
    ? (parameters as Readonly<Record<string, unknown>>)
    : {};
}

function isUnpriced({ options }: ScorerSpec, { config, prices }: Judged): boolean {
  const provider = String(options.provider);
  if (providerSpec(provider, config)?.preset === "simulator") return false;
  return priceOf({ config, prices }, provider, { model: String(options.model) }) === null;
}
