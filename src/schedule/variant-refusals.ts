import type { AttemptOutcome } from "../outcome/attempt.ts";
import type { Failure } from "../outcome/failure.ts";

/** Rows that must be refused in the same words before a variant is given up. */
export const rowsForRefusal = 3;

/** One attempt that ended, as far as its variant is concerned. */
export interface VariantAttempt {
  /** Number of the variant. */
  readonly variant: number;
  readonly rowId: string;
  readonly outcome: AttemptOutcome;
}

/** What is known of a variant that has not had an answer yet. */
interface Complaint {
  readonly message: string;
  readonly rows: Set<string>;
  requests: number;
}

/**
 * Finds variants that a server refuses as a whole, so that `current model does not support parameter` costs a few
 * requests and not a thousand. A variant is refused when nothing of it was ever answered and three requests were refused
 * as invalid in the same words: of three rows, or of all rows where there are fewer. Other words for each row speak of
 * the row, not of the variant. A pure decider; it sends nothing and keeps no time.
 */
export class VariantRefusals {
  readonly #complaints = new Map<number, Complaint>();
  readonly #answered = new Set<number>();
  readonly #refused = new Set<number>();

  /** Whether any variant is refused. */
  get any(): boolean {
    return this.#refused.size > 0;
  }

  has(variant: number): boolean {
    return this.#refused.has(variant);
  }

  /**
   * Takes note of an attempt. Gives the failure when it is the one that shows its variant to be refused, else null.
   * `rows` is how many rows the variant has; `answeredBefore` says whether earlier sessions had answers of it.
   */
  note(
    { variant, rowId, outcome }: VariantAttempt,
    rows: number,
    answeredBefore: () => boolean,
  ): Failure | null {
    if (this.#answered.has(variant) || this.#refused.has(variant)) return null;
    if (outcome.status === "ok") {
      this.#answered.add(variant);
      this.#complaints.delete(variant);
      return null;
    }
    const { failure } = outcome;
    if (failure.kind !== "invalid_request" || failure.retryable) return null;
    const known = this.#complaints.get(variant);
    const complaint =
      known?.message === failure.message
        ? known
        : { message: failure.message, rows: new Set<string>(), requests: 0 };
    complaint.rows.add(rowId);
    complaint.requests++;
    this.#complaints.set(variant, complaint);
    if (complaint.requests < rowsForRefusal || complaint.rows.size < Math.min(rowsForRefusal, rows))
      return null;
    this.#complaints.delete(variant);
    if (answeredBefore()) {
      this.#answered.add(variant);
      return null;
    }
    this.#refused.add(variant);
    return failure;
  }
}
