import { judgeModels } from "./judge-calls.ts";
import type { Prepared } from "./prepare.ts";

/** Keys of the providers that a run asks: those of its variants, then those of its judges. */
export function usedProviders({ plan, scoring }: Pick<Prepared, "plan" | "scoring">): ReadonlySet<string> {
  return new Set([
    ...plan.variants.map(({ provider }) => provider),
    ...judgeModels({ scoring }).map(({ provider }) => provider),
  ]);
}
