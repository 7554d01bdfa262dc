import type { AttemptOutcome } from "../outcome/attempt.ts";
import type { Failure } from "../outcome/failure.ts";

/** Rows that must be refused in the same words before a variant is given up. */
export const rowsForRefusal = 3;
/** The same where the words may speak of what a row holds: prompts that are too long. */
const rowsForOverflow = 10;

/** One attempt that ended, as far as its variant is concerned. */
export interface VariantAttempt {
  /** Number of the variant. */
  readonly variant: number;
  /** Position of the request. */
  readonly position: number;
  readonly rowId: string;
  readonly outcome: AttemptOutcome;
  /** Whether it is tried no more. */
  readonly isFinal: boolean;
}

/** Refusals in the same words. */
interface Complaint {
  readonly rows: Set<string>;
  requests: number;
}

/** What is known of a variant that has not had an answer yet. */
interface Suspect {
  /** Positions of requests in flight. */
  readonly inFlight: Set<number>;
  readonly complaints: Map<string, Complaint>;
  /** What was refused, and the requests that may still be answered: they were in flight then. */
  verdict: { readonly failure: Failure; readonly waitsFor: Set<number> } | null;
}

/** A prompt that is larger than the tokens of a minute: another one may not be. */
const tooLarge = /request too large/i;
/** Ids and figures differ from request to request and say nothing. */
const changing = /\(?request[ _-]?id:?[^)]*\)?|\b[0-9a-f]{8}[0-9a-f-]*\b|\d+/gi;

/**
 * Finds variants that a server refuses as a whole, so that `current model does not support parameter` costs a few
 * requests and not a thousand. A variant is refused when nothing of it was ever answered, three requests were refused
 * as invalid in the same words (but for ids and figures), of three rows, or of all rows where there are fewer, and all
 * that was in flight then has ended without an answer: refusals come sooner than answers. Until then it is in doubt, and
 * nothing more of it should be sent. Prompts that are too long must be ten. A pure decider; it sends nothing and keeps no
 * time.
 */
export class VariantRefusals {
  readonly #suspects = new Map<number, Suspect>();
  readonly #answered = new Set<number>();
  readonly #refused = new Set<number>();
  /** How many suspects have a verdict that waits. */
  #inDoubt = 0;

  /** Whether any variant is refused or in doubt. */
  get any(): boolean {
    return this.#refused.size > 0 || this.#inDoubt > 0;
  }

  /** Whether nothing more of a variant should be sent: it is refused, or that will be seen when what is in flight has ended. */
  has(variant: number): boolean {
    return (
      this.#refused.has(variant) ||
      (this.#inDoubt > 0 && (this.#suspects.get(variant)?.verdict ?? null) !== null)
    );
  }

  /** A request of a variant is being sent. */
  sent(variant: number, position: number): void {
    if (!this.#answered.has(variant)) this.#suspect(variant).inFlight.add(position);
  }

  /**
   * Takes note of an attempt. Gives the failure when it is the one that shows its variant to be refused, else null.
   * `rows` is how many rows the variant has; `answeredBefore` says whether earlier sessions had answers of it. An answer
   * takes a refusal back.
   */
  note(
    { variant, position, rowId, outcome, isFinal }: VariantAttempt,
    rows: number,
    answeredBefore: () => boolean,
  ): Failure | null {
    if (this.#answered.has(variant)) return null;
    if (outcome.status === "ok") return this.#acquit(variant);
    // What is tried again may still be answered; what was cancelled says nothing.
    if (this.#refused.has(variant) || !isFinal || outcome.failure.kind === "cancelled") return null;
    const suspect = this.#suspect(variant);
    suspect.inFlight.delete(position);
    suspect.verdict?.waitsFor.delete(position);
    if (suspect.verdict === null) {
      suspect.verdict = verdictOf(suspect, rowId, outcome.failure, rows);
      if (suspect.verdict === null) return null;
      this.#inDoubt++;
    }
    if (suspect.verdict.waitsFor.size > 0) return null;
    if (answeredBefore()) return this.#acquit(variant);
    this.#forget(variant);
    this.#refused.add(variant);
    return suspect.verdict.failure;
  }

  #suspect(variant: number): Suspect {
    const known = this.#suspects.get(variant);
    if (known !== undefined) return known;
    const suspect: Suspect = { inFlight: new Set(), complaints: new Map(), verdict: null };
    this.#suspects.set(variant, suspect);
    return suspect;
  }

  #acquit(variant: number): null {
    this.#answered.add(variant);
    this.#forget(variant);
    this.#refused.delete(variant);
    return null;
  }

  #forget(variant: number): void {
    if ((this.#suspects.get(variant)?.verdict ?? null) !== null) this.#inDoubt--;
    this.#suspects.delete(variant);
  }
}

function verdictOf(
  { complaints, inFlight }: Suspect,
  rowId: string,
  failure: Failure,
  rows: number,
): Suspect["verdict"] {
  const { kind, message, retryable } = failure;
  if (retryable || (kind !== "invalid_request" && kind !== "context_overflow")) return null;
  const words = message.replace(changing, "#");
  const complaint = complaints.get(words) ?? { rows: new Set<string>(), requests: 0 };
  complaints.set(words, complaint);
  complaint.rows.add(rowId);
  complaint.requests++;
  const isOfRows = kind === "context_overflow" || tooLarge.test(message);
  const wanted = isOfRows ? rowsForOverflow : rowsForRefusal;
  if (complaint.requests < wanted || complaint.rows.size < Math.min(wanted, rows)) return null;
  return { failure, waitsFor: new Set(inFlight) };
}
