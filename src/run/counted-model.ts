import { simulatedModel } from "../cost/token-counter.ts";
import type { Prepared } from "./prepare.ts";
import { providerSpec, sentModel } from "./provider-spec.ts";

/** The model whose tokenizer a request meets: the one behind an alias; simulated ones count alike, whatever their names. */
export function countedModel({ config }: Pick<Prepared, "config">, provider: string, model: string): string {
  const simulated = providerSpec(provider, config)?.preset === "simulator";
  return simulated ? simulatedModel : sentModel(provider, model, config);
}
