import type { LimitHints } from "../outcome/attempt.ts";
import type { Usage } from "../outcome/completion.ts";
import { type LimitAxis, limitAxes } from "../outcome/limit-axis.ts";
import { type Amounts, Axis, axisAmount, axisWindowMs, countsTokens } from "./axis.ts";
import { type Charge, ChargeWatch } from "./charge-watch.ts";
import { LearnedLimit } from "./learned-limit.ts";
import { RollingCount } from "./rolling-count.ts";
import type { SharedPace } from "./shared-pace.ts";
import { type Demand, TokenLearner } from "./token-learner.ts";

/** Limits by axis; what is absent is not limited. */
export type Limits = Readonly<Partial<Record<LimitAxis, number>>>;

/** What was taken for an attempt. */
export interface Reservation {
  readonly at: number;
  readonly demand: Demand | null;
  readonly expected: Amounts;
  readonly most: Amounts;
  /** What the axes of tokens hold for it. */
  readonly reserved: Amounts;
  readonly charge: Charge;
  readonly share: number;
  readonly slots: ReadonlyMap<Axis, number>;
  readonly slot: number;
}

/** A limit of a minute, and what the last minute took of it. */
export interface LimitUse {
  readonly axis: LimitAxis;
  readonly used: number;
  readonly limit: number;
}

/** A change of what a lane knows of its limits, in words. */
export interface PaceChange {
  readonly event: "limit" | "charge";
  readonly axis: LimitAxis;
  readonly limit: number;
  readonly reason: string;
}

const nothing: Amounts = { input: 0, output: 0 };
const minute = { windowMs: 60_000, slotMs: 1_000 } as const;
/** A token refusal below this share of the limit is not explained by what was used. */
const wellBelow = 0.75;
/** More refusals of the last minute than these are no chance. */
const leastRefused = 8;
const refusedShare = 0.05;
/** So many refusals without one request let through mean that a limit is used up, and not a moment's chance. */
const usedUpInRow = 4;
/** A request counted by its `max_tokens`: the server's figure is about all of it, and far more than was expected. */
const toldShare = 0.8;
const farMore = 1.5;
/** Of a request of which nothing is known. */
const assumedTokens = 1_000;
/** No limit is learned below so many requests a minute: a lane that hardly sends learns nothing more. */
const leastAMinute = 6;

/** What a lane may send by its limits: stated ones, those of headers, and those that refusals taught. */
export class Pace {
  readonly #stated: Limits;
  readonly #shared: SharedPace | null;
  readonly #axes = new Map<LimitAxis, Axis>();
  readonly #learned = new Map<LimitAxis, LearnedLimit>();
  readonly #tokens: TokenLearner;
  /** Of the last minute. */
  readonly #sent: RollingCount;
  readonly #refusals: RollingCount;
  readonly #charges: ChargeWatch;
  /** What is in flight and was sent within the last minute. */
  readonly #young: RollingCount;
  /** Per attempt, for how long the rest takes. */
  #meanTokens: Amounts | null = null;

  /** `shared` are limits that other processes use up, too: a further condition. */
  constructor(stated: Limits, strict: boolean, now: number, shared: SharedPace | null = null) {
    this.#stated = stated;
    this.#shared = shared;
    this.#tokens = new TokenLearner(strict);
    const count = (): RollingCount => new RollingCount(minute.windowMs, minute.slotMs, now);
    this.#sent = count();
    this.#refusals = count();
    this.#young = count();
    this.#charges = new ChargeWatch(now);
    for (const name of limitAxes) {
      const limit = stated[name];
      if (limit !== undefined) this.#axes.set(name, new Axis(name, limit, now));
    }
  }

  /** Whether requests must say what tokens they take. */
  get needsTokens(): boolean {
    for (const name of this.#axes.keys()) if (countsTokens(name)) return true;
    return false;
  }

  /** Whether a limit is known for sure: stated by the user or the server. */
  isStated(axis: LimitAxis): boolean {
    return this.#axes.has(axis) && !this.#learned.has(axis);
  }

  get charge(): Charge {
    return this.#charges.charge;
  }

  /** What an earlier session took. */
  addPast(amounts: Amounts & { readonly requests: number }, agoMs: number, now: number): void {
    for (const axis of this.#axes.values())
      if (agoMs < axisWindowMs(axis.name)) axis.addPast(amounts, agoMs, now);
  }

  /** Milliseconds until a request may be sent, and the axis that it waits for; null for none. */
  wait(demand: Demand | null, now: number): { readonly ms: number; readonly axis: LimitAxis | null } {
    let ms = 0;
    let axis: LimitAxis | null = null;
    if (this.#axes.size === 0) return { ms, axis };
    const amounts = this.#amounts(demand);
    const excess = { input: 0, output: this.charge === "usage" ? this.#excess(now) : 0 };
    for (const [name, one] of this.#axes) {
      const waitMs = one.waitMs(amounts, excess, now);
      if (waitMs > 0) this.#learned.get(name)?.bind();
      if (waitMs > ms) {
        ms = waitMs;
        axis = name;
      }
    }
    // Room that is not used at once is lost to the others: it is asked for last.
    if (ms === 0 && this.#shared !== null) {
      const sharedMs = this.#shared.wait(amounts, now);
      if (sharedMs > 0) return { ms: sharedMs, axis: "rpm" };
    }
    return { ms, axis };
  }

  /** What the window of an axis holds; 0 where nothing limits it. */
  held(axis: LimitAxis, now: number): number {
    return this.#axes.get(axis)?.held(now) ?? 0;
  }

  /** The known limits of a minute. */
  uses(now: number): readonly LimitUse[] {
    return [...this.#axes.values()]
      .filter(({ name }) => axisWindowMs(name) === minute.windowMs)
      .map((axis) => ({ axis: axis.name, used: axis.held(now), limit: axis.limit }));
  }

  /** Takes what a request may need. */
  take(demand: Demand | null, now: number): Reservation {
    const expected = demand === null ? nothing : this.#tokens.expected(demand);
    const most = demand === null ? nothing : this.#tokens.most(demand);
    const { charge, share } = this.#charges;
    const reserved = charge === "usage" ? expected : part(most, share);
    const slots = new Map<Axis, number>();
    for (const axis of this.#axes.values()) slots.set(axis, axis.take(reserved, now));
    this.#shared?.take(reserved);
    this.#sent.add(1, now);
    this.#young.add(1, now);
    const all = sum(most);
    const slot = this.#charges.take({ usage: sum(expected), reserve: all, max_tokens: all }, now);
    return { at: now, demand, expected, most, reserved, charge, share, slots, slot };
  }

  /**
   * What was reserved becomes what was used: `usage` as the server said it, "none" for what it refused, "unknown" for what
   * it may have used.
   */
  settle(reservation: Reservation, usage: Usage | "none" | "unknown", now: number): void {
    const { expected, most, reserved, charge, share, slots, slot, demand } = reservation;
    this.#young.correct(slot, -1, now);
    const used = usedAmounts(usage, expected);
    if (typeof usage === "object" && demand !== null) this.#tokens.learn(demand, usage, now - reservation.at);
    if (typeof usage === "object") this.#learnMean(used);
    const largest = usage === "none" ? nothing : larger(most, used);
    const settled = charge === "max_tokens" ? part(largest, share) : used;
    for (const [axis, at] of slots) axis.settle(at, reserved, settled, now);
    this.#shared?.settle(reserved, settled);
    const change = {
      usage: sum(used) - sum(expected),
      reserve: sum(used) - sum(most),
      max_tokens: sum(largest) - sum(most),
    };
    this.#charges.settle(slot, change, now);
  }

  /** Learns what the headers of an answer say of limits of a minute. */
  hear(hints: LimitHints, now: number): readonly PaceChange[] {
    const changes: PaceChange[] = [];
    for (const { axis, limit } of hints.axes) {
      if (limit === null || axisWindowMs(axis) !== minute.windowMs) continue;
      const change = this.#heard(axis, limit, "as the server's headers say", now);
      if (change !== null) changes.push(change);
    }
    return changes;
  }

  /** An answer came: limits that were learned from refusals may rise, and a way of counting may prove wrong. */
  answered(now: number): readonly PaceChange[] {
    for (const [name, learned] of this.#learned) {
      if (!learned.answered(now)) continue;
      this.#axes.get(name)?.setLimit(learned.value, now);
      if (learned.isAtMost) this.#learned.delete(name);
    }
    const tpm = this.#axes.get("tpm");
    const isSure = tpm !== undefined && !this.#learned.has("tpm");
    return isSure && this.#charges.answered(tpm.limit, now) ? [this.#recharge(tpm.limit, now)] : [];
  }

  /**
   * Takes note of a refusal that names a limit, the `inRow`-th without a request that was let through in between; call it
   * before the refused attempt is settled.
   */
  refused(
    { axis, limit }: NonNullable<LimitHints["exceeded"]>,
    reason: string,
    inRow: number,
    now: number,
  ): readonly PaceChange[] {
    if (limit !== null && limit > 0) {
      const change = this.#heard(axis, limit, reason, now);
      if (change !== null) return [change];
    }
    if (axisWindowMs(axis) !== minute.windowMs) return [];
    this.#refusals.add(1, now);
    const refused = this.#refusals.total(now);
    const known = this.#axes.get(axis);
    const held = countsTokens(axis) ? this.#charges.held(now) : this.#sent.total(now);
    // What was refused is in it.
    const before = held - (countsTokens(axis) ? held / Math.max(1, this.#sent.total(now)) : 1);
    const each = this.#meanTokens === null ? assumedTokens : meanAmount(axis, this.#meanTokens);
    const least = leastAMinute * (countsTokens(axis) ? each : 1);
    if (known === undefined)
      return [this.#learn(axis, Math.max(before, least), Number.POSITIVE_INFINITY, reason, now)];
    const learned = this.#learned.get(axis);
    const isUsedUp = inRow >= usedUpInRow;
    // What is seldom is chance: requests are larger than they were expected, or others share the limit for a while.
    const isOften = refused >= leastRefused && refused >= refusedShare * this.#sent.total(now);
    const most = learned?.most ?? known.limit;
    const isNoChance = isOften || learned !== undefined;
    if (
      axis === "tpm" &&
      most < Number.POSITIVE_INFINITY &&
      this.#charges.refused({ limit: most, excess: this.#excess(now), isUsedUp, isOften: isNoChance }, now)
    )
      return [this.#recharge(most, now)];
    if (learned !== undefined) {
      learned.refused(before, least, now);
      known.setLimit(learned.value, now);
      return [];
    }
    known.tighten(now);
    if (held >= wellBelow * most || !(isUsedUp || isOften)) return [];
    return [this.#learn(axis, Math.max(before, most / 2), most, reason, now)];
  }

  /**
   * What a refusal says of its request: one that counts its `max_tokens`, which are far more than was expected, is taken
   * at its word. Null where it says nothing of that.
   */
  told(
    { axis, limit, requested }: NonNullable<LimitHints["exceeded"]>,
    { demand, expected, most }: Reservation,
    now: number,
  ): readonly PaceChange[] | null {
    const known = limit ?? this.#axes.get("tpm")?.limit ?? null;
    if (axis !== "tpm" || this.charge !== "usage" || requested === undefined || known === null) return null;
    const all = sum(most);
    const isMost = (demand?.mostCompletion ?? null) !== null && requested >= toldShare * all;
    if (!isMost || all < farMore * sum(expected)) return null;
    this.#charges.adopt("reserve", now);
    return [this.#recharge(Math.min(known, this.#stated.tpm ?? known), now)];
  }

  /** A refusal that names nothing, and fewer requests at a time did not help: it may be requests a minute. */
  suspectRate(reason: string, inRow: number, now: number): readonly PaceChange[] {
    return this.refused({ axis: "rpm", limit: null }, reason, inRow, now);
  }

  /** The server refused: the others pause, too. */
  freeze(ms: number): void {
    this.#shared?.freeze(ms);
  }

  /** After a pause everything starts evenly. */
  drain(now: number): void {
    for (const axis of this.#axes.values()) axis.drain(now);
  }

  /** Milliseconds that so many requests take at the limits of a minute, and the axis that takes the longest; 0 without. */
  etaMs(requests: number): { readonly ms: number; readonly axis: LimitAxis | null } {
    let ms = 0;
    let slowest: LimitAxis | null = null;
    for (const [name, { limit }] of this.#axes) {
      if (axisWindowMs(name) !== minute.windowMs) continue;
      const each = meanAmount(name, this.#meanTokens);
      const takes = (requests * each * minute.windowMs) / (limit * 0.97);
      if (takes > ms) {
        ms = takes;
        slowest = name;
      }
    }
    return { ms, axis: slowest };
  }

  /** Tokens that what is in flight will likely have taken beyond what was reserved for it. */
  #excess(now: number): number {
    return Math.max(0, this.#young.total(now)) * this.#tokens.excessInFlight;
  }

  #amounts(demand: Demand | null): Amounts {
    if (demand === null) return nothing;
    const { charge, share } = this.#charges;
    return charge === "usage" ? this.#tokens.expected(demand) : part(this.#tokens.most(demand), share);
  }

  #learnMean(used: Amounts): void {
    const mean = this.#meanTokens;
    const near = (old: number, fresh: number): number => old + (fresh - old) * 0.05;
    this.#meanTokens =
      mean === null ? used : { input: near(mean.input, used.input), output: near(mean.output, used.output) };
  }

  /** A limit that the server states: the lower of it and the user's holds. */
  #heard(axis: LimitAxis, limit: number, reason: string, now: number): PaceChange | null {
    const lower = Math.min(limit, this.#stated[axis] ?? Number.POSITIVE_INFINITY);
    const known = this.#axes.get(axis);
    if (known !== undefined && !this.#learned.has(axis) && known.limit === lower) return null;
    this.#learned.delete(axis);
    this.#set(axis, lower, now);
    return { event: "limit", axis, limit: lower, reason };
  }

  #learn(axis: LimitAxis, value: number, most: number, reason: string, now: number): PaceChange {
    const learned = new LearnedLimit(Math.max(1, Math.round(value)), most, now);
    this.#learned.set(axis, learned);
    this.#set(axis, learned.value, now);
    return { event: "limit", axis, limit: learned.value, reason };
  }

  #set(axis: LimitAxis, limit: number, now: number): void {
    const known = this.#axes.get(axis);
    if (known !== undefined) known.setLimit(limit, now);
    else this.#axes.set(axis, new Axis(axis, limit, now));
  }

  /** Another way of counting: the axis begins anew with what the last minute held by it. */
  #recharge(limit: number, now: number): PaceChange {
    const { charge } = this.#charges;
    const axis = new Axis("tpm", limit, now);
    axis.addPast({ requests: 0, input: this.#charges.held(now), output: 0 }, 0, now);
    this.#axes.set("tpm", axis);
    this.#learned.delete("tpm");
    return { event: "charge", axis: "tpm", limit, reason: chargeReasons[charge] };
  }
}

const lower = "a lower `max_tokens` lets more requests through";
const chargeReasons: Readonly<Record<Charge, string>> = {
  usage: "the server counts the tokens used after all, not `max_tokens`",
  reserve: `the server counts \`max_tokens\` against tpm until the answer is there, not the tokens used: ${lower}`,
  max_tokens: `the server counts \`max_tokens\` against tpm, not the tokens used: ${lower}`,
};

/** Of a request of which nothing is known: no tokens. */
function meanAmount(axis: LimitAxis, mean: Amounts | null): number {
  return axisAmount(axis, mean ?? nothing);
}

function usedAmounts(usage: Usage | "none" | "unknown", expected: Amounts): Amounts {
  if (usage === "none") return nothing;
  if (usage === "unknown") return expected;
  const { promptTokens, completionTokens, totalTokens } = usage;
  const input = promptTokens ?? expected.input;
  const rest = totalTokens === null ? expected.output : Math.max(0, totalTokens - input);
  return { input, output: completionTokens ?? rest };
}

function larger(a: Amounts, b: Amounts): Amounts {
  return { input: Math.max(a.input, b.input), output: Math.max(a.output, b.output) };
}

function part({ input, output }: Amounts, share: number): Amounts {
  return { input: input / share, output: output / share };
}

function sum({ input, output }: Amounts): number {
  return input + output;
}
