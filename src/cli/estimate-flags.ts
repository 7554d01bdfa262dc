import type { Argv } from "yargs";
import { durationMs } from "../config/duration.ts";
import type { EstimatedSum, RunEstimate } from "../cost/estimate-shape.ts";
import { UsageError } from "../errors.ts";
import type { Flags } from "./cli.ts";
import { planFlags } from "./flags.ts";

/** Flags of `promptgrid estimate`, besides those of every command. */
export function estimateFlags(command: Argv): Argv {
  return planFlags(command)
    .positional("matrix", { type: "string", demandOption: true, describe: "YAML, JSON or CSV file" })
    .option("from", {
      type: "string",
      describe: "take the length of answers from an earlier run: a directory, or `latest`",
    })
    .option("budget", {
      type: "string",
      array: true,
      describe: "exit 1 when more is expected than this, such as cost=20CNY,time=30m",
    })
    .requiresArg(["from", "budget"]);
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

const hint = "`--budget cost=20CNY`, `requests=5000`, `tokens=2000000`, `time=30m`; several with commas";

/** The limits that `--budget` states. Throws UsageError for what is none. */
export function estimateBudgets(flags: Flags): readonly EstimateBudget[] {
  const given: readonly unknown[] = flags.budget === undefined ? [] : [flags.budget].flat();
  return given.flatMap((one) =>
    String(one)
      .split(",")
      .map((written) => readBudget(written.trim())),
  );
}

function readBudget(written: string): EstimateBudget {
  const [, name = "", value = ""] = /^([a-z]+)\s*=\s*(.+)$/.exec(written) ?? [];
  const limit = readLimit(name, value);
  if (limit === null) throw new UsageError("cli/budget", `\`--budget ${written}\` is no limit`, { hint });
  return { written, limit };
}

function readLimit(name: string, value: string): EstimateBudget["limit"] | null {
  if (name === "cost") {
    const [, digits, currency] = /^(\d+(?:\.\d+)?|\.\d+)\s*([A-Za-z]{3})?$/.exec(value) ?? [];
    return digits === undefined
      ? null
      : { kind: "cost", amount: Number(digits), currency: currency?.toUpperCase() ?? null };
  }
  if (name === "time") {
    const ms = durationMs(value);
    return ms === null ? null : { kind: "time", seconds: ms / 1_000 };
  }
  if (name !== "requests" && name !== "tokens") return null;
  return /^\d{1,15}$/.test(value) ? { kind: name, count: Number(value) } : null;
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
      const sum = sumFor(estimate, budget, limit.currency);
      if (sum.expected > limit.amount) return [{ budget, expected: sum.expected, currency: sum.currency }];
      if (!sum.complete) throw unpriced(estimate, budget);
      return [];
    }
    const { totals, seconds } = estimate;
    const used = {
      requests: totals.requests,
      tokens: totals.prompt_tokens + totals.completion_tokens.expected,
      time: seconds,
    }[limit.kind];
    const most = limit.kind === "time" ? limit.seconds : limit.count;
    return used > most ? [{ budget, expected: used, currency: null }] : [];
  });
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

function unpriced({ assumptions }: RunEstimate, budget: EstimateBudget): UsageError {
  return new UsageError(
    "estimate/unknown-price",
    `\`--budget ${budget.written}\` cannot be held against an unknown price: ${assumptions.unpriced.join(", ")}`,
    { hint: "state the price under `prices` of the matrix" },
  );
}
