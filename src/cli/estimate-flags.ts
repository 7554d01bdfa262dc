import type { Argv } from "yargs";
import { type BudgetSpec, readBudget } from "../config/budget.ts";
import type { EstimatedSum, RunEstimate } from "../cost/estimate-shape.ts";
import { UsageError } from "../errors.ts";
import type { Flags } from "./cli.ts";
import { budgetOf, planFlags } from "./flags.ts";

/** Flags of `promptgrid estimate`, besides those of every command. */
export function estimateFlags(command: Argv): Argv {
  return planFlags(command)
    .positional("matrix", { type: "string", demandOption: true, describe: "YAML, JSON or CSV file" })
    .option("from", {
      type: "string",
      describe: "take the length of answers from an earlier run: a directory, or `latest`",
    })
    .option("pilot", {
      type: "number",
      describe: "first send so many requests of each variant, which the later run keeps",
    })
    .option("batch", {
      type: "boolean",
      default: false,
      describe: "reckon with the batch API's discount",
    })
    .option("out", { alias: "o", type: "string", describe: "run directory of the pilot" })
    .option("yes", {
      alias: "y",
      type: "boolean",
      default: false,
      describe: "send a pilot however many requests it has",
    })
    .option("grace", {
      type: "string",
      default: "30s",
      describe: "how long requests of a pilot may take after Ctrl-C",
    })
    .option("budget", {
      type: "string",
      array: true,
      describe: "exit 1 when more is expected than this, such as cost=20CNY,time=30m; holds a pilot, too",
    })
    .requiresArg(["from", "budget", "pilot", "out", "grace"]);
}

/** What an estimate is held against. */
export interface EstimateBudget {
  /** As written, for messages. */
  readonly written: string;
  readonly limit:
    | { readonly kind: "cost"; readonly amount: number; readonly currency: string | null }
    | { readonly kind: "requests" | "tokens"; readonly count: number }
    | { readonly kind: "time"; readonly seconds: number };
}

/** The limits that `--budget` states. Throws UsageError for what is none. */
export function estimateBudgets(flags: Flags): readonly EstimateBudget[] {
  const written = budgetOf(flags);
  return written === null ? [] : limitsOf(readBudget(written).budget);
}

/** A budget as a list of limits. */
export function limitsOf({ cost, requests, tokens, timeMs }: BudgetSpec): readonly EstimateBudget[] {
  return [
    ...cost.map(({ amount, currency }): EstimateBudget => {
      return { written: `cost=${amount}${currency ?? ""}`, limit: { kind: "cost", amount, currency } };
    }),
    ...(requests === null
      ? []
      : [{ written: `requests=${requests}`, limit: { kind: "requests", count: requests } } as const]),
    ...(tokens === null
      ? []
      : [{ written: `tokens=${tokens}`, limit: { kind: "tokens", count: tokens } } as const]),
    ...(timeMs === null
      ? []
      : [
          { written: `time=${shortTime(timeMs)}`, limit: { kind: "time", seconds: timeMs / 1_000 } } as const,
        ]),
  ];
}

function shortTime(ms: number): string {
  return ms % 60_000 === 0 ? `${ms / 60_000}m` : `${ms / 1_000}s`;
}

/** A limit that the expected use is above, in numbers. */
export interface Excess {
  readonly budget: EstimateBudget;
  /** What is expected of it: money, requests, tokens or seconds. */
  readonly expected: number;
  /** Null for what is no money. */
  readonly currency: string | null;
}

/**
 * The limits that the expected use is above. Throws UsageError where that cannot be said: the price of a model is
 * unknown, or the currency of the limit is not that of the prices.
 */
export function excesses(estimate: RunEstimate, budgets: readonly EstimateBudget[]): readonly Excess[] {
  return budgets.flatMap((budget): readonly Excess[] => {
    const { limit } = budget;
    if (limit.kind === "cost") {
      // Nobody bills for simulated answers.
      if (estimate.totals.cost.length === 0 && isSimulatedOnly(estimate)) return [];
      const sum = sumFor(estimate, budget, limit.currency);
      const expected = sum.expected + judgingCost(estimate, sum.currency);
      if (expected > limit.amount) return [{ budget, expected, currency: sum.currency }];
      if (!(sum.complete || isSimulatedOnly(estimate)) || hasUnpricedJudge(estimate))
        throw unpriced(estimate, budget);
      return [];
    }
    const { totals, seconds, judging } = estimate;
    const used = {
      requests: totals.requests + total(judging.map(({ verdicts }) => verdicts)),
      tokens:
        totals.prompt_tokens +
        totals.completion_tokens.expected +
        total(judging.map((judge) => judge.prompt_tokens + judge.completion_tokens)),
      time: seconds,
    }[limit.kind];
    const most = limit.kind === "time" ? limit.seconds : limit.count;
    return used > most ? [{ budget, expected: used, currency: null }] : [];
  });
}

/** The limits of which it can be said whether the expected use is above: simulated models may have no price. */
export function tellable(
  { totals }: RunEstimate,
  budgets: readonly EstimateBudget[],
): readonly EstimateBudget[] {
  return budgets.filter(({ limit }) => {
    if (limit.kind !== "cost") return true;
    const sums = totals.cost.filter(({ currency }) => limit.currency === null || limit.currency === currency);
    return sums.length === 1 && sums[0]?.complete === true;
  });
}

/** Currencies of the estimate for which a budget of money has no amount. */
export function unlimited({ totals }: RunEstimate, budgets: readonly EstimateBudget[]): readonly string[] {
  const stated = budgets.flatMap(({ limit }) => (limit.kind === "cost" ? [limit.currency] : []));
  if (stated.length === 0 || stated.includes(null)) return [];
  return totals.cost
    .filter(({ currency, expected }) => expected > 0 && !stated.includes(currency))
    .map(({ currency }) => currency);
}

/** Judges spend of the same budget. */
function judgingCost({ judging }: RunEstimate, currency: string): number {
  return total(judging.map(({ cost }) => (cost?.currency === currency ? cost.amount : 0)));
}

function hasUnpricedJudge({ judging, assumptions }: RunEstimate): boolean {
  return judging.some(({ provider, cost }) => cost === null && !assumptions.simulated.includes(provider));
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0);
}

/** Whether all models without a known price are simulated. */
function isSimulatedOnly({ assumptions: { unpriced: names, simulated } }: RunEstimate): boolean {
  return names.length > 0 && names.every((name) => simulated.some((key) => name.startsWith(`${key}/`)));
}

function sumFor(estimate: RunEstimate, budget: EstimateBudget, currency: string | null): EstimatedSum {
  const { cost } = estimate.totals;
  const currencies = cost.map((sum) => sum.currency);
  if (cost.length === 0) throw unpriced(estimate, budget);
  if (currency === null && cost.length > 1)
    throw new UsageError(
      "estimate/currency",
      `\`--budget ${budget.written}\` needs a currency: the prices are in ${currencies.join(" and ")}`,
      { hint: currencies.map((name) => `\`${budget.written}${name}\``).join(" or ") },
    );
  const sum = cost.find((one) => currency === null || one.currency === currency);
  if (sum !== undefined) return sum;
  throw new UsageError(
    "estimate/currency",
    `\`--budget ${budget.written}\` has another currency than the prices, which are in ${currencies.join(" and ")}`,
    { hint: "currencies are never converted: state the limit in the currency of the prices" },
  );
}

function unpriced({ assumptions, judging }: RunEstimate, budget: EstimateBudget): UsageError {
  const judges = judging.flatMap(({ provider, model, cost }) =>
    cost === null ? [`${provider}/${model}`] : [],
  );
  const names = [...new Set([...assumptions.unpriced, ...judges])];
  return new UsageError(
    "estimate/unknown-price",
    names.length === 0
      ? `\`--budget ${budget.written}\` cannot be held against requests of one variant with prices in several currencies`
      : `\`--budget ${budget.written}\` cannot be held against an unknown price: ${names.join(", ")}`,
    {
      hint:
        names.length === 0
          ? "limit `requests` and `tokens` instead"
          : "state the price under `prices` of the matrix",
    },
  );
}
