import { durationMs } from "./duration.ts";

/** An amount that may be spent. */
export interface MoneyLimit {
  readonly amount: number;
  /** ISO 4217; null where none is stated: that of the prices, if they have one. */
  readonly currency: string | null;
}

/** What a run may use in all, over every session; null is without limit. */
export interface BudgetSpec {
  /** One for each currency; empty is without limit. Currencies are never converted. */
  readonly cost: readonly MoneyLimit[];
  /** Attempts sent. */
  readonly requests: number | null;
  /** Prompt and completion tokens together. */
  readonly tokens: number | null;
  readonly timeMs: number | null;
}

/** No limit at all. */
export const noBudget: BudgetSpec = { cost: [], requests: null, tokens: null, timeMs: null };

/** A `budget` as it is written, in the matrix or by `--budget`. */
export interface BudgetFile {
  readonly cost?: string | number | readonly (string | number)[] | undefined;
  readonly requests?: string | number | undefined;
  readonly tokens?: string | number | undefined;
  readonly time?: string | number | undefined;
}

export const budgetNames = ["cost", "requests", "tokens", "time"] as const;

/** One thing that is wrong with a budget: the key it stands under, and words. */
export interface BudgetProblem {
  readonly key: (typeof budgetNames)[number];
  readonly problem: string;
  readonly hint: string;
}

/** Takes a limit away that the matrix, or an earlier session, has set. */
const noLimit = "none";

const examples = {
  cost: "such as `5 CNY`, or `[5 CNY, 1 USD]` for several currencies",
  requests: "a whole number of at least 1, such as `20000` or `20k`",
  tokens: "a whole number of at least 1, such as `2000000` or `2M`",
  time: "such as `90s`, `30m`, `2h`",
} as const;

/** Reads a budget: the limits, and everything that is wrong with it. */
export function readBudget(written: BudgetFile): {
  readonly budget: BudgetSpec;
  readonly problems: readonly BudgetProblem[];
} {
  const problems: BudgetProblem[] = [];
  const wrong = (key: BudgetProblem["key"], problem: string): null => {
    problems.push({ key, problem, hint: examples[key] });
    return null;
  };
  const count = (key: "requests" | "tokens"): number | null => {
    const value = written[key];
    if (value === undefined || value === noLimit) return null;
    return countOf(value) ?? wrong(key, `\`${value}\` is no number of ${key}`);
  };
  const time = (value: string | number | undefined): number | null => {
    if (value === undefined || value === noLimit) return null;
    const ms = durationMs(value);
    return ms === null || ms <= 0 ? wrong("time", `\`${value}\` is no time`) : ms;
  };
  const amounts = written.cost === undefined ? [] : [written.cost].flat().filter((one) => one !== noLimit);
  const cost = amounts.flatMap((value) => {
    const money = moneyOf(value);
    if (money === null) wrong("cost", `\`${value}\` is no amount of money`);
    return money ?? [];
  });
  const twice = cost.find(
    ({ currency }, i) =>
      cost.findIndex((other) => other.currency === currency) !== i || (cost.length > 1 && currency === null),
  );
  if (twice !== undefined)
    wrong(
      "cost",
      twice.currency === null
        ? `\`${twice.amount}\` has no currency, and there are several amounts`
        : `there are two limits in ${twice.currency}`,
    );
  return {
    budget: { cost, requests: count("requests"), tokens: count("tokens"), timeMs: time(written.time) },
    problems,
  };
}

/** Whether a budget limits anything. */
export function hasBudget({ cost, requests, tokens, timeMs }: BudgetSpec): boolean {
  return cost.length > 0 || requests !== null || tokens !== null || timeMs !== null;
}

/** The keys of `--budget cost=5CNY,time=30m`, not read yet; null where the text is no such list. */
export function splitBudget(text: string): BudgetFile | null {
  const file: { -readonly [K in keyof BudgetFile]: BudgetFile[K] } = {};
  const amounts: string[] = [];
  for (const part of text.split(",")) {
    const [, key, value] = /^\s*([a-z]+)\s*=\s*(.*?)\s*$/.exec(part) ?? [];
    if (value === undefined || value === "") return null;
    if (key === "cost") amounts.push(value);
    else if (key === "requests" || key === "tokens" || key === "time") {
      if (file[key] !== undefined) return null;
      file[key] = value;
    } else return null;
  }
  return amounts.length === 0 ? file : { ...file, cost: amounts };
}

/**
 * A budget with the limits of another one in place of its own, key by key; amounts of money currency by currency, where each
 * names one.
 */
export function withLimits(written: BudgetFile, changes: BudgetFile): BudgetFile {
  const merged = { ...written, ...changes };
  if (changes.cost === undefined || written.cost === undefined) return merged;
  const [own, other] = [[written.cost].flat(), [changes.cost].flat()];
  const currencies = other.map((one) => moneyOf(one)?.currency ?? null);
  if (currencies.includes(null)) return merged;
  // An amount without a currency was for the only one there is.
  const kept = own.filter((one) => {
    const currency = moneyOf(one)?.currency ?? null;
    return currency !== null && !currencies.includes(currency);
  });
  return { ...merged, cost: [...kept, ...other] };
}

function moneyOf(written: string | number): MoneyLimit | null {
  const [, before, digits, after] =
    /^([A-Za-z]{3})?\s*(\d+(?:\.\d+)?|\.\d+)\s*([A-Za-z]{3})?$/.exec(String(written).trim()) ?? [];
  if (digits === undefined || (before !== undefined && after !== undefined)) return null;
  const amount = Number(digits);
  return amount >= 0 ? { amount, currency: (before ?? after)?.toUpperCase() ?? null } : null;
}

const multiples: Readonly<Record<string, number>> = { "": 1, k: 1e3, K: 1e3, m: 1e6, M: 1e6 };

function countOf(written: string | number): number | null {
  const [, digits, unit = ""] =
    /^(\d[\d_]*(?:\.\d+)?(?:e\d{1,2})?)\s*([kKmM])?$/.exec(String(written).trim()) ?? [];
  if (digits === undefined) return null;
  const exact = Number(digits.replaceAll("_", "")) * (multiples[unit] ?? 1);
  const count = Math.round(exact);
  // 2.3M is no whole number of binary fractions.
  return Number.isSafeInteger(count) && count >= 1 && Math.abs(exact - count) < 1e-6 ? count : null;
}
