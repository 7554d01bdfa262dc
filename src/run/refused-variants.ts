import { failureRecord, journalVersion, type VariantRecord } from "../journal/record.ts";
import type { PlannedRequest } from "../plan/plan.ts";
import { partAt, type SendPart } from "../plan/send-order.ts";
import type { EndedAttempt } from "../schedule/scheduler.ts";
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
  /** Requests that were left out because their variant was refused or in doubt, and how many of them were taken back. */
  readonly #skipped = new Map<number, { readonly positions: number[]; taken: number }>();

  constructor(options: RefusedVariantsOptions) {
    this.#options = options;
  }

  /** Whether the request at a position is of a variant that is refused or in doubt; it is remembered as left out then. */
  skips(position: number): boolean {
    if (!this.#refusals.any) return false;
    const variant = this.#variantAt(position);
    if (!this.#refusals.has(variant)) return false;
    const known = this.#skipped.get(variant);
    if (known === undefined) this.#skipped.set(variant, { positions: [position], taken: 0 });
    else known.positions.push(position);
    return true;
  }

  /** A request that was left out and whose variant was answered after all; -1 for none. */
  reclaimed(variants: readonly number[]): number {
    if (this.#skipped.size === 0) return -1;
    for (const variant of variants) {
      const left = this.#skipped.get(variant);
      if (left === undefined || this.#refusals.has(variant)) continue;
      const position = left.positions[left.taken++];
      if (position !== undefined) return position;
      this.#skipped.delete(variant);
    }
    return -1;
  }

  /** The request at a position is being sent. */
  sent(position: number): void {
    this.#refusals.sent(this.#variantAt(position), position);
  }

  #variantAt(position: number): number {
    const { plan, offset, variantOffset } = partAt(this.#options.order, position);
    return variantOffset + plan.coordinates(position - offset).variantIndex;
  }

  /** Takes note of how an attempt ended. What is in flight when its variant is refused ends as it may. */
  note(part: OpenSessionPart, request: PlannedRequest, { outcome, final }: EndedAttempt): void {
    const { parts, order, shared, clock, listener } = this.#options;
    const { variant, variantIndex, row } = request;
    const { variantOffset = 0, offset = 0 } = order[parts.indexOf(part)] ?? {};
    const number = variantOffset + variantIndex;
    const failure = this.#refusals.note(
      { variant: number, position: offset + request.index, rowId: row.id, outcome, isFinal: final },
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
    const isAskedForBoth = part === candidate && shared !== null && isShared(variant, shared);
    if (isAskedForBoth) base?.journal.append(record);
    listener({ kind: "refused", variant: variant.label, reason: failure.message });
  }
}

/** Whether any request of a variant is asked for the base, too. */
function isShared({ offset, requests }: PlannedRequest["variant"], { baseOf }: SharedRequests): boolean {
  for (let index = offset; index < offset + requests; index++) if ((baseOf[index] ?? -1) >= 0) return true;
  return false;
}
