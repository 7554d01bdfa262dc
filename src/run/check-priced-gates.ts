import type { GateSpec, VariantSelector } from "../compare/gate.ts";
import { selectVariants } from "../compare/select-variants.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { PlannedVariant } from "../plan/plan.ts";
import type { Prepared } from "./prepare.ts";
import { priceOf, statedCurrency } from "./price-of.ts";
import { variantModels } from "./variant-models.ts";

/** Gates on costs that nobody will know: they are going to be invalid, which is better said before the run. */
export function checkPricedGates(
  gates: readonly GateSpec[],
  prepared: Pick<Prepared, "config" | "prices" | "plan">,
): readonly Diagnostic[] {
  const { variants } = prepared.plan;
  return gates.flatMap((gate): readonly Diagnostic[] => {
    if (gate.metric.quantity !== "cost") return [];
    const selected = (selector: VariantSelector | null): readonly PlannedVariant[] =>
      selector === null ? [] : selectVariants(variants, selector).flatMap((i) => variants[i] ?? []);
    const needed =
      gate.variants === null ? variants : [...selected(gate.variants), ...selected(gate.against)];
    const unpriced = needed.flatMap((variant) => {
      const { provider } = variant;
      if (statedCurrency(prepared, provider) !== null) return [];
      return variantModels(variant, prepared.plan)
        .filter((model) => priceOf(prepared, provider, { model }) === null)
        .map((model) => `\`${provider}/${model}\``);
    });
    if (unpriced.length === 0) return [];
    const models = [...new Set(unpriced)];
    const named = models.slice(0, 3).join(", ");
    const more = models.length > 3 ? ` and ${models.length - 3} more` : "";
    return [
      {
        code: "gates/unknown-price",
        severity: "warning",
        message: `the price of ${named}${more} is unknown: a gate on \`${gate.metric.name}\` will be invalid`,
        hint: "state it under `prices`",
        ...(gate.place === null ? {} : { place: gate.place }),
      },
    ];
  });
}
