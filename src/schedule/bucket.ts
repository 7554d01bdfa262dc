/** Share of a stated limit that is used, so that the server's clock and ours need not agree. */
const margin = 0.97;
const burstSeconds = 2;

/**
 * A smoothed budget of one axis (requests or tokens per minute): a token bucket with a short burst that starts
 * empty but for one unit. What is larger than the burst goes into debt instead of waiting for ever. Time is handed in,
 * in milliseconds of a monotonic clock.
 */
export class Bucket {
  readonly #perMs: number;
  readonly #burst: number;
  #level: number;
  #at: number;

  /** `perMinute` is the limit as stated. */
  constructor(perMinute: number, now: number) {
    this.#perMs = (perMinute * margin) / 60_000;
    this.#burst = Math.max(1, this.#perMs * burstSeconds * 1_000);
    this.#level = Math.min(1, this.#burst);
    this.#at = now;
  }

  /** Milliseconds until `cost` may be taken; 0 is now. */
  waitMs(cost: number, now: number): number {
    this.#refill(now);
    const missing = Math.min(cost, this.#burst) - this.#level;
    return missing <= 1e-9 ? 0 : missing / this.#perMs;
  }

  /** Takes `cost`; the level may fall below 0. */
  take(cost: number, now: number): void {
    this.#refill(now);
    this.#level -= cost;
  }

  /** Gives back (or, negative, takes) what a reservation differed from the real cost. */
  settle(reserved: number, actual: number, now: number): void {
    this.#refill(now);
    this.#level = Math.min(this.#burst * 5, this.#level + reserved - actual);
  }

  #refill(now: number): void {
    const elapsed = Math.max(0, now - this.#at);
    this.#at = Math.max(this.#at, now);
    if (this.#level < this.#burst) this.#level = Math.min(this.#burst, this.#level + elapsed * this.#perMs);
  }
}
