import type { BudgetSpec } from "../config/budget.ts";
import { costWords, countWords, durationWords, timeWords } from "../report/number-words.ts";
import type { AxisUse } from "../schedule/budget.ts";

/** What a budget can say of itself. */
export interface BudgetState {
  readonly uses: readonly AxisUse[];
  /** By axis, the worst case of a request for which there was no room; NaN where it is not known. */
  readonly lacking: ReadonlyMap<string, number>;
}

/** Why nothing more was admitted, with the numbers: `the budget is used up: 4.93 of 5.00 CNY, …`. */
export function exhaustedWords({ uses, lacking }: BudgetState): string {
  const short = uses.filter(({ name }) => lacking.has(name));
  if (short.some(({ name }) => Number.isNaN(lacking.get(name))))
    return "the budget cannot hold a request whose worst case is not known: it has no `max_tokens`, or no price";
  const sentences = short.map(({ name, used, limit }) => {
    const next = lacking.get(name) ?? 0;
    if (name === "requests") return `${ofWords(name, used, limit)} were sent`;
    return `${ofWords(name, used, limit)} are used, and the next request may take ${amount(name, next)}`;
  });
  const untouched = uses.every(({ used }) => used === 0);
  return `${untouched ? "the budget is too small for a single request" : "the budget is used up"}: ${sentences.join("; ")}`;
}

/** Why a run ended with its time. */
export function timeUpWords(budget: BudgetSpec | undefined): string {
  const ms = budget?.timeMs ?? 0;
  return `the budget is used up: its time of ${ms < 1_000 ? timeWords(ms) : durationWords(ms / 1_000)} is over`;
}

/** How much of each limit is used: `4 072 of 1 000 000 tokens, 0.0318 of 0.06 CNY`. */
export function usedWords({ uses }: BudgetState): string {
  return uses.map(({ name, used, limit }) => ofWords(name, used, limit)).join(", ");
}

/** What servers used beyond the stated worst cases; null for nothing. */
export function beyondWords({ uses }: BudgetState): string | null {
  const over = uses.filter(({ beyond }) => beyond > 0);
  if (over.length === 0) return null;
  const amounts = over.map(({ name, beyond }) => amount(name, beyond)).join(" and ");
  const above = uses.filter(({ used, limit }) => used > limit * (1 + 1e-12));
  const broken = above.map(({ name, used, limit }) => ofWords(name, used, limit));
  return (
    `the server used ${amounts} more than the stated worst cases of its requests` +
    (broken.length === 0 ? "" : `; the budget is exceeded: ${broken.join(", ")}`)
  );
}

/** How much of an axis is used: `0.0318 of 0.06 CNY`. */
export function ofWords(axis: string, used: number, limit: number): string {
  const first = amount(axis, used);
  return `${first.slice(0, first.lastIndexOf(" "))} of ${amount(axis, limit)}`;
}

function amount(axis: string, value: number): string {
  if (axis === "requests") return `${countWords(value)} requests`;
  if (axis === "tokens") return `${countWords(value)} tokens`;
  return costWords({ amount: value, currency: axis, complete: true });
}
