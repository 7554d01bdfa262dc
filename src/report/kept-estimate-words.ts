import type { CostSum, KeptEstimate, Summary } from "../aggregate/summary-shape.ts";
import { costWords, countWords, plural } from "./number-words.ts";

/**
 * What was estimated beside what came: `estimated 1.20 CNY, cost 1.13 CNY (−6 %); prompt tokens −0.4 %`. Only a run
 * whose requests were all asked can be compared; null without an estimate.
 */
export function estimateLine(summary: Summary): string | null {
  const { estimate, totals } = summary;
  if (estimate === null) return null;
  if (estimate.requests !== totals.requests)
    return `the estimate was for ${plural(estimate.requests, "request")}, the run has ${countWords(totals.requests)}: not compared`;
  if (totals.pending > 0) {
    const expected = estimate.cost.map((sum) => expectedWords(sum)).join(" + ");
    const what = expected === "" ? `${countWords(estimate.prompt_tokens)} prompt tokens` : expected;
    return `estimated ${what} for the whole run: not compared while ${plural(totals.pending, "request")} of ${countWords(totals.requests)} ${totals.pending === 1 ? "is" : "are"} not asked`;
  }
  const parts = [...costParts(estimate, totals.cost), ...tokenParts(summary, estimate)];
  if (parts.length === 0) return null;
  const failed = totals.failed === 0 ? "" : `; ${plural(totals.failed, "failed request")} not in it`;
  const assumed = estimate.from === null ? "; how long answers are was assumed" : "";
  return `${parts.join("; ")}${failed}${assumed}`;
}

type ExpectedSum = KeptEstimate["cost"][number];

function expectedWords({ currency, expected, complete }: ExpectedSum): string {
  return costWords({ currency, amount: expected, complete });
}

function costParts(estimate: KeptEstimate, sums: readonly CostSum[]): readonly string[] {
  return estimate.cost.flatMap((sum) => {
    const actual = sums.find(({ currency }) => currency === sum.currency);
    if (actual === undefined) return [`estimated ${expectedWords(sum)}, cost unknown`];
    if (actual.amount === 0 && sum.expected === 0) return [];
    const change = sum.complete && actual.complete ? inBrackets(changeOf(actual.amount, sum.expected)) : "";
    return [`estimated ${expectedWords(sum)}, cost ${costWords(actual)}${change}`];
  });
}

/** Tokens can be compared where every answer told them. */
function tokenParts({ variants, totals }: Summary, estimate: KeptEstimate): readonly string[] {
  const told = (name: "prompt_tokens" | "completion_tokens"): boolean =>
    variants.every((variant) => variant[name].known === variant.answered);
  const changes = [
    {
      name: "prompt tokens",
      change: changeOf(totals.prompt_tokens, estimate.prompt_tokens),
      known: told("prompt_tokens"),
    },
    {
      name: "completion tokens",
      change: changeOf(totals.completion_tokens, estimate.completion_tokens.expected),
      known: told("completion_tokens"),
    },
  ].filter(({ change, known }) => known && change !== null);
  return changes.length === 0 ? [] : [changes.map(({ name, change }) => `${name} ${change}`).join(", ")];
}

/** `−6 %`, `+0.4 %`; null where there is nothing to compare with. */
function changeOf(actual: number | null, expected: number): string | null {
  if (actual === null || expected === 0) return null;
  const percent = (actual / expected - 1) * 100;
  const shown = Math.abs(percent).toFixed(Math.abs(percent) < 0.95 ? 1 : 0);
  if (Number(shown) === 0) return "±0 %";
  return `${percent < 0 ? "−" : "+"}${shown} %`;
}

function inBrackets(words: string | null): string {
  return words === null ? "" : ` (${words})`;
}
