import type { GateSpec } from "../compare/gate.ts";
import { selectVariants } from "../compare/select-variants.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Prepared } from "./prepare.ts";
import { priceOf, statedCurrency } from "./price-of.ts";

/** Gates on costs that nobody will know: they are going to be invalid, which is better said before the run. */
export function checkPricedGates(
  gates: readonly GateSpec[],
  prepared: Pick<Prepared, "config" | "prices" | "plan">,
): readonly Diagnostic[] {
  const { variants } = prepared.plan;
  return gates.flatMap((gate): readonly Diagnostic[] => {
    if (gate.metric.quantity !== "cost") return [];
    const judged =
      gate.variants === null
        ? variants
        : selectVariants(variants, gate.variants).flatMap((i) => variants[i] ?? []);
    const unpriced = judged.flatMap(({ provider, parameters }) => {
      const model = String(parameters.model);
      return priceOf(prepared, provider, { model }) === null && statedCurrency(prepared, provider) === null
        ? [`\`${provider}/${model}\``]
        : [];
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
