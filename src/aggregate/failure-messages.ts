import type { Failure } from "../outcome/failure.ts";
import type { SummaryTotals } from "./summary-shape.ts";

const mostKept = 200;
const mostShown = 10;

/** Counts equal failures. Of messages that are all different only the first 200 are told apart. */
export class FailureMessages {
  readonly #counts = new Map<string, { readonly kind: string; readonly message: string; count: number }>();

  add({ kind, message }: Failure): void {
    const key = `${kind}\n${message}`;
    const known = this.#counts.get(key);
    if (known !== undefined) known.count++;
    else if (this.#counts.size < mostKept) this.#counts.set(key, { kind, message, count: 1 });
  }

  /** The most frequent first, at most ten. */
  list(): SummaryTotals["failure_messages"] {
    return [...this.#counts.values()].sort((a, b) => b.count - a.count).slice(0, mostShown);
  }
}
