import type { BudgetSpec } from "../config/budget.ts";
import { isFree } from "../cost/cost-of.ts";
import { type OutputLimits, outputLimits } from "../cost/expected-completion.ts";
import type { Price } from "../cost/price.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { PlannedVariant } from "../plan/plan.ts";
import type { Prepared } from "./prepare.ts";
import { priceOf, statedCurrency } from "./price-of.ts";
import { providerSpec } from "./provider-spec.ts";

type Priced = Pick<Prepared, "config" | "prices" | "plan">;

/**
 * What forbids a budget: `cost` and `tokens` need a `max_tokens` for every variant, `cost` a known price and an amount in
 * its currency. Simulated models without a price cost nothing. `beside` is what is sent within the same budget.
 */
export function checkBudget(
  spec: BudgetSpec,
  prepared: Priced,
  beside: readonly Priced[] = [],
): readonly Diagnostic[] {
  const { plan } = prepared;
  if (spec.cost.length === 0 && spec.tokens === null) return [];
  const limits = plan.variants.map((variant) => [variant, limitsOf(variant, plan)] as const);
  const unlimited = limits
    .filter(([, { answerTokens }]) => answerTokens === null)
    .map(([variant]) => variant);
  const thinking = limits.filter(([, { openThinking: open }]) => open).map(([variant]) => variant);
  return [
    ...(unlimited.length === 0 ? [] : [noMaxTokens(spec, unlimited, prepared)]),
    ...(thinking.length === 0 ? [] : [openThinking(thinking, prepared)]),
    ...(spec.cost.length === 0 ? [] : checkPrices(spec, prepared, beside)),
  ];
}

/** The one currency that all prices of some plans have which are not free; null for none, and for several. */
export function budgetCurrency(all: readonly Priced[]): string | null {
  const [first, second] = currencies(all);
  return second === undefined ? (first ?? null) : null;
}

function currencies(all: readonly Priced[]): readonly string[] {
  const found = all.flatMap((prepared) =>
    prepared.plan.variants.flatMap((variant) => {
      const price = priceFor(prepared, variant);
      return price === null || isFree(price) ? [] : [price.currency];
    }),
  );
  return [...new Set(found)].sort();
}

/** Limits of a variant: those of its first request, or where rows fill them of the first that has none. */
function limitsOf(variant: PlannedVariant, plan: Prepared["plan"]): OutputLimits {
  const first = outputLimits(plan.request(variant.offset).parameters);
  if (first.answerTokens === null || !limitNames.some((name) => isTemplate(variant.parameters[name])))
    return first;
  for (let i = variant.offset; i < variant.offset + variant.requests; i += variant.trials) {
    const limits = outputLimits(plan.request(i).parameters);
    if (limits.answerTokens === null) return limits;
  }
  return first;
}

const limitNames = ["max_tokens", "max_completion_tokens"];

function isTemplate(value: unknown): boolean {
  return typeof value === "string" && /\{[{%]/.test(value);
}

function priceFor(prepared: Priced, { provider, parameters }: PlannedVariant): Price | null {
  return priceOf(prepared, provider, { model: String(parameters.model) });
}

function placed({ config }: Priced): Pick<Diagnostic, "place"> {
  const place = config.sources?.budget?.place;
  return place === undefined ? {} : { place };
}

function noMaxTokens(spec: BudgetSpec, variants: readonly PlannedVariant[], prepared: Priced): Diagnostic {
  const what = spec.cost.length > 0 ? "cost" : "tokens";
  return {
    code: "budget/max-tokens",
    severity: "error",
    message: `\`budget.${what}\` needs \`max_tokens\`: without it nobody knows what ${labels(variants)} may use at worst`,
    hint: "`parameters: { max_tokens: 1024 }`",
    ...placed(prepared),
  };
}

function openThinking(variants: readonly PlannedVariant[], prepared: Priced): Diagnostic {
  return {
    code: "budget/thinking",
    severity: "warning",
    message: `${labels(variants)} may think without limit: what it thinks beyond \`max_tokens\` is not in its stated worst case`,
    hint: "state a `thinking_budget`",
    ...placed(prepared),
  };
}

function checkPrices(spec: BudgetSpec, prepared: Priced, beside: readonly Priced[]): readonly Diagnostic[] {
  const { plan, config } = prepared;
  const unpriced = plan.variants.filter(
    (variant) =>
      priceFor(prepared, variant) === null && providerSpec(variant.provider, config)?.preset !== "simulator",
  );
  const found: Diagnostic[] = [];
  if (unpriced.length > 0) {
    const models = [
      ...new Set(unpriced.map(({ provider, parameters }) => `${provider}/${String(parameters.model)}`)),
    ];
    found.push({
      code: "budget/unknown-price",
      severity: "error",
      message: `\`budget.cost\` needs a price: that of ${listed(models.map((model) => `\`${model}\``))} is unknown`,
      hint: "state it under `prices`, or limit `tokens` and `requests` instead",
      ...placed(prepared),
    });
  }
  found.push(...templatedModels(prepared), ...statedOtherwise(prepared));
  const used = currencies([prepared, ...beside]);
  const stated = spec.cost.flatMap(({ currency }) => currency ?? []);
  const bare = spec.cost.find(({ currency }) => currency === null);
  const lacking = used.filter((currency) => !stated.includes(currency));
  if (bare !== undefined && used.length > 1) {
    found.push({
      code: "budget/currency",
      severity: "error",
      message: `\`budget.cost\` ${bare.amount} needs a currency: the prices are in ${listed(used)}`,
      hint: `one amount for each: \`cost: [${used.map((currency) => `${bare.amount} ${currency}`).join(", ")}]\``,
      ...placed(prepared),
    });
  } else if (bare === undefined && lacking.length > 0) {
    found.push({
      code: "budget/currency",
      severity: "error",
      message: `\`budget.cost\` says nothing of ${listed(lacking)}, in which some models are paid`,
      hint: "currencies are never converted: state an amount for each",
      ...placed(prepared),
    });
  }
  return found;
}

/** The name that a row gives has another price than the template's text. */
function templatedModels(prepared: Priced): readonly Diagnostic[] {
  const wrong = prepared.plan.variants.filter(({ parameters }) => isTemplate(parameters.model));
  if (wrong.length === 0) return [];
  return [
    {
      code: "budget/template-model",
      severity: "error",
      message: `\`budget.cost\` needs to know the model: rows fill that of ${labels(wrong)}`,
      hint: "make the models an axis of the grid, or limit `tokens` and `requests` instead",
      ...placed(prepared),
    },
  ];
}

/** A provider that states costs in another currency than the price: neither would be a limit of the other. */
function statedOtherwise(prepared: Priced): readonly Diagnostic[] {
  const wrong = prepared.plan.variants.find((variant) => {
    const stated = statedCurrency(prepared, variant.provider);
    const price = priceFor(prepared, variant);
    return stated !== null && price !== null && price.currency !== stated;
  });
  if (wrong === undefined) return [];
  return [
    {
      code: "budget/currency",
      severity: "error",
      message: `\`${wrong.provider}\` states its costs in ${statedCurrency(prepared, wrong.provider)}, and the price of \`${String(wrong.parameters.model)}\` is in another currency`,
      hint: "state the price in the currency in which the provider bills",
      ...placed(prepared),
    },
  ];
}

const mostNamed = 3;

function labels(variants: readonly PlannedVariant[]): string {
  return listed(variants.map(({ label }) => `\`${label}\``));
}

function listed(names: readonly string[]): string {
  const more = names.length - mostNamed;
  return more > 0 ? `${names.slice(0, mostNamed).join(", ")} and ${more} more` : names.join(" and ");
}
