import { LostTally } from "../aggregate/lost-tally.ts";
import { unknownUsage } from "../outcome/completion.ts";
import type { JournalIndex } from "./journal-index.ts";
import type { Prepared } from "./prepare.ts";
import { usageCost } from "./price-of.ts";

/**
 * The attempts without an answer that may have been billed, by variant id, at the prices of the run. What the server did
 * not state is of unknown cost, except where the model is free.
 */
export function lostAttempts(prepared: Prepared, index: JournalIndex): ReadonlyMap<string, LostTally> {
  const { plan } = prepared;
  const tallies = new Map([...index.lostAttempts.keys()].map((id) => [id, new LostTally()]));
  const untold = new Map(index.lostAttempts);
  for (const { index: position, usage, batch } of index.lostUsage) {
    const { variant, parameters } = plan.request(position);
    tallies.get(variant.id)?.add(usageCost(prepared, variant.provider, parameters, usage, { batch }), true);
    untold.set(variant.id, (untold.get(variant.id) ?? 0) - 1);
  }
  for (const { id, provider, parameters } of plan.variants) {
    const cost = usageCost(prepared, provider, parameters, unknownUsage);
    for (let left = untold.get(id) ?? 0; left > 0; left--) tallies.get(id)?.add(cost, false);
  }
  return tallies;
}
