import type { JudgeRecord } from "../journal/record.ts";
import type { AxisUse, Budget } from "../schedule/budget.ts";
import type { Admission } from "../schedule/scheduler.ts";
import type { BudgetMeter, WorstCase } from "./budget-meter.ts";
import type { JudgeCall } from "./judge-calls.ts";
import type { Prepared } from "./prepare.ts";

/** What is left of a run's budget, for its judges. */
export class JudgeBudget implements Admission {
  readonly #budget: Budget;
  readonly #meter: BudgetMeter;
  readonly #call: (index: number) => { readonly call: JudgeCall; readonly prepared: Prepared };
  readonly #worst = new Map<number, WorstCase>();

  constructor(
    budget: Budget,
    meter: BudgetMeter,
    call: (index: number) => { readonly call: JudgeCall; readonly prepared: Prepared },
  ) {
    this.#budget = budget;
    this.#meter = meter;
    this.#call = call;
  }

  admits(index: number): boolean {
    return this.#budget.lacking(this.#worstOf(index).amounts).length === 0;
  }

  take(index: number): void {
    this.#budget.reserve(this.#worstOf(index).amounts);
  }

  /** An attempt ended: what it really used makes room for others. */
  end(index: number, record: JudgeRecord): void {
    const { call, prepared } = this.#call(index);
    const worst = this.#worstOf(index);
    const request = { variant: { provider: call.provider, parameters: { model: call.model } }, ...call };
    this.#budget.settle(
      worst.amounts,
      this.#meter.used(prepared, request.variant, record, () => worst.amounts),
    );
    this.#meter.learn(prepared, request, record, worst.promptTokens);
    this.#worst.delete(index);
  }

  get uses(): readonly AxisUse[] {
    return this.#budget.uses;
  }

  #worstOf(index: number): WorstCase {
    const known = this.#worst.get(index);
    if (known !== undefined) return known;
    const { call, prepared } = this.#call(index);
    const variant = { provider: call.provider, parameters: { model: call.model } };
    const worst = this.#meter.attempt ?? this.#meter.worst(prepared, { variant, ...call });
    this.#worst.set(index, worst);
    return worst;
  }
}
