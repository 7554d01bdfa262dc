import type { LimitAxis } from "../outcome/limit-axis.ts";
import { Bucket } from "./bucket.ts";
import { RollingCount } from "./rolling-count.ts";

/** What an attempt takes of a lane's axes, before it is sent or after it ended. */
export interface Amounts {
  readonly input: number;
  readonly output: number;
}

interface AxisKind {
  /** What of an attempt counts. */
  readonly amount: (amounts: Amounts) => number;
  readonly windowMs: number;
  readonly slotMs: number;
  /** Share of the limit that a window may hold: what tokens are in flight is not yet known. */
  readonly share: number;
  /** How evenly it is spent; null is not spread over its window. */
  readonly spread: { readonly burstSeconds: number; readonly creditSeconds: number } | null;
}

/** Share of a limit that is used, so that the server's clock and ours need not agree. */
export const limitMargin = 0.97;

const minute = { windowMs: 60_000, slotMs: 1_000 } as const;
const hour = { windowMs: 3_600_000, slotMs: 60_000, spread: null } as const;
const day = { windowMs: 86_400_000, slotMs: 900_000, spread: null } as const;
const requests = (): number => 1;
const tokens = ({ input, output }: Amounts): number => input + output;
const tokenShare = 0.985;
const tokenSpread = { burstSeconds: 1, creditSeconds: 3 } as const;

const tightenStep = 0.01;
const mostTightness = 0.03;
const loosenedAMinute = 0.003;

/** Every axis; a further one is a further line. A server that smooths by the second bears no more than a second's burst. */
export const axisKinds: Readonly<Record<LimitAxis, AxisKind>> = {
  rpm: { amount: requests, share: 1, ...minute, spread: { burstSeconds: 1, creditSeconds: 1 } },
  tpm: { amount: tokens, share: tokenShare, ...minute, spread: tokenSpread },
  itpm: { amount: ({ input }) => input, share: tokenShare, ...minute, spread: tokenSpread },
  otpm: { amount: ({ output }) => output, share: tokenShare, ...minute, spread: tokenSpread },
  rph: { amount: requests, share: 1, ...hour },
  rpd: { amount: requests, share: 1, ...day },
  tpd: { amount: tokens, share: 1, ...day },
};

/** Whether an axis counts tokens. */
export function countsTokens(axis: LimitAxis): boolean {
  return axisKinds[axis].amount !== requests;
}

/** What of some amounts an axis counts; 1 where it counts requests. */
export function axisAmount(axis: LimitAxis, amounts: Amounts): number {
  return axisKinds[axis].amount(amounts);
}

/** How long an axis counts, in milliseconds. */
export function axisWindowMs(axis: LimitAxis): number {
  return axisKinds[axis].windowMs;
}

/**
 * One limit of a lane over time: spent evenly where it holds for a minute, and never more in its window than it allows,
 * as far as reservations are not exceeded. Time is handed in, in milliseconds.
 */
export class Axis {
  readonly name: LimitAxis;
  readonly #kind: AxisKind;
  readonly #count: RollingCount;
  readonly #bucket: Bucket | null;
  #limit: number;
  #tightness = 0;
  #tightenedAt = 0;

  constructor(name: LimitAxis, limit: number, now: number) {
    this.name = name;
    this.#kind = axisKinds[name];
    this.#limit = limit;
    this.#count = new RollingCount(this.#kind.windowMs, this.#kind.slotMs, now);
    const { spread } = this.#kind;
    this.#bucket = spread === null ? null : new Bucket({ perMinute: limit * limitMargin, ...spread }, now);
  }

  get limit(): number {
    return this.#limit;
  }

  setLimit(limit: number, now: number): void {
    this.#limit = limit;
    const { spread } = this.#kind;
    if (spread !== null) this.#bucket?.reshape({ perMinute: limit * limitMargin, ...spread }, now);
  }

  /** The limit was kept, and a request was refused: tokens in flight were more than expected. Wears off in minutes. */
  tighten(now: number): void {
    if (!countsTokens(this.name)) return;
    this.#tightness = Math.min(mostTightness, this.#tightnessNow(now) + tightenStep);
    this.#tightenedAt = now;
  }

  /** What its window holds. */
  held(now: number): number {
    return this.#count.total(now);
  }

  /** Adds what was taken before there was this axis. */
  addPast(amounts: Amounts & { readonly requests: number }, agoMs: number, now: number): void {
    const amount = countsTokens(this.name) ? this.#kind.amount(amounts) : amounts.requests;
    this.#count.addPast(amount, agoMs, now);
  }

  /**
   * Milliseconds until so much may be taken; `excess` is what those in flight will likely have taken beyond what was
   * reserved for them. What is more than the limit waits for an empty window.
   */
  waitMs(amounts: Amounts, excess: Amounts, now: number): number {
    const cost = this.#kind.amount(amounts);
    const most = this.#limit * (this.#kind.share - this.#tightnessNow(now));
    const more = countsTokens(this.name) ? this.#kind.amount(excess) : 0;
    const room = Math.max(0, most - Math.min(cost, most) - more);
    return Math.max(this.#bucket?.waitMs(cost, now) ?? 0, this.#count.waitMs(room, now));
  }

  /** Takes, and gives the slot by which `settle` finds it again. */
  take(amounts: Amounts, now: number): number {
    const cost = this.#kind.amount(amounts);
    this.#bucket?.take(cost, now);
    return this.#count.add(cost, now);
  }

  /** What was reserved becomes what was used. Requests stay what they are. */
  settle(slot: number, reserved: Amounts, used: Amounts, now: number): void {
    const less = this.#kind.amount(reserved) - this.#kind.amount(used);
    if (less === 0) return;
    this.#bucket?.giveBack(less, now);
    this.#count.correct(slot, -less, now);
  }

  #tightnessNow(now: number): number {
    return Math.max(0, this.#tightness - ((now - this.#tightenedAt) / 60_000) * loosenedAMinute);
  }

  /** Starts evenly again, as after a pause. */
  drain(now: number): void {
    this.#bucket?.drain(now);
  }
}
