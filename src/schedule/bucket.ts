/** What a bucket allows itself in one go. */
export interface BucketShape {
  /** Units a minute. */
  readonly perMinute: number;
  /** Seconds of budget that may be spent at once. */
  readonly burstSeconds: number;
  /** Seconds of budget that may come together when reservations turn out too large. */
  readonly creditSeconds: number;
}

/**
 * A token bucket, empty at the start but for one unit: spends evenly what a minute allows. What is larger than the burst
 * goes into debt instead of waiting for ever. Time is handed in, in milliseconds of a clock; one that steps back stands
 * still, one that leaps ahead fills no more than the burst.
 */
export class Bucket {
  #perMs = 0;
  #burst = 1;
  #credit = 1;
  #level: number;
  #at: number;

  constructor(shape: BucketShape, now: number) {
    this.#at = now;
    this.reshape(shape, now);
    this.#level = Math.min(1, this.#burst);
  }

  /** Changes the rate; what was spent stays spent. */
  reshape({ perMinute, burstSeconds, creditSeconds }: BucketShape, now: number): void {
    this.#refill(now);
    this.#perMs = perMinute / 60_000;
    this.#burst = Math.max(1, this.#perMs * burstSeconds * 1_000);
    this.#credit = Math.max(this.#burst, this.#perMs * creditSeconds * 1_000);
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

  /** Gives back what a reservation was too large by, or, negative, takes what it was too small by. */
  giveBack(amount: number, now: number): void {
    this.#refill(now);
    this.#level = Math.min(Math.max(this.#credit, this.#level), this.#level + amount);
  }

  /** Spends what has gathered: after a pause everything starts evenly. */
  drain(now: number): void {
    this.#refill(now);
    this.#level = Math.min(0, this.#level);
  }

  #refill(now: number): void {
    const elapsed = Math.max(0, now - this.#at);
    this.#at = Math.max(this.#at, now);
    if (this.#level < this.#burst) this.#level = Math.min(this.#burst, this.#level + elapsed * this.#perMs);
  }
}
