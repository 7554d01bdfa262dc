import { failureRecord, journalVersion, type VariantRecord } from "../journal/record.ts";
import type { AttemptOutcome } from "../outcome/attempt.ts";
import type { PlannedRequest } from "../plan/plan.ts";
import { partAt, type SendPart } from "../plan/send-order.ts";
import { VariantRefusals } from "../schedule/variant-refusals.ts";
import type { Clock } from "../system/clock.ts";
import type { RunListener } from "./events.ts";
import type { OpenSessionPart } from "./session-part.ts";
import type { SharedRequests } from "./shared-requests.ts";

/** What a session knows of its sides. */
export interface RefusedVariantsOptions {
  readonly parts: readonly OpenSessionPart[];
  /** How the parts are numbered through. */
  readonly order: readonly SendPart[];
  readonly shared: SharedRequests | null;
  readonly clock: Clock;
  readonly listener: RunListener;
}

/** The variants of a session that a server refuses as a whole: found, journaled, told, and not sent any further. */
export class RefusedVariants {
  readonly #options: RefusedVariantsOptions;
  readonly #refusals = new VariantRefusals();

  constructor(options: RefusedVariantsOptions) {
    this.#options = options;
  }

  /** Whether the request at a position is of a refused variant. */
  has(position: number): boolean {
    if (!this.#refusals.any) return false;
    const { plan, offset, variantOffset } = partAt(this.#options.order, position);
    return this.#refusals.has(variantOffset + plan.coordinates(position - offset).variantIndex);
  }

  /** Takes note of how an attempt ended. What is in flight when its variant is refused ends as it may. */
  note(part: OpenSessionPart, request: PlannedRequest, outcome: AttemptOutcome): void {
    const { parts, order, shared, clock, listener } = this.#options;
    const { variant, variantIndex, row } = request;
    const number = (order[parts.indexOf(part)]?.variantOffset ?? 0) + variantIndex;
    const failure = this.#refusals.note(
      { variant: number, rowId: row.id, outcome },
      variant.requests / variant.trials,
      () => part.index.answeredIn(variant.offset, variant.requests) > 0,
    );
    if (failure === null) return;
    const record: VariantRecord = {
      v: journalVersion,
      kind: "variant",
      event: "refused",
      at: clock.wall(),
      variant_id: variant.id,
      failure: failureRecord(failure),
    };
    part.journal.append(record);
    const [candidate, base] = parts;
    const isAskedForBoth = part === candidate && (shared?.baseOf[variant.offset] ?? -1) >= 0;
    if (isAskedForBoth) base?.journal.append(record);
    listener({ kind: "refused", variant: variant.label, reason: failure.message });
  }
}
