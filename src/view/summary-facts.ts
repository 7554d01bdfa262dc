import { costWords, estimateWords } from "../report/number-words.ts";
import { listOf, member, numberOf, readJson, textOf } from "./read-json.ts";
import type { RunLine } from "./run-line.ts";

/** What a line takes from `summary.json`. */
export type SummaryFacts = Pick<RunLine, "requests" | "answered" | "failed" | "best" | "cost" | "verdict">;

/** Reads `summary.json`, whatever stands in it. Throws an Error in plain English where it is no summary. */
export function readSummaryFacts(path: string): SummaryFacts {
  const summary = readJson(path, "summary.json");
  const totals = member(summary, "totals");
  const count = (name: string): number | null => numberOf(member(totals, name));
  if (count("requests") === null) throw new Error("summary.json is no summary");
  const verdict = textOf(member(summary, "verdict"));
  return {
    requests: count("requests"),
    answered: count("answered"),
    failed: count("failed"),
    best: bestRate(summary),
    cost: costOf(member(totals, "cost")),
    verdict: verdict === "none" ? null : verdict,
  };
}

/** The best variant as the report names it; where it names none, the first with the highest pass rate. */
function bestRate(summary: unknown): RunLine["best"] {
  const best = member(summary, "best");
  const variants = listOf(member(summary, "variants"));
  const rates = variants.map((variant) => ({ variant, rate: member(variant, "pass_rate") }));
  const named =
    member(best, "metric") === "pass_rate"
      ? { variant: best, rate: best }
      : rates.reduce<(typeof rates)[number] | null>(
          (top, one) => (rateOf(one.rate) > (top === null ? -1 : rateOf(top.rate)) ? one : top),
          null,
        );
  const value = numberOf(member(named?.rate, "value"));
  if (named === null || value === null) return null;
  const bound = (name: string): number | null => numberOf(member(named.rate, name));
  return {
    words: estimateWords({ value, low: bound("low"), high: bound("high"), n: bound("n") ?? 0 }),
    variant: textOf(member(named.variant, "variant")) ?? "",
  };
}

function rateOf(rate: unknown): number {
  return numberOf(member(rate, "value")) ?? -1;
}

/** Sums of all currencies; null where no price is known. */
function costOf(sums: unknown): string | null {
  const words = listOf(sums).flatMap((sum) => {
    const amount = numberOf(member(sum, "amount"));
    const currency = textOf(member(sum, "currency"));
    if (amount === null || currency === null) return [];
    return [costWords({ amount, currency, complete: member(sum, "complete") === true })];
  });
  return words.length === 0 ? null : words.join(" + ");
}
