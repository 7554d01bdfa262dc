import type { SummaryTotals } from "../aggregate/summary-shape.ts";
import type { MaxFailed } from "../config/run-config.ts";

/** Why a run with so many failed requests could not be finished, in words; null while `max_failed` allows for them. */
export function tooManyFailed({ failed, requests }: SummaryTotals, most: MaxFailed): string | null {
  const allowed = "share" in most ? Math.floor(most.share * requests) : most.count;
  if (failed <= allowed) return null;
  const stated = "share" in most ? `${Math.round(most.share * 1e6) / 1e4}%` : String(most.count);
  return `${failed} of ${requests} requests failed, more than \`max_failed\` (${stated})`;
}
