/** Amounts of a budget's axes, in their order: requests, tokens, money of one currency. */
export type Amounts = readonly number[];

/** One thing that a budget limits. */
export interface BudgetAxis {
  /** `requests`, `tokens`, or a currency. */
  readonly name: string;
  readonly limit: number;
}

/** What has become of one axis. */
export interface AxisUse {
  readonly name: string;
  readonly limit: number;
  readonly used: number;
  /** What came of requests beyond their stated worst case. */
  readonly beyond: number;
}

/** Sums of binary fractions miss by less than this share: no reason to refuse the last request. */
const tolerance = 1e-12;

/**
 * What may still be spent. A request is admitted when its worst case, with those of all that are in flight, still fits
 * on every axis; when it ends, its worst case makes room for what it really used. As long as no request uses more than
 * its worst case, `used` never exceeds a limit.
 */
export class Budget {
  readonly #axes: readonly BudgetAxis[];
  readonly #used: number[];
  readonly #reserved: number[];
  readonly #beyond: number[];
  #inFlight = 0;

  /** `used` is what was spent before. */
  constructor(axes: readonly BudgetAxis[], used: Amounts = []) {
    this.#axes = axes;
    this.#used = axes.map((_, i) => used[i] ?? 0);
    this.#reserved = axes.map(() => 0);
    this.#beyond = axes.map(() => 0);
  }

  /** Names of the axes on which a request does not fit now; empty admits it. An unknown worst case is NaN: it never fits. */
  lacking(worst: Amounts): readonly string[] {
    return this.#axes
      .filter(({ limit }, i) => {
        const wanted = (this.#used[i] ?? 0) + (this.#reserved[i] ?? 0) + (worst[i] ?? Number.NaN);
        return !(wanted <= limit * (1 + tolerance));
      })
      .map(({ name }) => name);
  }

  /** Takes a request's worst case until it ends. */
  reserve(worst: Amounts): void {
    this.#inFlight++;
    this.#add(this.#reserved, worst, 1);
  }

  /** Ends a request: gives its worst case back and takes what it used. */
  settle(worst: Amounts, actual: Amounts): void {
    this.#inFlight--;
    this.#add(this.#reserved, worst, -1);
    // What adding and taking away leaves of fractions must not grow over a long run.
    if (this.#inFlight === 0) this.#reserved.fill(0);
    this.#add(this.#used, actual, 1);
    this.#axes.forEach((_, i) => {
      const more = (actual[i] ?? 0) - (worst[i] ?? 0);
      if (more > (worst[i] ?? 0) * tolerance) this.#beyond[i] = (this.#beyond[i] ?? 0) + more;
    });
  }

  /** How each axis stands; what is in flight is not in it. */
  get uses(): readonly AxisUse[] {
    return this.#axes.map(({ name, limit }, i) => ({
      name,
      limit,
      used: this.#used[i] ?? 0,
      beyond: this.#beyond[i] ?? 0,
    }));
  }

  #add(sums: number[], amounts: Amounts, sign: 1 | -1): void {
    this.#axes.forEach((_, i) => {
      sums[i] = (sums[i] ?? 0) + sign * (amounts[i] ?? 0);
    });
  }
}
