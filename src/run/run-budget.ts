import { existsSync } from "node:fs";
import { join } from "node:path";
import type { BudgetSpec } from "../config/budget.ts";
import type { Billing } from "../cost/cost-of.ts";
import { loadTokenCounter } from "../cost/token-counter.ts";
import { UsageError } from "../errors.ts";
import { scanOutlines } from "../journal/reader.ts";
import { type AttemptOutline, recordedUsage } from "../journal/record.ts";
import type { PlannedRequest } from "../plan/plan.ts";
import { partAt } from "../plan/send-order.ts";
import { type Amounts, type AxisUse, Budget, type BudgetAxis } from "../schedule/budget.ts";
import type { Admission } from "../schedule/scheduler.ts";
import { BudgetMeter, type WorstCase } from "./budget-meter.ts";
import { budgetCurrency } from "./check-budget.ts";
import { JudgeBudget } from "./judge-budget.ts";
import type { Prepared } from "./prepare.ts";
import { runFiles } from "./run-directory.ts";

/** A plan whose requests a budget holds for, and the journal of what it used already. */
export interface BudgetPart {
  readonly prepared: Prepared;
  readonly directory: string;
  /** Position of its first request among those of all parts. */
  readonly offset: number;
}

/** The budget of a run while it is sent: over all its sessions, and both sides. */
export class RunBudget implements Admission {
  readonly #parts: readonly BudgetPart[];
  readonly #budget: Budget;
  readonly #meter: BudgetMeter;
  /** Of requests that are in flight, or next in their lane. */
  readonly #worst = new Map<number, WorstCase>();
  /** Of requests whose worst case was just reckoned. */
  readonly #rendered = new Map<number, PlannedRequest>();
  /** Requests for which there was no room when it was last asked for, with the axes that lacked it. */
  readonly #refused = new Map<number, readonly string[]>();
  readonly #axes: readonly BudgetAxis[];
  readonly #billing: Billing;

  constructor(
    parts: readonly BudgetPart[],
    axes: readonly BudgetAxis[],
    meter: BudgetMeter,
    used: Amounts,
    billing: Billing = {},
  ) {
    this.#billing = billing;
    this.#parts = parts;
    this.#axes = axes;
    this.#meter = meter;
    this.#budget = new Budget(axes, used);
  }

  admits(position: number): boolean {
    const lacking = this.#budget.lacking(this.#worstOf(position).amounts);
    if (lacking.length === 0) this.#refused.delete(position);
    else this.#refused.set(position, lacking);
    return lacking.length === 0;
  }

  take(position: number): void {
    this.#refused.delete(position);
    this.#budget.reserve(this.#worstOf(position).amounts);
  }

  /** An attempt ended: what it really used makes room for others. */
  end(position: number, request: PlannedRequest, record: AttemptOutline): void {
    const { prepared } = partAt(this.#parts, position);
    const worst = this.#worstOf(position);
    this.#budget.settle(
      worst.amounts,
      this.#meter.used(prepared, request.variant, record, () => worst.amounts),
    );
    this.#meter.learn(prepared, request, record, worst.promptTokens);
    this.#worst.delete(position);
  }

  /** A request that was taken is not asked after all. */
  release(position: number): void {
    const { amounts } = this.#worstOf(position);
    this.#budget.settle(
      amounts,
      amounts.map(() => 0),
    );
    this.#worst.delete(position);
  }

  get uses(): readonly AxisUse[] {
    return this.#budget.uses;
  }

  /** By axis, the least worst case among the requests for which there is no room; NaN where it is not known. */
  get lacking(): ReadonlyMap<string, number> {
    const least = new Map<string, number>();
    for (const [position, names] of this.#refused) {
      const { amounts } = this.#worstOf(position);
      for (const name of names) {
        const amount = amounts[this.#axes.findIndex((axis) => axis.name === name)] ?? Number.NaN;
        least.set(name, Math.min(least.get(name) ?? amount, amount));
      }
    }
    return least;
  }

  /** A request that is about to be sent: rendered once, for its worst case and for the wire. */
  request(position: number): PlannedRequest {
    const known = this.#rendered.get(position);
    this.#rendered.delete(position);
    return known ?? this.#planned(position);
  }

  #render(position: number): PlannedRequest {
    const request = this.#planned(position);
    this.#rendered.set(position, request);
    return request;
  }

  #planned(position: number): PlannedRequest {
    const { prepared, offset } = partAt(this.#parts, position);
    return prepared.plan.request(position - offset);
  }

  #worstOf(position: number): WorstCase {
    const known = this.#worst.get(position);
    if (known !== undefined) return known;
    const { prepared } = partAt(this.#parts, position);
    const worst = this.#meter.attempt ?? this.#meter.worst(prepared, this.#render(position), this.#billing);
    this.#worst.set(position, worst);
    return worst;
  }
}

/**
 * Opens the budget of a run, with what its earlier sessions used by their journals. Null where it limits nothing but
 * time. Counts tokens only where it must: the tokenizer is loaded for `tokens` and `cost` alone.
 */
export async function openBudget(
  spec: BudgetSpec,
  parts: readonly BudgetPart[],
  billing: Billing = {},
): Promise<RunBudget | null> {
  const axes = budgetAxes(
    spec,
    parts.map(({ prepared }) => prepared),
  );
  if (axes.length === 0) return null;
  const counts = axes.some(({ name }) => name !== "requests");
  const meter = new BudgetMeter(axes, counts ? await loadTokenCounter() : null);
  return new RunBudget(parts, axes, meter, usedBefore(parts, axes, meter), billing);
}

/** The same for the judges of some sides, with what answers and verdicts used before; made once the votes are known. */
export async function openJudgeBudget(
  spec: BudgetSpec,
  parts: readonly Omit<BudgetPart, "offset">[],
): Promise<((call: ConstructorParameters<typeof JudgeBudget>[2]) => JudgeBudget) | null> {
  const axes = budgetAxes(
    spec,
    parts.map(({ prepared }) => prepared),
  );
  if (axes.length === 0) return null;
  const counts = axes.some(({ name }) => name !== "requests");
  const meter = new BudgetMeter(axes, counts ? await loadTokenCounter() : null);
  const budget = new Budget(axes, usedBefore(parts, axes, meter));
  return (call) => new JudgeBudget(budget, meter, call);
}

function budgetAxes(spec: BudgetSpec, prepared: readonly Prepared[]): readonly BudgetAxis[] {
  return [
    ...(spec.requests === null ? [] : [{ name: "requests", limit: spec.requests }]),
    ...(spec.tokens === null ? [] : [{ name: "tokens", limit: spec.tokens }]),
    ...spec.cost.flatMap(({ amount, currency }) => {
      const name = currency ?? budgetCurrency(prepared);
      // Nothing that is asked costs anything.
      return name === null ? [] : [{ name, limit: amount }];
    }),
  ];
}

/** What an attempt used whose variant the plan no longer has: its price is not known any more. */
function usedAside(record: AttemptOutline, axes: readonly BudgetAxis[], sums: number[]): void {
  const usage = recordedUsage(record);
  if (axes.some(({ name }) => name !== "requests" && name !== "tokens") && usage !== null)
    throw new UsageError(
      "budget/set-aside",
      "the run holds answers of variants that the plan no longer has: what they cost cannot be told, nor what is left of `budget.cost`",
      { hint: "limit `tokens` and `requests` instead, or choose another `--out`" },
    );
  axes.forEach(({ name }, i) => {
    sums[i] = (sums[i] ?? 0) + (name === "requests" ? 1 : (usage?.totalTokens ?? 0));
  });
}

/** What the journals say was used; an answer that was taken from elsewhere cost this run nothing. */
function usedBefore(
  parts: readonly Omit<BudgetPart, "offset">[],
  axes: readonly BudgetAxis[],
  meter: BudgetMeter,
): Amounts {
  const sums = axes.map(() => 0);
  for (const { prepared, directory } of parts) {
    const variants = new Map(prepared.plan.variants.map((variant) => [variant.id, variant]));
    const journal = join(directory, runFiles.journal);
    if (!existsSync(journal)) continue;
    scanOutlines(journal, (record) => {
      if (record.kind === "score" && record.source === "judge") {
        const variant = { provider: record.provider, parameters: { model: record.model } };
        // What a lost verdict may have used is not known any more, and little.
        const nothing = (): Amounts => axes.map(() => 0);
        meter.used(prepared, variant, record, nothing).forEach((amount, i) => {
          sums[i] = (sums[i] ?? 0) + amount;
        });
        return;
      }
      if (record.kind !== "attempt" || record.reused_from !== undefined) return;
      const variant = variants.get(record.variant_id);
      if (variant === undefined) {
        usedAside(record, axes, sums);
        return;
      }
      const worst = (): Amounts => {
        const index = prepared.plan.locate(record.variant_id, record.row_id, record.trial);
        const billing = { batch: record.batch !== undefined };
        return index < 0 ? [] : meter.worst(prepared, prepared.plan.request(index), billing).amounts;
      };
      meter.used(prepared, variant, record, worst).forEach((amount, i) => {
        sums[i] = (sums[i] ?? 0) + amount;
      });
    });
  }
  return sums;
}
