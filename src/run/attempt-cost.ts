import type { Cost } from "../aggregate/result.ts";
import type { Billing } from "../cost/cost-of.ts";
import type { AttemptOutcome } from "../outcome/attempt.ts";
import type { Prepared } from "./prepare.ts";
import { usageCost } from "./price-of.ts";
import { providerSpec } from "./provider-spec.ts";

/** What an attempt cost. */
export interface AttemptCost {
  /** Null where it used nothing, nothing that its server told, or has no known price. */
  readonly cost: Cost | null;
  /** It used tokens at a price that is not known. */
  readonly isUnpriced: boolean;
}

/** What an attempt cost by the usage that its server told, whether it was answered or broke. */
export function attemptCost(
  prepared: Pick<Prepared, "config" | "prices">,
  provider: string,
  parameters: Readonly<Record<string, unknown>>,
  outcome: AttemptOutcome,
  billing: Billing = {},
): AttemptCost {
  const usage = outcome.status === "ok" ? outcome.answer.usage : (outcome.usage ?? null);
  if (usage === null) return { cost: null, isUnpriced: false };
  const cost = usageCost(prepared, provider, parameters, usage, billing);
  const isSimulated = providerSpec(provider, prepared.config)?.preset === "simulator";
  return { cost, isUnpriced: cost === null && !isSimulated };
}
