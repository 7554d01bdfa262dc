import { RollingCount } from "./rolling-count.ts";

/** How a server counts tokens: those used, the stated maximum until the answer is there, or the stated maximum for good. */
export type Charge = "usage" | "reserve" | "max_tokens";

/** What an attempt adds to each way of counting: in the beginning, and by how much its end changes that. */
export type Charged = Readonly<Record<Charge, number>>;

/** A refusal for tokens, as the lane sees it. */
export interface TokenRefusal {
  readonly limit: number;
  readonly excess: number;
  readonly isUsedUp: boolean;
  readonly isOften: boolean;
}

const ways: readonly Charge[] = ["usage", "reserve", "max_tokens"];
/** A way of counting that comes so near to the limit explains a refusal, and one that goes so far above it does not. */
const explains = 0.9;
const refuted = 1.25;
/** So much of the refusals must be explained by a way of counting; of at least so many, unless nothing is let through any more. */
const explainedShare = 0.5;
const leastEvidence = 6;
/** Share that an older refusal keeps when a new one comes. */
const memory = 0.95;
/** How long a finding is kept before it is doubted, and how much longer each time. */
const doubtAfterMs = 10 * 60_000;
const doubtGrowth = 3;
/** While in doubt, so much of the limit is tried, until more was let through than any bucket of a minute holds. */
const doubtShare = 1.5;
const mostSlack = 1.1;
const doubtEndsAfterMs = 5 * 60_000;
/** Refusals of a doubt that settle it. */
const enoughRefusals = 3;

/**
 * Finds out how a server counts tokens against its limit of a minute: three sums run side by side, and refusals below the
 * limit by the first, but near it by another, tell. A finding is doubted after a while: where the server lets through
 * more than it allows so, it counts otherwise. Time is handed in, in milliseconds.
 */
export class ChargeWatch {
  readonly #counts: Readonly<Record<Charge, RollingCount>>;
  readonly #fits: Record<Charge, number> = { usage: 0, reserve: 0, max_tokens: 0 };
  #evidence = 0;
  #charge: Charge = "usage";
  #settledAt = 0;
  #patienceMs: number = doubtAfterMs;
  #doubt: { readonly since: number; charged: number; refusals: number } | null = null;

  constructor(now: number) {
    const count = (): RollingCount => new RollingCount(60_000, 1_000, now);
    this.#counts = { usage: count(), reserve: count(), max_tokens: count() };
  }

  get charge(): Charge {
    return this.#charge;
  }

  /** Tokens of the last minute as the server counts them. */
  held(now: number): number {
    return this.#counts[this.#charge].total(now);
  }

  /** An attempt is sent; gives the slot by which `settle` finds it again. */
  take(charged: Charged, now: number): number {
    if (this.#doubt !== null) this.#doubt.charged += charged[this.#charge];
    this.#counts.reserve.add(charged.reserve, now);
    this.#counts.max_tokens.add(charged.max_tokens, now);
    return this.#counts.usage.add(charged.usage, now);
  }

  /** It ended: what was counted changes by so much. */
  settle(slot: number, change: Charged, now: number): void {
    if (this.#doubt !== null) this.#doubt.charged += change[this.#charge];
    for (const way of ways) this.#counts[way].correct(slot, change[way], now);
  }

  /** Share of the limit that is used: more than all of it while a finding is in doubt. */
  get share(): number {
    return this.#doubt === null ? 1 : doubtShare;
  }

  /**
   * A refusal for tokens at a limit that is known: `excess` is what those in flight will have used beyond what is counted
   * for them, `isUsedUp` says that nothing is let through any more, `isOften` that refusals are no chance. True when it was
   * found out that the server counts otherwise than was thought.
   */
  refused({ limit, excess, isUsedUp, isOften }: TokenRefusal, now: number): boolean {
    if (this.#doubt !== null && ++this.#doubt.refusals >= enoughRefusals) this.#confirm(now, doubtGrowth);
    const isBelow = this.held(now) + excess < explains * limit;
    const later = ways.slice(ways.indexOf(this.#charge) + 1);
    this.#evidence = this.#evidence * memory + 1;
    for (const way of later) {
      const total = this.#counts[way].total(now);
      // A server that let through far more than its limit by this way of counting does not count so.
      const fits = isBelow && total >= explains * limit && total <= refuted * limit;
      this.#fits[way] = this.#fits[way] * memory + (fits ? 1 : 0);
    }
    if (!(isBelow && (isUsedUp || (isOften && this.#evidence >= leastEvidence)))) return false;
    const found = later.find((way) => this.#fits[way] >= explainedShare * this.#evidence);
    if (found === undefined) return false;
    this.#change(found, now);
    return true;
  }

  /** The server's own words say how it counts. */
  adopt(charge: Charge, now: number): void {
    this.#change(charge, now);
  }

  /** An answer came at a limit that is known: true when the server is found to count what is used after all. */
  answered(limit: number, now: number): boolean {
    if (this.#charge === "usage") return false;
    if (this.#doubt === null) {
      if (now - this.#settledAt >= this.#patienceMs) this.#doubt = { since: now, charged: 0, refusals: 0 };
      return false;
    }
    const { since, charged } = this.#doubt;
    const elapsed = now - since;
    // What is given back when the answer is there is in no sum: there the last minute itself tells.
    const isRefuted =
      this.#charge === "reserve"
        ? elapsed >= 60_000 && this.held(now) > refuted * limit
        : charged >= limit * (elapsed / 60_000 + mostSlack);
    if (isRefuted) {
      this.#patienceMs *= doubtGrowth;
      this.#change("usage", now);
      return true;
    }
    if (elapsed > doubtEndsAfterMs) this.#confirm(now, 1);
    return false;
  }

  #confirm(now: number, growth: number): void {
    this.#doubt = null;
    this.#settledAt = now;
    this.#patienceMs *= growth;
  }

  #change(charge: Charge, now: number): void {
    this.#charge = charge;
    this.#settledAt = now;
    this.#doubt = null;
    this.#evidence = 0;
    for (const way of ways) this.#fits[way] = 0;
  }
}
