import type { Plan, PlannedVariant } from "../plan/plan.ts";

/**
 * The models that a variant asks, as the matrix calls them: its own, or where rows fill the name every one that they
 * give, each once, in the order of the plan.
 */
export function variantModels(variant: PlannedVariant, plan: Plan): readonly string[] {
  const { offset, requests, trials, parameters, parametersTemplate } = variant;
  const model = String(parameters.model);
  if (!/\{[{%]/.test(model)) return [model];
  const step = parametersTemplate.variables.includes("trial") ? 1 : trials;
  const names = new Set<string>();
  for (let i = offset; i < offset + requests; i += step) names.add(String(plan.request(i).parameters.model));
  return [...names];
}
