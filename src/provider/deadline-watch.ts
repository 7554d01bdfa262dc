import { type Linked, LinkedList } from "../system/linked-list.ts";
import type { Timeouts } from "./endpoint.ts";

/** Something that ends itself when one of its limits has passed. */
export interface Watched extends Linked<Watched> {
  check(now: number): void;
  /** Ends itself now. */
  cancel(): void;
}

/** One coarse timer for all exchanges of a client: a timer for each would cost more than the exchange. */
export class DeadlineWatch {
  readonly #clock: () => number;
  readonly #tickMs: number;
  readonly #watched = new LinkedList<Watched>();
  #timer: NodeJS.Timeout | null = null;

  /** Looks at everything every eighth of the shortest limit, within 5 and 250 ms. */
  constructor(timeouts: Timeouts, clock: () => number) {
    const limits = [timeouts.connectMs, timeouts.firstTokenMs, timeouts.idleMs, timeouts.totalMs];
    const shortest = Math.min(...limits.filter((limit) => limit !== null));
    this.#tickMs = Math.min(250, Math.max(5, shortest / 8));
    this.#clock = clock;
  }

  add(exchange: Watched): void {
    this.#watched.add(exchange);
    this.#timer ??= setInterval(() => this.#tick(), this.#tickMs);
  }

  delete(exchange: Watched): void {
    this.#watched.delete(exchange);
  }

  /** Everything watched at this moment. */
  all(): readonly Watched[] {
    return [...this.#watched];
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.#watched.clear();
  }

  #tick(): void {
    const now = this.#clock();
    for (const exchange of this.all()) exchange.check(now);
    // Stopping the timer here and not in delete() spares a client that sends one by one a timer each.
    if (this.#watched.size === 0) this.stop();
  }
}
