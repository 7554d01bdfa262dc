import type { CostSum, Summary, VariantSummary } from "../aggregate/summary-shape.ts";
import { costWords, countWords, plural } from "./number-words.ts";

/** Money that was spent: `free` where it is 0 for certain, else as in `costWords`. */
export function paidWords(cost: CostSum | null): string {
  return cost !== null && cost.amount === 0 && cost.complete ? "free" : costWords(cost);
}

/** Sums of several currencies: `1.20 CNY + 0.31 USD`; `free` for nothing but certain zeros; null where none is known. */
export function paidSums(sums: readonly CostSum[]): string | null {
  const [first] = sums;
  if (first === undefined) return null;
  const amounts = sums.filter(({ amount }) => amount > 0);
  return amounts.length === 0 ? paidWords(first) : amounts.map(costWords).join(" + ");
}

/** An amount that belongs to a variant, in its currency; a dash where it is unknown. */
export function variantMoney(amount: number | null, { cost }: VariantSummary): string {
  return paidWords(
    amount === null || cost === null ? null : { amount, currency: cost.currency, complete: true },
  );
}

/**
 * Where money and tokens went, as far as the sums alone do not say it: reused answers, attempts that brought nothing,
 * tokens out of the cache and for reasoning. None where there is nothing to say.
 */
export function spendingNotes(summary: Summary): readonly string[] {
  return [...summary.run.notes, ...reusedNote(summary), ...lostNote(summary), ...tokenNote(summary)];
}

function reusedNote({ totals: { spent } }: Summary): readonly string[] {
  if (!spent.reused.some(({ amount }) => amount > 0)) return [];
  const bought = paidSums(spent.bought);
  const had = `reused answers are worth ${paidSums(spent.reused)}`;
  return [bought === null ? `${had}, which earlier runs paid` : `${had}; this run paid ${bought}`];
}

/** Nobody bills for simulated answers, nor for free models. */
function lostNote({ totals, variants, run }: Summary): readonly string[] {
  const { attempts, known, cost } = totals.spent.lost;
  const real = variants.some((one) => one.lost_attempts > 0 && !run.simulated.includes(one.provider));
  const free = cost.length > 0 && cost.every(({ amount, complete }) => amount === 0 && complete);
  if (attempts === 0 || !real || free) return [];
  const head = `${plural(attempts, "attempt")} without an answer may have been billed`;
  const amounts = cost.filter(({ amount }) => amount > 0).map((sum) => costWords({ ...sum, complete: true }));
  if (amounts.length === 0) return [`${head}; ${attempts === 1 ? "its" : "their"} cost is unknown`];
  const all = known === attempts && cost.every(({ complete }) => complete);
  return [`${head}: ${amounts.join(" + ")}${all ? "" : " known"}`];
}

function tokenNote({ totals, variants }: Summary): readonly string[] {
  const { prompt_tokens: prompt, completion_tokens: completion } = totals;
  const { cached_tokens: cached, reasoning_tokens: reasoning } = totals;
  const parts = [
    ...(cached !== null && cached > 0
      ? [
          `${countWords(cached)} of ${countWords(prompt)} prompt tokens came out of a cache${shareOf(cached, prompt, variants, "cached_tokens", "prompt_tokens")}`,
        ]
      : []),
    ...(reasoning !== null && reasoning > 0
      ? [
          `${countWords(reasoning)} of ${countWords(completion)} completion tokens were reasoning${shareOf(reasoning, completion, variants, "reasoning_tokens", "completion_tokens")}`,
        ]
      : []),
  ];
  return parts.length === 0 ? [] : [parts.join(", ")];
}

type TokenName = "cached_tokens" | "prompt_tokens" | "reasoning_tokens" | "completion_tokens";

/** ` (37 %)`; empty where some request told only one of the two. */
function shareOf(
  part: number,
  whole: number | null,
  variants: readonly VariantSummary[],
  partName: TokenName,
  wholeName: TokenName,
): string {
  const alike = variants.every((one) => one[partName].known === one[wholeName].known);
  return alike && whole !== null && whole > 0 ? ` (${percentWords(part / whole)})` : "";
}

/** Part of a variant's tokens with its share: `1 234 (37 %)`. */
export function partWords(variant: VariantSummary, part: TokenName, whole: TokenName): string {
  const { sum } = variant[part];
  return sum === null
    ? countWords(null)
    : `${countWords(sum)}${shareOf(sum, variant[whole].sum, [variant], part, whole)}`;
}

function percentWords(share: number): string {
  const percent = share * 100;
  return `${percent > 0 && percent < 1 ? "< 1" : percent < 100 && percent > 99 ? "> 99" : percent.toFixed(0)} %`;
}
