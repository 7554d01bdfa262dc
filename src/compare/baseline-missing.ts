import { type MissingPolicy, missingShare } from "./arm.ts";
import { promptFailures } from "./gate.ts";
import { passRate } from "./metric.ts";
import type { Side } from "./side.ts";

const policy: MissingPolicy = { promptFailuresCount: true, missing: [] };

/**
 * What of a whole side is missing, as gates on the pass rate see it: never asked, failed for no fault of the prompt,
 * or answered and not to be scored. Where no scorer is required, an answer is enough.
 */
export function missingOf(side: Side): {
  readonly share: number;
  readonly missing: number;
  readonly requests: number;
} {
  const rows = Array.from(side.rows, (_row, i) => i);
  const variants = Array.from(side.variants, (_variant, i) => i);
  if (side.required.length > 0) return missingShare({ side, variants }, passRate, policy, rows);
  let requests = 0;
  let missing = 0;
  const own: readonly string[] = promptFailures;
  for (const variant of side.variants) {
    const lost = [...variant.missing.failed].flatMap(([kind, counts]) =>
      own.includes(kind) ? [] : [counts],
    );
    if (variant.missing.pending !== null) lost.push(variant.missing.pending);
    requests += sum(variant.requests);
    missing += lost.reduce((total, counts) => total + sum(counts), 0);
  }
  return { share: requests === 0 ? 1 : missing / requests, missing, requests };
}

function sum(counts: Int32Array): number {
  return counts.reduce((total, count) => total + count, 0);
}
