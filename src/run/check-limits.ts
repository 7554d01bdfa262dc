import type { RunConfig } from "../config/run-config.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/nearest.ts";
import type { Plan } from "../plan/plan.ts";
import { fitsPattern } from "./lanes.ts";
import { providerSpec } from "./provider-spec.ts";

/** Limits of models or providers that the plan does not have: a typo there would overrun an account in silence. */
export function checkLimits(plan: Plan, config: RunConfig): readonly Diagnostic[] {
  const { limits } = config;
  const providers = [...new Set(plan.variants.map(({ provider }) => provider))];
  const models = [...new Set(plan.variants.map(({ parameters }) => String(parameters.model)))];
  const unused = (what: "models" | "providers", name: string, names: readonly string[]): Diagnostic => {
    const close = nearest(name, names);
    return {
      code: "plan/unused-limit",
      severity: "warning",
      message: `\`limits.${what}.${name}\` fits no ${what === "models" ? "model" : "provider"} of the plan`,
      hint: close === null ? `the plan has ${names.slice(0, 5).join(", ")}` : `did you mean \`${close}\`?`,
    };
  };
  return [
    ...Object.keys(limits.providers)
      .filter((key) => !providers.includes(key) && providerSpec(key, config) === null)
      .map((key) => unused("providers", key, providers)),
    ...Object.keys(limits.models)
      .filter((pattern) => !models.some((model) => fitsPattern(pattern, model)))
      .map((pattern) => unused("models", pattern, models)),
  ];
}
